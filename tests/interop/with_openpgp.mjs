// Runs OpenPGP.js for the tests:
//   verify CERTIFICATE FILE SIGNATURE MESSAGE    both kinds of signature over one file
//   generate ALGORITHM PASSPHRASE-FILE FOLDER    writes secret.asc and public.asc
//   sign SECRET-KEY PASSPHRASE-FILE FILE SIGNATURE MESSAGE    writes both kinds of signature
import assert from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const openpgp = createRequire(`${process.env.INTEROP_NODE_MODULES}/`)("openpgp");

const read = (path) => new Uint8Array(readFileSync(path));
const text = (path) => readFileSync(path, "utf8").trimEnd();

const tasks = {
  async verify(certificate, file, signature, message) {
    const verificationKeys = await openpgp.readKey({ armoredKey: text(certificate) });
    await openpgp.verify({
      message: await openpgp.createMessage({ binary: read(file) }),
      signature: await openpgp.readSignature({ binarySignature: read(signature) }),
      verificationKeys,
      expectSigned: true,
    });
    const { data } = await openpgp.verify({
      message: await openpgp.readMessage({ binaryMessage: read(message) }),
      verificationKeys,
      expectSigned: true,
      format: "binary",
    });
    assert.deepStrictEqual(Buffer.from(data), Buffer.from(read(file)));
  },

  async generate(algorithm, passphrase, folder) {
    const kinds = {
      ed25519: { type: "ecc", curve: "ed25519Legacy" },
      rsa4096: { type: "rsa", rsaBits: 4096 },
    };
    const { privateKey, publicKey } = await openpgp.generateKey({
      ...kinds[algorithm],
      userIDs: [{ name: "Test", email: "test@directory.example" }],
      passphrase: text(passphrase),
    });
    writeFileSync(`${folder}/secret.asc`, privateKey);
    writeFileSync(`${folder}/public.asc`, publicKey);
  },

  async sign(secret, passphrase, file, signature, message) {
    const locked = await openpgp.readPrivateKey({ armoredKey: text(secret) });
    const key = await openpgp.decryptKey({ privateKey: locked, passphrase: text(passphrase) });
    for (const [out, detached] of [[signature, true], [message, false]]) {
      const signed = await openpgp.sign({
        message: await openpgp.createMessage({ binary: read(file) }),
        signingKeys: key,
        detached,
        format: "binary",
      });
      writeFileSync(out, signed);
    }
  },
};

const [task, ...args] = process.argv.slice(2);
await tasks[task](...args);
