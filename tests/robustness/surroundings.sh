#!/bin/sh
# Odd surroundings change no bit: clocks, time zones, languages, missing variables, names, limits. A place where a run cannot be costs
# exit 1 or 2 and a message.
#     surroundings.sh PROGRAM EXPERIMENT
set -u
program=$(realpath "$1"); experiment=$(realpath "$2")
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
bad=0; tried=0
options="--mice 1 --days 1 --arms control --tables-only --quiet --threads 2"
# shellcheck disable=SC2086
stellate() { "$program" run "$experiment" $options --out "$@"; }
stellate reference >/dev/null || exit 1
say() { echo "$1"; bad=$((bad + 1)); }
# The run in `$out` must have ended, with the reference's tables.
same() {
  tried=$((tried + 1))
  for table in digests.csv endpoints.csv growth.csv; do
    cmp -s "$out/$table" "$work/reference/$table" || { say "$1: $table differs or is missing"; break; }
  done
  rm -rf "$out"
}
out=$work/out
for language in C C.UTF-8 de_DE.UTF-8 tr_TR.UTF-8 nonsense; do
  LC_ALL=$language LANG=$language stellate "$out" >/dev/null 2>&1; same "language $language"
done
for zone in UTC Pacific/Kiritimati America/St_Johns nonsense; do TZ=$zone stellate "$out" >/dev/null 2>&1; same "time zone $zone"; done
env -i "$program" run "$experiment" $options --out "$out" >/dev/null 2>&1; same "no environment"
HOME= TMPDIR=/nowhere stellate "$out" >/dev/null 2>&1; same "no home, no folder for temporaries"
(umask 000; stellate "$out" >/dev/null 2>&1)
wide=$(find "$out" -perm -o+w ! -type l | head -n 1); [ -z "$wide" ] || [ -d "$wide" ] || say "umask 000: anyone may write $wide"
same "umask 000"
(ulimit -s 1024; stellate "$out" >/dev/null 2>&1); same "a stack of 1 MB"
(ulimit -n 32; stellate "$out" >/dev/null 2>&1); same "32 open files"
if command -v faketime >/dev/null 2>&1; then
  for jump in '-1y' '+1y'; do faketime -f "$jump" "$program" run "$experiment" $options --out "$out" >/dev/null 2>&1; same "clock $jump"; done
fi
mkdir readonly; chmod 500 readonly
(cd readonly && stellate "$out" >/dev/null 2>&1); same "a working folder that cannot be written"
stellate "$out" >&- 2>/dev/null; status=$?
[ "$status" = 1 ] || say "standard output closed: exit $status"
same "standard output closed"
stellate "$out" 2>&1 | true; same "a pipe that nobody reads"
name=$(printf 'with blank, "quotes", \047apostrophe\047,\nline feed, \360\237\220\255')
out="$work/$name"; stellate "$out" >/dev/null 2>&1; same "a name of all kinds of characters"
out=$work/$(printf '%0244d' 0); stellate "$out" >/dev/null 2>&1; same "a name of 244 characters"
out=$work/$(printf '%0255d' 0); stellate "$out" >log 2>&1; status=$?
[ "$status" = 2 ] && [ -s log ] || say "a name too long with .unfinished: exit $status"
[ "$bad" = 0 ] && echo "$tried surroundings, the same results in all"
exit "$bad"
