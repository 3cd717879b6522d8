# awk -f report.awk NAMES GOALS ROUND.csv...
#
# Prints each row's median time and the ratios that have a goal, from hyperfine's files, one a
# round. NAMES: the rows, one a line, in order. GOALS: ours|theirs|at most. It compares medians
# within each round, so a machine that slows down between rounds changes no ratio.

# Sorts values[1..count] in place and returns the middle one.
function middle(values, count,    i, j, held) {
	for (i = 2; i <= count; i++) {
		held = values[i]
		for (j = i - 1; j > 0 && values[j] > held; j--)
			values[j + 1] = values[j]
		values[j + 1] = held
	}
	return (values[int((count + 1) / 2)] + values[int(count / 2) + 1]) / 2
}

# A row that a file lacks would read as 0 ms.
function complete(    i, r) {
	for (i = 1; i <= rows; i++)
		for (r = 1; r <= rounds; r++)
			if (!(median[name[i], r] > 0)) {
				print "report.awk: round " r " has no time for " name[i] >"/dev/stderr"
				return 0
			}
	return rounds > 0
}

function print_times(    i, r, value, m) {
	printf "%-24s %8s %9s %8s\n", "median ms", "middle", "least", "most"
	for (i = 1; i <= rows; i++) {
		for (r = 1; r <= rounds; r++)
			value[r] = median[name[i], r]
		m = middle(value, rounds)
		printf "%-24s %8.3f %9.3f %8.3f\n", name[i], m, value[1], value[rounds]
	}
}

function print_ratio(ours, theirs, at_most,    r, value, m) {
	if (!((ours, 1) in median) || !((theirs, 1) in median))
		return
	for (r = 1; r <= rounds; r++)
		value[r] = median[ours, r] / median[theirs, r]
	m = middle(value, rounds)
	printf "%-44s %8.2f %9.2f %8.2f  %4.2f %s\n", ours " / " theirs, m, value[1],
		value[rounds], at_most, (m <= at_most + 0 ? "met" : "missed")
}

FNR == 1 { file++ }
file == 1 { name[++rows] = $0; next }
file == 2 { goal[++goals] = $0; next }
{ split($0, field, ",") }
FNR == 1 {
	rounds++
	column = 1
	while (field[column] != "median" && column < 20)
		column++
	next
}
{ median[field[1], rounds] = field[column] * 1000 }

END {
	if (!complete())
		exit 1
	print_times()
	printf "\n%-44s %8s %9s %8s  %s\n", "ratio", "middle", "least", "most", "goal"
	for (i = 1; i <= goals; i++) {
		split(goal[i], part, "|")
		print_ratio(part[1], part[2], part[3])
	}
}
