#!/usr/bin/env bash
# Compares tfadir with the programs that do parts of its work today: their CPU seconds and ours, all on one core,
# alternating in one run. Prints the medians, and ours divided by theirs.
#
#   benches/peers.sh CHECKOUT [ROUNDS]
#
# CHECKOUT is a clone of 2factorauth/twofactorauth after `npm install --omit=dev`. Needs `cargo build --release`, taskset,
# npm and python3. `benches/signing.sh` compares with gpg, whose agent does its work outside the measured process.
set -euo pipefail
checkout=$(cd "$1" && pwd)
rounds=${2:-5}
cd "$(dirname "$0")/.."
tfadir=$(realpath "${TFADIR:-${CARGO_TARGET_DIR:-target}/release/tfadir}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

npm install --silent --no-audit --no-fund --prefix "$scratch" ajv-cli@5.0.0 ajv-formats@2.1.1 ajv-errors@3.0.0
python3 -m venv "$scratch/python"
"$scratch/python/bin/pip" install --quiet --disable-pip-version-check check-jsonschema==0.39.0
find "$checkout/entries" -name '*.json' | sort >"$scratch/list"
cp -R "$checkout" "$scratch/checkout"

check() { "$tfadir" --quiet --root "$checkout" check || [ $? = 1 ]; }
build() { "$tfadir" --quiet --root "$checkout" build --unsigned --out "$scratch/dist"; }
# Both only validate against the schema, which is one of 60 rules of `check`. They report that some entries are invalid.
ajv() {
  (cd "$scratch" && node_modules/.bin/ajv validate --all-errors --strict=false --errors=no -c ajv-formats -c ajv-errors \
    -s "$checkout/tests/schemas/entries.json" -d "$checkout/entries/*/*.json") || [ $? = 1 ]
}
check_jsonschema() {
  xargs -a "$scratch/list" "$scratch/python/bin/check-jsonschema" \
    --schemafile "$checkout/tests/schemas/entries.json" || [ $? = 123 ]
}
# Versions 3 and 4, which are a part of what `build` writes. The third generator downloads the names of countries.
generators() {
  local script
  for script in scripts/APIv3.js scripts/APIv4.js; do
    (cd "$scratch/checkout" && NODE_ENV=production node "$script")
  done
}

# Prints the CPU seconds of a command on one core.
cpu() {
  local TIMEFORMAT='%3U %3S'
  { time "$@" >"$scratch/said" 2>&1 || { cat "$scratch/said" >&3; exit 2; }; } 3>&2 2>&1 | awk '{ print $1 + $2 }'
}
median() { sort -n "$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

# compare NAME OURS THEIRS: how many CPU seconds two functions take, and their ratio.
compare() {
  local round
  : >"$scratch/ours"
  : >"$scratch/theirs"
  for round in $(seq 0 "$rounds"); do
    # The first round warms up.
    [ "$round" != 1 ] || : | tee "$scratch/ours" >"$scratch/theirs"
    cpu "$2" >>"$scratch/ours"
    cpu "$3" >>"$scratch/theirs"
  done
  awk -v name="$1" -v ours="$(median "$scratch/ours")" -v theirs="$(median "$scratch/theirs")" \
    'BEGIN { printf "%-28s %7.3f s %8.3f s   %.2f\n", name, ours, theirs, ours / theirs }'
}

taskset -cp 0 $$ >/dev/null
printf '%-28s %9s %10s   %s\n' '' tfadir theirs ratio
compare 'check, ajv-cli' check ajv
compare 'check, check-jsonschema' check check_jsonschema
compare 'build, the Node generators' build generators
