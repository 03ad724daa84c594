// Checks whether a site supports TOTP. Needs Node 18 or newer and no packages.
const url = "https://api.2fa.directory/v4/all.json";
const domain = process.argv[2] ?? "example.com";

// Long-running programs should keep the result for at least an hour.
const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
if (!response.ok) throw new Error(`cannot get ${url}: HTTP ${response.status}`);
const sites = new Map(Object.entries(await response.json()));

const site = sites.get(domain);
if (!site) console.log(`${domain} is not listed`);
else if (site.methods?.includes("totp")) console.log(`${domain} supports TOTP`);
else console.log(`${domain} does not support TOTP`);
