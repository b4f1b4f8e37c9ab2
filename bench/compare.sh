# Sourced by the scripts here: runs two commands in alternation and prints the ratios of their times, with median and spread. Each pair is
# one run of kvol and one of the other command, so that a disturbance of the machine affects both.
pairs=${PAIRS:-7}
TIMEFORMAT='%R %U %S'

# time_of COMMAND...: prints the elapsed time and the processor time of a command and all its children, in seconds
time_of() { { time "$@" >/dev/null; } 2>&1 | awk 'END { printf "%.3f %.3f\n", $1, $2 + $3 }'; }

# undoing FUNCTION PAIR: the same for a function that FUNCTION_undo undoes afterwards
undoing() { time_of "$1" "$2" && "$1_undo" "$2" >/dev/null; }

# compare NAME GOAL MEASURE OURS THEIRS: MEASURE gets OURS or THEIRS and the number of the pair, and prints what time_of prints
compare() {
    local i a b ratios=()
    for ((i = 0; i < pairs; i++)); do
        a=$("$3" "$4" "$i") && b=$("$3" "$5" "$i")
        ratios+=("$a $b")
    done
    printf '%s\n' "${ratios[@]}" | awk -v name="$1" -v goal="$2" '
        function sort(v, n, i, j, t) {
            for (i = 2; i <= n; i++)
                for (j = i; j > 1 && v[j - 1] > v[j]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
        }
        function ratio(ours, theirs) { return theirs > 0 ? ours / theirs : 0 }
        { e[NR] = ratio($1, $3); c[NR] = ratio($2, $4) }
        END { sort(e, NR); sort(c, NR); m = int((NR + 1) / 2)
            printf "%-72s elapsed %.2f (%.2f-%.2f)   processor %.2f (%.2f-%.2f)%s\n",
                name, e[m], e[1], e[NR], c[m], c[1], c[NR], goal == "" ? "" : "  goal " goal }'
}
