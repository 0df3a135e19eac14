#!/bin/sh
# The long form of what the suite tries in short: runs killed, stopped and gone on with, disks that fill, files that rot, calls of the
# system that fail. Prints one line for each part, with what was tried and what held; exit 1 if anything did not. Figures: docs/robustness.md.
#     tests/robustness/soak.sh [BUILD]           build/release if not given; an hour or so on two cores
#     PARTS="kills disk" tests/robustness/soak.sh   only these
set -u
here=$(cd "$(dirname "$0")" && pwd); root=$(cd "$here/../.." && pwd)
build=$(cd "${1:-$root/build/release}" && pwd)
program=$build/bin/stellate
seed=${SEED:-20261127}
parts=${PARTS:-kills signals splits shuffles rot disk faults surroundings}
work=$(mktemp -d); trap 'umount "$work/disk" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"; cp "$here/chaos.toml" .; ln -s "$root/models" models
options="--tables-only --threads 2 --quiet"
# shellcheck disable=SC2086
stellate() { "$program" run chaos.toml $options --out "$@"; }
status=0
part() { case " $parts " in *" $1 "*) return 0 ;; *) return 1 ;; esac }
held() { echo "$1: $2 of $3"; [ "$2" = "$3" ] || status=1; }
same() { cmp -s "$1/digests.csv" reference/digests.csv && cmp -s "$1/endpoints.csv" reference/endpoints.csv &&
  cmp -s "$1/growth.csv" reference/growth.csv && [ -z "$(find "$1" -name '*.tmp-*')" ]; }
echo "master seed $seed"
begin=$(date +%s%N); stellate reference >/dev/null || exit 1
took=$(( ($(date +%s%N) - begin) / 1000000 )); echo "reference: $took ms, $("$program" digest reference | tail -n 1)"
# The n-th random moment of the run, in s; of the second half of n the shorter ones.
moment() { awk -v s="$seed" -v n="$1" -v ms="$took" 'BEGIN { srand(s + n); for (i = 0; i < 5; ++i) rand(); printf "%.3f", rand() * ms / 1000 }'; }
# Not by the function above: the signal must reach the program, not a shell around it.
stop_at() { # SIGNAL MOMENT OUT [OPTIONS]
  signal=$1; at=$2; out=$3; shift 3
  # shellcheck disable=SC2086
  "$program" run chaos.toml $options --out "$out" "$@" >log 2>&1 & pid=$!
  sleep "$at"; kill -s "$signal" $pid 2>/dev/null; wait $pid 2>/dev/null
}

# What was stopped goes on, and must end as the reference. Counts in `ok`, and in `in_time` what was not over already.
goes_on() { # WHAT
  if [ ! -d k ]; then in_time=$((in_time + 1)); stellate k --resume >log 2>&1 || cat log; fi
  if same k; then ok=$((ok + 1)); else echo "$1 differs"; fi
  rm -rf k k.unfinished
}

if part kills; then
  ok=0; in_time=0
  for n in $(seq 50); do
    stop_at KILL "$(moment "$n")" k
    goes_on "kill $n"
  done
  held "killed once at a random moment ($in_time in time)" $ok 50
  ok=0; in_time=0
  for n in $(seq 10); do
    # While a checkpoint is being written: when its temporary folder is there.
    # shellcheck disable=SC2086
    "$program" run chaos.toml $options --out k >log 2>&1 & pid=$!
    tries=0; until [ -n "$(find k.unfinished -name '.tmp-*' 2>/dev/null | head -n 1)" ] || [ $tries -gt 3000 ]; do tries=$((tries + 1)); done
    kill -9 $pid 2>/dev/null; wait $pid 2>/dev/null
    goes_on "kill within a checkpoint $n"
  done
  held "killed while a checkpoint was written ($in_time in time)" $ok 10
  ok=0; in_time=0
  for n in $(seq 10); do
    stop_at KILL "$(moment $((100 + n)))" k
    [ -d k ] || stop_at KILL "$(moment $((200 + n)))" k --resume
    goes_on "double kill $n"
  done
  held "killed twice ($in_time in time)" $ok 10
fi

if part signals; then
  ok=0; in_time=0; silent=0
  for n in $(seq 10); do
    signal=TERM; expected=143; [ $((n % 2)) = 0 ] || { signal=INT; expected=130; }
    stop_at $signal "$(moment $((300 + n)))" k; code=$?
    if [ ! -d k ] && { [ "$code" != "$expected" ] || ! grep -q 'on disk as it stood\|nothing was written' log; }; then
      echo "signal $n: exit $code"; silent=$((silent + 1))
    fi
    goes_on "signal $n"
  done
  held "stopped by SIGTERM and SIGINT in turn ($in_time in time)" $((ok - silent)) 10
fi

# A suite of the unit tests, which must have run one test and passed it.
suite() { # LINE PROGRAM FILTER
  if "$build/bin/$2" --gtest_filter="$3" >log 2>&1 && grep -q 'PASSED  . 1 test' log; then echo "$1"; else cat log; status=1; fi
}
if part splits; then STELLATE_WORLDS=60 suite "60 worlds split at 6 ticks each: all alike" test_simulation 'StoredWorld.split*'; fi
if part shuffles; then STELLATE_SHUFFLES=200 suite "200 orders of bricks: all alike" test_simulation 'SameBits.the_order*'; fi
if part rot; then suite "1000 rotted checkpoints: all found, the one before used" test_laboratory 'rotted_checkpoints.*'; fi

if part disk; then
  needed=$(du -sk reference | cut -f1); needed=$((needed + 600)) # KB; what a run has on disk besides
  mkdir disk
  if ! mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null; then
    echo "disk full: NOT TRIED, this user may not mount"
  else
    umount disk; ok=0; full=0
    for level in $(seq 20); do
      mount -t tmpfs -o size=$((needed * level / 20))k tmpfs disk
      stellate disk/k >log 2>&1; code=$?
      good=1
      case $code in
        0) ;;
        1) full=$((full + 1)); grep -q 'No space left\|are free' log || { echo "level $level: no word of space"; good=0; }
           [ -d disk/k ] && { echo "level $level: results in part"; good=0; }
           find disk -name '*.csv' -size 0 | grep -q . && { echo "level $level: an empty table"; good=0; }
           if [ -d disk/k.unfinished ]; then "$program" check disk/k.unfinished >/dev/null 2>log2 || { cat log2; good=0; }; fi
           mount -o remount,size=64m disk
           stellate disk/k --resume >log 2>&1 || { cat log; good=0; } ;;
        2) full=$((full + 1)); mount -o remount,size=64m disk; stellate disk/k >log 2>&1 || good=0 ;;
        *) echo "level $level: exit $code"; good=0 ;;
      esac
      same disk/k || { echo "level $level differs"; good=0; }
      ok=$((ok + good)); umount disk
    done
    held "disks that fill ($full of 20 did)" $ok 20
  fi
fi

if part faults; then
  sh "$here/faults.sh" "$program" "$(find "$build" -name 'libfault.so' | head -n 1)" "$here/chaos.toml" 1 || status=1
fi
if part surroundings; then sh "$here/surroundings.sh" "$program" "$here/chaos.toml" || status=1; fi
exit $status
