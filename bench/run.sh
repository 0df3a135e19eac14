#!/bin/sh
# Builds the benchmarks (Release) and runs them on one core: W2 mechanics, multigrid and the peers' LOD scheme, rules,
# checkpoints. Prints
# one table each with the ratio to a limit measured in the same run; JSON goes to build/bench/*.json.
# The whole mouse: `stellate run experiments/hsc-depletion.toml --mice 1 --threads 1 --primaries colon --arms control`,
# whose provenance.json holds seconds per phase and the share awake.
set -eu
cd "$(dirname "$0")/.."
# For the instruction set that ./dev chose for build/release: what a user runs.
arch=$(sed -n 's/^STELLATE_ARCH:STRING=//p' build/release/CMakeCache.txt 2>/dev/null || true)
cmake --preset bench -DSTELLATE_ARCH="$arch" >/dev/null
cmake --build build/bench --target bench_mechanics bench_fields bench_rules bench_checkpoints >/dev/null
for program in mechanics fields rules checkpoints; do
  OMP_NUM_THREADS=1 build/bench/bin/bench_$program --benchmark_out=build/bench/$program.json --benchmark_out_format=json "$@"
done
