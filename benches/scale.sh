#!/usr/bin/env bash
# Measures how time and memory grow with the number of entries: generates 25,000 valid ones and ten times as many, without
# icons and the website's data. Prints the CPU seconds and the peak memory of `check` and `build`, and the slopes between
# both sizes on logarithmic scales. A slope of 1 is linear.
#
#   benches/scale.sh [ENTRIES]
#
# Needs GNU time, python3, `cargo build --release`, and 3 GB in the folder for temporary files.
set -euo pipefail
cd "$(dirname "$0")/.."
small=${1:-25000}
large=$((small * 10))
tfadir=$(realpath "${TFADIR:-${CARGO_TARGET_DIR:-target}/release/tfadir}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

generate() {
  python3 - "$scratch/$1" "$1" <<'END'
import json, pathlib, sys
root, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
letters = "abcdefghijklmnopqrstuvwxyz"
for letter in letters:
    (root / "entries" / letter).mkdir(parents=True)
(root / "directory.toml").write_text("[frontend]\nenabled = false\n")
for number in range(count):
    letter = letters[number % 26]
    domain = f"{letter}{number}.example.com" if number % 50 == 0 else f"{letter}{number}.com"
    entry = {"domain": domain, "tfa": ["totp", "u2f"][: 1 + number % 2], "documentation": f"https://{domain}/2fa"}
    if number % 10 == 0:
        entry["regions"] = ["us", "de"]
    entry["categories"] = [["email", "finance", "gaming"][number % 3]]
    text = json.dumps({f"Site {number}": entry}, indent=2) + "\n"
    (root / "entries" / letter / f"{domain}.json").write_text(text)
END
}

# Appends the CPU seconds and the peak memory in KiB of a command to a file.
measure() {
  local file=$1
  shift
  /usr/bin/time -a -o "$file" -f '%U %S %M' "$tfadir" --quiet --root "$@" >"$scratch/said" || [ $? = 1 ]
}

for count in "$small" "$large"; do
  generate "$count"
  measure "$scratch/check" "$scratch/$count" check
  measure "$scratch/build" "$scratch/$count" build --unsigned --out "$scratch/$count/dist"
  rm -rf "${scratch:?}/$count"
done
for command in check build; do
  awk -v command="$command" -v small="$small" -v large="$large" '
    { cpu[NR] = $1 + $2; memory[NR] = $3 }
    END {
      slope = log(cpu[2] / cpu[1]) / log(10)
      printf "%s  %.2f s and %.2f s of CPU, slope %.2f  %.2f and %.2f KiB an entry\n", command, cpu[1], cpu[2], slope,
        memory[1] / small, memory[2] / large
    }' "$scratch/$command"
done
