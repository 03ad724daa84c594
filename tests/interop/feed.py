"""Checks feeds as the W3C's validator does: against RFC 4287, and with a parser that feed readers use."""

import sys
from pathlib import Path

import feedparser
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"


def problems(path):
    """What is wrong with a feed."""
    document = etree.parse(path)
    schema = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))
    if not schema.validate(document):
        return [str(error) for error in schema.error_log]
    found = []
    # What the schema cannot say: ids are unique, and each element has one link of a kind.
    ids = [it.text for it in document.iter(f"{ATOM}id")]
    found += [f"{it} occurs twice" for it in set(ids) if ids.count(it) > 1]
    for element in [document.getroot(), *document.iter(f"{ATOM}entry")]:
        links = [it.get("rel") for it in element.findall(f"{ATOM}link")]
        found += [f"{it} occurs twice" for it in set(links) if links.count(it) > 1]
    times = [it.findtext(f"{ATOM}updated") for it in document.iter(f"{ATOM}entry")]
    if times and document.getroot().findtext(f"{ATOM}updated") < max(times):
        found.append("an entry is newer than the feed")

    parsed = feedparser.parse(Path(path).read_bytes())
    if parsed.bozo or parsed.version != "atom10":
        found.append(f"feedparser: {parsed.get('bozo_exception', parsed.version)}")
    for entry in parsed.entries:
        if not (entry.id and entry.title and entry.updated_parsed and entry.link and entry.content[0].value):
            found.append(f"feedparser: {entry.id} lacks something")
    if len(parsed.entries) != len(times):
        found.append("feedparser reads another number of entries")
    return found


found = [f"{path}: {problem}" for path in sys.argv[1:] for problem in problems(path)]
print("\n".join(found))
sys.exit(bool(found))
