#!/usr/bin/env bash
# Makes the README's pictures from the demo: tests/screenshots.sh (after `cargo build --release` and ./test.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
svodka="${CARGO_TARGET_DIR:-target}/release/svodka"
data="$(mktemp -d)"
"$svodka" demo --data "$data" --listen 127.0.0.1:0 > "$data/address" 2>/dev/null &
server=$!
trap 'kill $server 2>/dev/null || true; rm -rf "$data"' EXIT
for _ in $(seq 300); do
    grep -q http "$data/address" && break
    sleep 0.2
done
address="$(head -n 1 "$data/address")"
mkdir -p dashboards/pictures
shot() { # file, path, width, height, extra flags
    local profile; profile="$(mktemp -d)"
    chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars \
        --disable-background-networking --disable-component-update --disable-sync --lang=ru \
        --user-data-dir="$profile" --window-size="$3,$4" ${5:-} \
        --screenshot="dashboards/pictures/$1.png" "${address%/}$2" 2>/dev/null
    rm -rf "$profile"
}
shot start / 1280 1000
shot attendance "/dashboards/attendance?from=2025-10-01&to=2025-10-31" 1280 1500
shot hours "/dashboards/hours?from=2025-10-01&to=2025-10-31" 1280 1500
shot attendance-dark-phone "/dashboards/attendance?from=2025-10-01&to=2025-10-31" 390 1800 --blink-settings=preferredColorScheme=0
ls -l dashboards/pictures
