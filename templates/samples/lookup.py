"""Checks whether a site supports TOTP. Needs Python 3 and no packages."""

import json
import sys
import urllib.request

URL = "https://api.2fa.directory/v4/all.json"

domain = sys.argv[1].lower().rstrip(".") if len(sys.argv) > 1 else "example.com"
try:
    # Raises an error unless the status is 2xx. Long-running programs should keep the result for at least an hour.
    with urllib.request.urlopen(URL, timeout=30) as response:
        sites = json.load(response)
except (OSError, ValueError) as error:
    sys.exit(f"cannot get {URL}: {error}")

# If a subdomain is not listed, its parent domain decides.
found = domain
while found not in sites and "." in found:
    found = found.partition(".")[2]
site = sites.get(found)
if site is None:
    print(f"{domain} is not listed")
elif "totp" in site.get("methods", []):
    print(f"{domain} supports TOTP")
else:
    print(f"{domain} does not support TOTP")
