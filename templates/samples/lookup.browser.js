// Says whether a site supports TOTP: true, false, or undefined for a site that is not listed.
const API = "https://api.2fa.directory/";
let sites;

export async function supportsTotp(domain) {
  sites ??= download("v4/all.json"); // Once for each page; the browser's cache keeps it longer.
  const found = await sites;
  if (!Object.hasOwn(found, domain)) return undefined;
  return found[domain].methods?.includes("totp") ?? false;
}

async function download(path) {
  try {
    const response = await fetch(API + path, { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw new Error(`${response.url}: HTTP ${response.status}`);
    return await response.json();
  } catch (error) {
    sites = undefined; // The next call tries again.
    throw error;
  }
}
