#!/usr/bin/env bash
# Runs each script as somebody does who pastes it into a terminal: commands.sh FOLDER SCRIPT...
# First each in a folder of its own, with a keyring that is empty; then all of them, one after another, in the same folder
# and with the same keyring. What a script says is left in SCRIPT.alone and SCRIPT.together, its folder in FOLDER.
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
