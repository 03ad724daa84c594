// Downloads a file and its signature, and uses the file only if the signature is valid. Needs `npm install openpgp`.
// The function `verified` also works in browsers.
import * as openpgp from "openpgp";

const API = "https://api.2fa.directory/";
// The fingerprint of the key you trust. Store it here; never download it together with the key.
const FINGERPRINT = "0000000000000000000000000000000000000000";

async function download(path) {
  const response = await fetch(API + path, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`cannot get ${API}${path}: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Returns a file of the API. Fails unless it is signed by the pinned key. */
async function verified(path) {
  const [armored, binary, binarySignature] = await Promise.all(
    ["key.asc", path, `${path}.sig`].map(download),
  );
  const keys = await openpgp.readKeys({ armoredKeys: new TextDecoder().decode(armored) });
  const key = keys.find((it) => it.getFingerprint().toUpperCase() === FINGERPRINT);
  if (!key) throw new Error("key.asc does not contain the pinned key");
  const { signatures } = await openpgp.verify({
    message: await openpgp.createMessage({ binary }),
    signature: await openpgp.readSignature({ binarySignature }),
    verificationKeys: key,
  });
  // Ignores signatures from other keys. All signatures from the pinned key must be valid.
  const pinned = signatures.filter(({ keyID }) => key.getKeys(keyID).length > 0);
  if (pinned.length === 0) throw new Error("the file is not signed by the pinned key");
  for (const { keyID, verified } of pinned) {
    await verified;
    await key.getSigningKey(keyID); // Throws if the key has expired or was revoked.
  }
  return binary;
}

const sites = JSON.parse(new TextDecoder().decode(await verified("v4/all.json")));
console.log(`verified: ${Object.keys(sites).length} domains`);
