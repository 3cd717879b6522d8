# Makes system calls by other doors than the machine's own (x86-64 only): x32's numbers, and i386's
# int 0x80.
import ctypes
import mmap
import sys

libc = ctypes.CDLL(None, use_errno=True)


def x32():
    return libc.syscall(0x40000000 | 39)  # getpid; ENOSYS where the kernel has no x32


def i386():
    code = bytes.fromhex("53b814000000cd805bc3")  # push rbx; mov eax, 20 (getpid); int 0x80; pop rbx; ret
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()


print({"x32": x32, "i386": i386}[sys.argv[1]]() != 0)
