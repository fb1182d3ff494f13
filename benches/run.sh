#!/usr/bin/env bash
# Measures Svodka beside DuckDB over the same data, in one run, and prints ratios.
#   benches/run.sh                      100 institutions, 600 pupils each, a school year (about 50 million attendance rows, 15 GB of disk)
#   benches/run.sh 10 300               smaller: institutions, pupils in each
#   BENCH_DIR=/somewhere benches/run.sh where exports and lake go (default ./target/bench; kept for the next run)
set -euo pipefail
cd "$(dirname "$0")/.."
institutions="${1:-100}"
pupils="${2:-600}"
work="${BENCH_DIR:-$PWD/target/bench}/$institutions-$pupils"
python="${SVODKA_TEST_PYTHON:-.cache/venv/bin/python}"
[ -x "$python" ] || { echo "run ./test.sh first: it installs DuckDB for Python" >&2; exit 1; }
cargo build --release --locked --quiet
svodka="${CARGO_TARGET_DIR:-target}/release/svodka"

mkdir -p "$work"
if [ ! -f "$work/exports.done" ]; then
    echo "== exports of $institutions institutions with $pupils pupils each"
    rm -rf "$work/exports"
    "$svodka" sample -o "$work/exports" --institutions "$institutions" --pupils "$pupils" \
        --from 2025-09-01 --to 2026-05-31 --seed 1 --bulk
    touch "$work/exports.done"
fi

exec "$python" benches/compare.py --svodka "$svodka" --exports "$work/exports" --work "$work"
