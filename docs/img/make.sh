#!/usr/bin/env bash
# Retakes the README's screenshot, from the entries of this repository. Needs chromium, node and npm.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A temporary key, because a build with a development key shows a notice on every page.
cargo run --quiet -- key generate --email security@directory.example --no-passphrase --out "$work/key.asc"
cargo run --quiet -- build --release --key "$work/key.asc" --out "$work/site"

if [ -z "${BROWSER_NODE_MODULES:-}" ]; then
  cp tests/browser/package.json tests/browser/package-lock.json "$work"
  (cd "$work" && npm ci --silent --no-audit --no-fund)
  export BROWSER_NODE_MODULES=$work/node_modules
fi
SITE=$work/site node tests/browser/screenshot.mjs docs/img
if command -v oxipng >/dev/null; then oxipng --quiet --opt max --strip safe docs/img/*.png; fi
