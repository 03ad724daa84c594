#!/bin/sh
# Asks whether a site has two-factor authentication. Needs curl and jq.
# Usage: sh lookup.sh accounts.example.com
set -eu

domain=${1:?name a domain}
curl -fsS --compressed --max-time 30 -o all.json https://api.2fa.directory/v4/all.json

# An entry stands for all domains below it, so the parents are looked up as well.
while :; do
  entry=$(jq -c --arg domain "$domain" '.[$domain] // empty' all.json)
  parent=${domain#*.}
  if [ -n "$entry" ] || [ "$parent" = "$domain" ]; then break; fi
  domain=$parent
done

case $entry in
  '') echo 'not listed' ;;
  '{}') echo "$domain: no two-factor authentication" ;;
  *) echo "$domain: $entry" ;;
esac
