#!/usr/bin/env bash
# Installs what the tests need and runs all of them. Needs Rust, a C compiler, Python 3 and, on
# Debian, the right to install packages (root or sudo).
#   ./test.sh              everything
#   ./test.sh lake::       only the tests whose name contains "lake::"
set -euo pipefail
cd "$(dirname "$0")"

say() { printf '\n== %s\n' "$*"; }

say "tools the tests drive: a browser, DuckDB"
needed=()
command -v chromium >/dev/null || needed+=(chromium)
command -v python3 >/dev/null || needed+=(python3)
fc-list 2>/dev/null | grep -qi dejavu || needed+=(fonts-dejavu-core)
python3 -c 'import venv, ensurepip' 2>/dev/null || needed+=(python3-venv)
if [ ${#needed[@]} -gt 0 ]; then
    root=()
    [ "$(id -u)" -eq 0 ] || root=(sudo)
    "${root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${needed[@]}" >/dev/null
fi

cache="${SVODKA_TEST_CACHE:-$PWD/.cache}"
venv="$cache/venv"
if ! cmp -s tests/requirements.txt "$venv/installed.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/requirements.txt
    cp tests/requirements.txt "$venv/installed.txt"
fi
export SVODKA_TEST_PYTHON="$venv/bin/python"

say "formatting"
cargo fmt --all --check

say "build"
cargo build --release --locked

say "queries, dashboards and acts"
checked="$(mktemp -d)"
trap 'rm -rf "$checked"' EXIT
cargo run --release --locked --quiet -- check --data "$checked"

if [ $# -eq 0 ]; then
    say "licences and sources"
    deny="$(command -v cargo-deny || true)"
    if [ -z "$deny" ]; then
        deny="$cache/tools/bin/cargo-deny"
        # The tool is no part of the product: the quickest build of it will do.
        [ -x "$deny" ] || CARGO_TARGET_DIR="$cache/tools/target" cargo install --quiet --debug --locked --root "$cache/tools" cargo-deny@0.20.2
    fi
    "$deny" --log-level error check licenses bans sources
fi

say "tests"
cargo test --release --locked --test svodka_tests "$@"
