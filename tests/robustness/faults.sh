#!/bin/sh
# Every call by which a run writes fails once, and so does memory: the run ends with exit 0 and the reference's results, or
# with exit 1 and a message, and the same command then goes on to the reference's results. Never a signal, never a wrong result.
#     faults.sh PROGRAM FAULT_LIBRARY EXPERIMENT [STEP [OPTIONS]]
# STEP: only every so many of the calls of a kind (1: all of them). Prints what was tried and the counts.
set -u
program=$(realpath "$1"); library=$(realpath "$2"); experiment=$(realpath "$3"); step=${4:-1}; options=${5:---mice 1 --days 1}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
ulimit -c 0
# shellcheck disable=SC2086
stellate() { "$program" run "$experiment" $options --tables-only --threads 1 --quiet --out "$@"; }
stellate reference >log 2>&1 || { cat log; exit 1; }
same() { cmp -s "$1/digests.csv" reference/digests.csv && cmp -s "$1/endpoints.csv" reference/endpoints.csv; }

bad=0; tried=0; done_at_once=0; failed=0
try() { # CALL K ERROR
  rm -rf run run.unfinished
  FAULT=$1:$2:$3 LD_PRELOAD=$library stellate run >log 2>&1
  status=$?
  tried=$((tried + 1))
  case $status in
    0) done_at_once=$((done_at_once + 1)) ;;
    1) failed=$((failed + 1)); [ -s log ] || { echo "$1 $2 $3: exit 1 without a word"; bad=$((bad + 1)); } ;;
    2) [ -s log ] && [ ! -e run ] || { echo "$1 $2 $3: exit 2 and something written"; bad=$((bad + 1)); } ; failed=$((failed + 1)) ;;
    *) echo "$1 $2 $3: exit $status"; cat log; bad=$((bad + 1)) ;;
  esac
  [ -e run ] || stellate run --resume >again 2>&1 || { echo "$1 $2 $3: cannot go on"; cat log again; bad=$((bad + 1)); return; }
  same run || { echo "$1 $2 $3: other results"; bad=$((bad + 1)); }
}
for fault in write:EIO write:ENOSPC write:EINTR write:short fsync:EIO rename:EIO rename:ENOSPC close:EIO mkdir:ENOSPC open:EIO malloc:ENOMEM; do
  call=${fault%%:*}; error=${fault##*:}
  rm -rf run run.unfinished
  FAULT=$call:0:$error FAULT_COUNT=$work/count LD_PRELOAD=$library stellate run >log 2>&1 || { cat log; exit 1; }
  number=$(cat count)
  # Allocations are many: as many of them are tried as of the most frequent other call.
  by=$step; [ "$call" != malloc ] || by=$((number / 200 * step + 1))
  k=1
  while [ "$k" -le "$number" ]; do try "$call" "$k" "$error"; k=$((k + by)); done
  echo "$call $error: $number calls, every $by tried"
done
echo "$tried faults: $done_at_once ended with the reference's results all the same, $failed stopped with a message, $bad bad"
[ "$bad" = 0 ]
