#!/usr/bin/env bash
# Measures how long it takes to sign and verify the files of versions 3 and 4 of the real data set, with both kinds of
# signatures: with a loop over gpg, and with tfadir. Both use the same key and passphrase, alternating in one run.
#
#   benches/signing.sh [ROUNDS]
#
# Needs gpg, gpgv, `cargo build --release`, and the data set in ../shared/corpus. The results are in benches/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:-5}
tfadir=${CARGO_TARGET_DIR:-target}/release/tfadir
root=../shared/corpus/2025-06-30
scratch=$(mktemp -d)
export GNUPGHOME=$scratch/gpg
trap 'gpgconf --kill all; rm -rf "$scratch"' EXIT
mkdir -m 700 "$GNUPGHOME"
printf 'correct horse battery staple' >"$scratch/passphrase"

gpg_() { gpg --batch --quiet --no-tty --pinentry-mode loopback --passphrase-file "$scratch/passphrase" "$@"; }

# What directories run today: one file at a time, with the passphrase in a file as in CI.
with_gpg() {
  local file
  for file in "$scratch"/loop/v[34]/*.json; do
    gpg_ --sign --output "$file.gpg" "$file"
    gpg_ --detach-sign --output "$file.sig" "$file"
    gpg_ --verify "$file.sig" "$file"
    gpgv --quiet --keyring "$scratch/ring.gpg" --output "$scratch/out.json" "$file.gpg"
    rm "$scratch/out.json"
  done
}

# The same for all JSON files, which are more; also compares every other file with the manifest.
with_tfadir() {
  "$tfadir" --quiet sign "$scratch/whole" --key "$scratch/secret.asc" --password-file "$scratch/passphrase"
  "$tfadir" --quiet verify "$scratch/whole" --cert "$scratch/cert.asc"
}

# Prints how many seconds a command takes.
seconds() {
  local start=$EPOCHREALTIME
  "$@" 2>>"$scratch/said" || { cat "$scratch/said" >&2; exit 2; }
  awk -v start="$start" -v end="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", end - start }'
}

median() { sort -n "$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

missed=0
declare -A bounds=([ed25519]=22 [rsa4096]=14)
for algorithm in ed25519 rsa4096; do
  bound=${bounds[$algorithm]}
  user="$algorithm <bench@directory.example>"
  gpg_ --quick-generate-key "$user" "$algorithm" sign 1y 2>/dev/null
  gpg_ --armor --export-secret-keys "=$user" >"$scratch/secret.asc"
  gpg_ --armor --export "=$user" >"$scratch/cert.asc"
  gpg_ --export "=$user" >"$scratch/ring.gpg"
  echo "default-key =$user" >"$GNUPGHOME/gpg.conf"
  rm -rf "$scratch/unsigned"
  "$tfadir" --quiet --root "$root" build --unsigned --cert "$scratch/cert.asc" --out "$scratch/unsigned"
  : >"$scratch/gpg.times"
  : >"$scratch/tfadir.times"
  for _ in $(seq "$rounds"); do
    rm -rf "$scratch/loop" "$scratch/whole"
    cp -r "$scratch/unsigned" "$scratch/loop"
    cp -r "$scratch/unsigned" "$scratch/whole"
    seconds with_gpg >>"$scratch/gpg.times"
    # tfadir flushes the whole file system. The copies and gpg's files are flushed first, so that they do not count.
    sync
    seconds with_tfadir >>"$scratch/tfadir.times"
  done
  # Each of the 18 files has all its signatures, both ways.
  for made in loop whole; do
    [ "$(find "$scratch/$made"/v[34] -name '*.json.gpg' -o -name '*.json.sig' | wc -l)" = 36 ]
  done
  loop=$(median "$scratch/gpg.times")
  whole=$(median "$scratch/tfadir.times")
  ratio=$(awk -v a="$loop" -v b="$whole" 'BEGIN { printf "%.1f", a / b }')
  printf '%-8s  gpg %7.3f s   tfadir %7.3f s   %5.1f times as fast  (at least %s)\n' "$algorithm" "$loop" "$whole" "$ratio" "$bound"
  awk -v ratio="$ratio" -v bound="$bound" 'BEGIN { exit ratio < bound }' || missed=1
done
exit "$missed"
