// Checks whether a site supports TOTP. Returns true, false, or undefined if the site is not listed.
const url = "https://api.2fa.directory/v4/all.json";
let sites;

export async function supportsTotp(domain) {
  sites ??= download(); // Loaded once per page.
  const all = await sites;
  // If a subdomain is not listed, its parent domain decides.
  const labels = domain.toLowerCase().replace(/\.$/, "").split(".");
  const found = labels.map((_, first) => labels.slice(first).join(".")).find((it) => Object.hasOwn(all, it));
  if (found === undefined) return undefined;
  return all[found].methods?.includes("totp") ?? false;
}

async function download() {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw new Error(`cannot get ${url}: HTTP ${response.status}`);
    return await response.json();
  } catch (error) {
    sites = undefined; // The next call tries again.
    throw error;
  }
}
