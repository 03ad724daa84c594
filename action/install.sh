#!/usr/bin/env bash
# Installs a release of tfadir for action.yml. Needs bash, coreutils, curl, tar and gzip.
#
#   TFADIR_VERSION  the release; if empty, that of the Cargo.toml beside this folder
#   TFADIR_BASE     the address of the releases
#
# The argument `version` prints the version as a step output, and installs nothing.
#
# The checksum finds damaged archives. The attestation, which needs gh and GH_TOKEN, also finds replaced ones.
set -euo pipefail

base=${TFADIR_BASE:-https://github.com/2factorauth/tfadir/releases/download}
version=${TFADIR_VERSION:-} version=${version#v}

fail() {
  echo "::error title=tfadir is not installed::$1" >&2
  exit 1
}

while [ -z "$version" ] && read -r key _ value; do
  [ "$key" != version ] || version=${value//\"/}
done <"${BASH_SOURCE[0]%/*}/../Cargo.toml"
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] ||
  fail 'The version must be a full release number, such as 0.1.0 or v0.1.0.'
[ "${1:-}" != version ] || { echo "version=$version"; exit; }

case $RUNNER_OS-$RUNNER_ARCH in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64) target=x86_64-pc-windows-msvc ;;
  *) fail "There is no release for $RUNNER_OS on $RUNNER_ARCH." ;;
esac

archive=tfadir-$target.tar.gz
program=$RUNNER_TEMP/tfadir-bin
mkdir -p "$RUNNER_TEMP/tfadir-archives/$version" "$program"
cd "$RUNNER_TEMP/tfadir-archives/$version"

fetch() {
  curl --proto "=${base%%:*}" --fail --silent --show-error --location --connect-timeout 20 --max-time 300 --retry 3 \
    --output "$1" "$base/v$version/$1" ||
    { rm -f "$1"; fail "Cannot download $base/v$version/$1. Does this release exist?"; }
}
[ -e "$archive" ] || fetch "$archive"
fetch "$archive.sha256"
read -r expected _ <"$archive.sha256" || true
read -r actual _ < <(if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi <"$archive")
[ "$actual" = "$expected" ] || { rm "$archive"; fail "$archive does not match its checksum."; }
if command -v gh >/dev/null && [ -n "${GH_TOKEN:-}" ]; then
  gh attestation verify "$archive" --repo 2factorauth/tfadir --source-ref "refs/tags/v$version" \
    --signer-workflow 2factorauth/tfadir/.github/workflows/release.yml ||
    { rm "$archive"; fail "$archive was not built by the release workflow of tfadir."; }
else
  echo 'The attestation was not verified: gh or GH_TOKEN is missing.'
fi
tar -xzf "$archive" --strip-components 1 -C "$program"
echo "$program" >>"$GITHUB_PATH"
