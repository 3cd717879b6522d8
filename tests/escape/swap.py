"""Puts two files in a command's place in turn, as fast as it can, until it is killed: swap.py HOW
PLACE GOOD EVIL."""
import os
import shutil
import sys

how, place, good, evil = sys.argv[1:]
directory = os.path.dirname(place)
other = directory + ".other"


def rename(what):
    shutil.copy(what, place + ".new")
    os.rename(place + ".new", place)


def rewrite(what):
    with open(what, "rb") as source, open(place, "r+b") as file:
        file.write(source.read())


def link(what):
    os.symlink(what, place + ".new")
    os.rename(place + ".new", place)


def whole_directory(_what):
    """Two directories, each with a file of that name, change places."""
    os.rename(directory, directory + ".away")
    os.rename(other, directory)
    os.rename(directory + ".away", other)


if how == "whole_directory":
    shutil.copytree(directory, other)
    shutil.copy(evil, os.path.join(other, os.path.basename(place)))
print("swapping", flush=True)
while True:
    for each in (evil, good):
        globals()[how](each)
