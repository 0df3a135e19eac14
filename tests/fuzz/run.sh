#!/bin/sh
# libFuzzer on every reader of input, with the address and undefined-behaviour sanitizers (clang-19):
#   tests/fuzz/run.sh [SECONDS]     for each target; default 60. What it finds ends in build/fuzz/finds.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
cmake --preset fuzz >build/fuzz.log 2>&1 || { cat build/fuzz.log >&2; exit 1; }
cmake --build build/fuzz --target fuzz_toml fuzz_experiment fuzz_records fuzz_rules
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
mkdir -p build/fuzz/finds
for target in toml experiment records rules; do
  # What is new goes beside the kept corpus, not into it.
  mkdir -p "build/fuzz/corpus/$target"
  build/fuzz/bin/fuzz_$target "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" -max_total_time="$seconds" -timeout=2 \
    -rss_limit_mb=512 -max_len=16384 -artifact_prefix=build/fuzz/finds/$target- -print_final_stats=1 2>&1 | tail -n 14
done
ls build/fuzz/finds
[ -z "$(ls build/fuzz/finds)" ]
