#!/bin/sh
# The field solver gives one digest whatever the compiler, its optimisation, the build's instruction set and the
# instruction set chosen at run time. Usage: tests/robustness/fields_bits.sh [scratch directory]. Exit 1 if digests differ.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=${1:-$(mktemp -d)}
mkdir -p "$scratch"
sources="$root/tests/robustness/fields_bits.cpp $(ls "$root"/src/fields/*.cpp) $root/src/core/error.cpp $root/src/core/hash.cpp \
  $root/src/core/ids.cpp $root/src/core/math.cpp"
expected=
status=0
for compiler in g++ clang++-19; do
    command -v "$compiler" > /dev/null || { echo "$compiler: not here, skipped"; continue; }
    for flags in "-O0" "-O2" "-O3" "-O3 -march=native" "-O2 -mavx2 -mfma"; do
        case $flags in *mfma*) grep -q ' fma ' /proc/cpuinfo || continue ;; esac
        # shellcheck disable=SC2086
        "$compiler" -std=c++20 $flags -fopenmp -ffp-contract=off -fno-math-errno -I"$root/src" $sources \
            -o "$scratch/fields_bits" -lfmt -lxxhash
        for lanes in baseline avx2 avx512; do
            got=$("$scratch/fields_bits" $lanes)
            echo "$got  $compiler $flags, $lanes"
            [ "$got" = unsupported ] && continue
            [ -n "$expected" ] || expected=$got
            [ "$got" = "$expected" ] || status=1
        done
    done
done
[ $status = 0 ] && echo "one digest" || echo "digests differ"
exit $status
