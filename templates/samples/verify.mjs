// Downloads a file with its signature, verifies it, and only then uses it. Needs `npm install openpgp`.
// Without the last lines it serves browsers as well.
import * as openpgp from "openpgp";

const API = "https://api.2fa.directory/";
// The fingerprint of the key that you trust. Keep it here; never download it together with the key.
const FINGERPRINT = "0000000000000000000000000000000000000000";

async function download(path) {
  const response = await fetch(API + path, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`cannot get ${API}${path}: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The bytes of a file of the API; an error unless the pinned key has signed them. */
async function verified(path) {
  const [armored, binary, binarySignature] = await Promise.all(
    ["key.asc", path, `${path}.sig`].map(download),
  );
  const keys = await openpgp.readKeys({ armoredKeys: new TextDecoder().decode(armored) });
  const key = keys.find((it) => it.getFingerprint().toUpperCase() === FINGERPRINT);
  if (!key) throw new Error("this is another key");
  const { signatures } = await openpgp.verify({
    message: await openpgp.createMessage({ binary }),
    signature: await openpgp.readSignature({ binarySignature }),
    verificationKeys: key,
  });
  // Another key may have signed too. What the pinned one signed must be good, each of it.
  const pinned = signatures.filter(({ keyID }) => key.getKeys(keyID).length > 0);
  if (pinned.length === 0) throw new Error("the signature is by another key");
  for (const { keyID, verified } of pinned) {
    await verified;
    await key.getSigningKey(keyID); // Throws where that key has expired or was revoked.
  }
  return binary;
}

const sites = JSON.parse(new TextDecoder().decode(await verified("v4/all.json")));
console.log(`verified: ${Object.keys(sites).length} domains`);
