"""Compares v4/all.json, fetched by a generated client, with the file of the build: client.py URL FILE"""

import json
import sys
from pathlib import Path

from generated.api.version_4 import v4_all
from generated.client import Client
from generated.models.entry import Entry

url, file = sys.argv[1:]
data = v4_all.sync(client=Client(base_url=url.rstrip("/")))
expected = json.loads(Path(file).read_text(encoding="utf-8"))
entries = data.additional_properties
assert expected and entries.keys() == expected.keys()
for domain, entry in entries.items():
    assert isinstance(entry, Entry), domain
    assert entry.to_dict() == expected[domain], domain
    assert [str(method) for method in entry.methods or []] == expected[domain].get("methods", []), domain
print(len(entries))
