#!/usr/bin/env bash
# Runs each script as if it were pasted into a terminal: commands.sh FOLDER SCRIPT...
# First runs each in its own folder with an empty keyring; then runs all of them, one after another, in the same folder
# with the same keyring. Writes the output of a script to SCRIPT.alone and SCRIPT.together; the folders are in FOLDER.
set -euo pipefail
folder=$1
shift
run() { # SCRIPT MANNER
  (cd "$where" && bash -euo pipefail "$1" >"$1.$2" 2>&1) || { echo "$1 failed $2:"; cat "$1.$2"; exit 1; } >&2
}
for script in "$@"; do
  GNUPGHOME=$(mktemp -d) where=$folder/$(basename "$script" .sh)
  export GNUPGHOME
  mkdir "$where"
  run "$script" alone
  gpgconf --kill all
done
GNUPGHOME=$(mktemp -d) where=$folder/all
export GNUPGHOME
mkdir "$where"
for script in "$@"; do run "$script" together; done
gpgconf --kill all
