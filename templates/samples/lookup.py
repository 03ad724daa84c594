<<<<<<< HEAD
"""Says whether a site supports TOTP. Needs Python 3 and no packages."""
=======
"""Asks whether a site has two-factor authentication. Needs Python 3.9 and nothing else.

Usage: python3 lookup.py accounts.example.com
"""
>>>>>>> pages

import json
import sys
import urllib.request

<<<<<<< HEAD
URL = "https://api.2fa.directory/v4/all.json"

domain = sys.argv[1] if len(sys.argv) > 1 else "example.com"
try:
    # Any status but 2xx raises an error. A long-running program keeps the result for an hour or more.
    with urllib.request.urlopen(URL, timeout=30) as response:
        sites = json.load(response)
except (OSError, ValueError) as error:
    sys.exit(f"cannot get {URL}: {error}")

site = sites.get(domain)
if site is None:
    print(f"{domain} is not listed")
elif "totp" in site.get("methods", []):
    print(f"{domain} supports TOTP")
else:
    print(f"{domain} does not support TOTP")
=======
ADDRESS = "https://api.2fa.directory/v4/all.json"


def find(entries: dict, domain: str):
    """The entry of a domain or of the nearest one above it, with that domain."""
    labels = domain.lower().rstrip(".").split(".")
    for start in range(len(labels) - 1):
        candidate = ".".join(labels[start:])
        if candidate in entries:
            return candidate, entries[candidate]
    return None


with urllib.request.urlopen(ADDRESS, timeout=30) as response:
    entries = json.load(response)

found = find(entries, sys.argv[1])
if found is None:
    print("not listed")
elif not found[1]:
    print(f"{found[0]}: no two-factor authentication")
else:
    print(f"{found[0]}: {', '.join(found[1]['methods'])}")
    print(found[1].get("documentation", "no documentation known"))
>>>>>>> pages
