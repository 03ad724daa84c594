#!/usr/bin/env bash
# Measures what the change feed adds to a build of the real data set with a history of 20,000 commits, and how long
# `tfadir diff HEAD~1` takes compared with `tfadir check`. Alternates the commands in one run.
#
#   benches/history.sh [ROUNDS]
#
# Needs git, `cargo build --release`, and the data set in ../shared/corpus. The results are in benches/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:-15}
commits=20000
tfadir=$(realpath "${CARGO_TARGET_DIR:-target}/release/tfadir")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root
mkdir "$root"
cp -r ../shared/corpus/2025-06-30/entries "$root"
cp ../shared/corpus/2025-06-30/categories.json "$scratch"
mkdir "$root/schemas"
cp "$scratch/categories.json" "$root/schemas"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
git_() { git -C "$root" -c user.name=bench -c user.email=bench@directory.example "$@"; }

settings() { printf '[feed]\nenabled = %s\n' "$1" >"$root/directory.toml"; }

# Of three commits, one changes a method of a site, one only its formatting, and one another file.
git_ init --quiet --initial-branch=main
settings false
git_ add --all
git_ commit --quiet --message=start
seq "$commits" | awk -v q='"' '
  function file(path, text) { printf "M 100644 inline %s\ndata %d\n%s\n", path, length(text), text }
  {
    printf "commit refs/heads/main\ncommitter b <b@directory.example> %d +0000\ndata 1\nx\n", 1600000000 + $1 * 3600
    if ($1 == 1) print "from refs/heads/main^0"
    site = "bench" int($1 / 3) % 900 ".example"
    method = int($1 / 2700) % 2 ? "sms" : "totp"
    text = "{`Bench " site "`:{`domain`:`" site "`,`tfa`:[`" method "`],`documentation`:`https://" site "/2fa`,`categories`:[`other`]}}"
    gsub("`", q, text)
    if ($1 % 3 == 0) file("entries/b/" site ".json", text)
    if ($1 % 3 == 1 && $1 > 3) file("entries/b/" site ".json", text "\n")
    if ($1 % 3 == 2 || $1 <= 3) file("README.md", $1 "")
  }' | git_ fast-import --quiet
git_ reset --quiet --hard
git_ gc --quiet
echo "$(git_ rev-list --count HEAD) commits"

# Appends how many milliseconds a command takes to a file.
time_of() {
  local times=$scratch/$1.times start=$EPOCHREALTIME
  shift
  "$tfadir" --quiet --root "$root" "$@" >"$scratch/said" 2>&1 || [ "$?" = 1 ] || { cat "$scratch/said" >&2; exit 2; }
  awk -v start="$start" -v end="$EPOCHREALTIME" 'BEGIN { printf "%.1f\n", (end - start) * 1000 }' >>"$times"
}

median() { sort -n "$scratch/$1.times" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

for _ in $(seq "$rounds"); do
  settings false
  time_of without build --unsigned --out "$scratch/without"
  settings true
  time_of with build --unsigned --out "$scratch/with"
  time_of check check
  time_of diff diff HEAD~1
done
[ "$(grep -o '"commit"' "$scratch/with/changes.json" | wc -l)" = 200 ]

awk -v without="$(median without)" -v with="$(median with)" -v check="$(median check)" -v diff="$(median diff)" 'BEGIN {
  printf "build       without the feed %5.0f ms, with it %5.0f ms: %.0f ms more  (at most 150)\n", without, with, with - without
  printf "diff HEAD~1 %5.0f ms, check %5.0f ms: %.2f times  (at most 3)\n", diff, check, diff / check
  exit with - without > 150 || diff > 3 * check
}'
