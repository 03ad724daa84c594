#!/usr/bin/env bash
# Lets gpg look for the key of an address, with an empty keyring each time: locate.sh ADDRESS METHOD...
# Prints `METHOD FINGERPRINT` and `METHOD USER-ID` for each key found.
set -euo pipefail
address=$1
shift
for method in "$@"; do
  GNUPGHOME=$(mktemp -d)
  export GNUPGHOME
  timeout 60 gpg --batch --auto-key-locate "clear,nodefault,$method" --locate-keys "$address" >&2
  gpg --batch --list-keys --with-colons | awk -F: -v method="$method" '
    /^(pub|sub)/ { is_primary = /^pub/ } /^fpr/ && is_primary { print method, $10 } /^uid/ { print method, $10 }'
  gpgconf --kill all
done
