"""Asks whether a site has two-factor authentication. Needs Python 3.9 and nothing else.

Usage: python3 lookup.py accounts.example.com
"""

import json
import sys
import urllib.request

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
