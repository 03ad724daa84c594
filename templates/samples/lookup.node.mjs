// Checks whether a site supports TOTP. Needs Node 18 or newer and no packages.
const url = "https://api.2fa.directory/v4/all.json";
const domain = (process.argv[2] ?? "example.com").toLowerCase().replace(/\.$/, "");

// Long-running programs should keep the result for at least an hour.
const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
if (!response.ok) throw new Error(`cannot get ${url}: HTTP ${response.status}`);
const sites = new Map(Object.entries(await response.json()));

// If a subdomain is not listed, its parent domain decides.
const labels = domain.split(".");
const found = labels.map((_, first) => labels.slice(first).join(".")).find((it) => sites.has(it));
const site = sites.get(found);
if (!site) console.log(`${domain} is not listed`);
else if (site.methods?.includes("totp")) console.log(`${domain} supports TOTP`);
else console.log(`${domain} does not support TOTP`);
