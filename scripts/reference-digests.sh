#!/bin/sh
# Computes the reference runs of docs/digests.md again and compares their digests with the table there.
# Usage: scripts/reference-digests.sh [--record] [PROGRAM]     --record writes what was found into the table instead
#        THREADS=N: threads of each run (default 1); any number must give the same. RUNS="section block": only these.
set -eu
cd "$(dirname "$0")/.."
table=docs/digests.md
record=0
if [ "${1:-}" = --record ]; then record=1; shift; fi
program=${1:-build/release/bin/stellate}
[ -x "$program" ] || { echo "$program: no program; build it first, or name it" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Rows are | name | `run ...` | `digest` | what it covers |
sed -n 's/^| \([a-z-]*\) | `\(run [^`]*\)` | `\([^`]*\)` |.*/\1|\3|\2/p' "$table" >"$work/rows"
[ -s "$work/rows" ] || { echo "$table: holds no reference runs" >&2; exit 2; }
compared=0 different=0
while IFS='|' read -r name expected command; do
  case " ${RUNS:-$name} " in *" $name "*) ;; *) continue ;; esac
  # shellcheck disable=SC2086
  "$program" $command --threads "${THREADS:-1}" --out "$work/$name" --quiet >"$work/log" 2>&1 </dev/null ||
    { echo "$name: stellate $command failed:" >&2; cat "$work/log" >&2; exit 1; }
  found=$("$program" digest "$work/$name" | sed -n 's/^\([0-9a-f]*\)  all .*/\1/p')
  compared=$((compared + 1))
  if [ "$record" = 1 ]; then
    sed -i "s/^\(| $name | \`[^\`]*\` | \`\)[^\`]*/\1$found/" "$table"
    verdict=recorded
  elif [ "$found" = "$expected" ]; then
    verdict=equal
  else
    verdict="DIFFERENT, expected $expected" different=$((different + 1))
    "$program" digest "$work/$name" >&2
  fi
  printf '%-10s %s  %s\n' "$name" "$found" "$verdict"
done <"$work/rows"
[ "$compared" -gt 0 ] || { echo "RUNS names none of the reference runs" >&2; exit 2; }
echo "$compared compared, $different different"
[ "$different" = 0 ]
