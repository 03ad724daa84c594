// Compares v4/all.json, fetched and read with generated types, with the file of the build: client.js URL FILE
// An empty model does not compile, because then `Entry` has none of these fields.
import { readFileSync } from "node:fs";

import type { components, operations } from "./api.js";

type All = operations["v4_all"]["responses"][200]["content"]["application/json"];
type Entry = components["schemas"]["Entry"];

const copied = (entry: Entry) => ({
  methods: entry.methods,
  "custom-software": entry["custom-software"],
  "custom-hardware": entry["custom-hardware"],
  documentation: entry.documentation,
  recovery: entry.recovery,
  notes: entry.notes,
});

const [url, file] = process.argv.slice(2);
const response = await fetch(`${url}v4/all.json`);
const all = (await response.json()) as All;
const entries = Object.entries(all).map(([domain, entry]: [string, Entry]) => [domain, copied(entry)]);
const text = JSON.stringify(Object.fromEntries(entries));
if (entries.length === 0 || text !== JSON.stringify(JSON.parse(readFileSync(file, "utf8")))) throw new Error(`different: ${text}`);
console.log(entries.length);
