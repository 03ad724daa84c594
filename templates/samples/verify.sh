#!/bin/sh
# Downloads a file with its signature, verifies it, and only then uses it. Needs curl, gpg, gpgv and jq.
set -eu

api='https://api.2fa.directory/'
# The fingerprint of the key that you trust. Keep it here; never download it together with the key.
fingerprint=0000000000000000000000000000000000000000

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
curl --fail --fail-early --silent --show-error --max-time 60 --remote-name-all \
  "${api}key.asc" "${api}v4/all.json" "${api}v4/all.json.sig"

# The key ring holds this one key, whatever else is in the download.
gpg --homedir . --batch --quiet --import key.asc
gpg --homedir . --batch --quiet --output pinned.gpg --export "$fingerprint"
# GOODSIG says more than the exit code, which accepts a revoked key.
gpgv --status-fd 1 --keyring ./pinned.gpg all.json.sig all.json >status
LC_ALL=C grep -q '^\[GNUPG:\] GOODSIG ' status || { echo 'the signature is not good' >&2; exit 1; }

echo "verified: $(jq length all.json) domains"
