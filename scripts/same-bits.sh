#!/bin/sh
# One digest over compilers, optimisation, instruction sets and threads: builds the program in five ways, runs one small
# experiment with each at 1, 2 and 3 threads, and compares every digest of every mouse and day. Takes 43 core
# minutes; needs clang-19 and libomp-19-dev for the Clang builds (left out, aloud, where they are missing).
# Usage: scripts/same-bits.sh [EXPERIMENT] [BUILD_DIRECTORY]
set -eu
cd "$(dirname "$0")/.."
experiment=${1:-experiments/first.toml}
builds=${2:-build/same-bits}
mkdir -p "$builds"
reference=
failed=0

compare() {  # name: build the variant configured in $builds/$1, run it, compare
  cmake --build "$builds/$1" --target stellate >"$builds/$1.log" 2>&1 || { tail -20 "$builds/$1.log" >&2; exit 1; }
  for threads in 1 2 3; do
    out=$builds/$1-$threads
    "$builds/$1/bin/stellate" run "$experiment" --threads "$threads" --out "$out" --force >/dev/null
    sum=$(sha256sum <"$out/digests.csv" | cut -c1-32)
    [ -n "$reference" ] || reference=$sum
    if [ "$sum" = "$reference" ]; then verdict=equal; else verdict=DIFFERENT failed=1; fi
    printf '%-12s %d threads  %s  %s\n' "$1" "$threads" "$sum" "$verdict"
  done
}

variant() {  # name, compiler, flags
  cmake -S . -B "$builds/$1" -G Ninja -DSTELLATE_TESTS=OFF -DCMAKE_CXX_COMPILER="$2" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_FLAGS_RELEASE="$3 -DNDEBUG" >"$builds/$1.log" 2>&1 || { tail -20 "$builds/$1.log" >&2; exit 1; }
  compare "$1"
}

variant gcc-O3 g++ "-O3"
variant gcc-O2 g++ "-O2"
variant gcc-native g++ "-O3 -march=native"
if command -v clang++-19 >/dev/null 2>&1; then
  variant clang-O3 clang++-19 "-O3"
  variant clang-native clang++-19 "-O2 -march=native"
else
  echo "clang++-19 is not installed: its two builds are left out"
fi
exit $failed
