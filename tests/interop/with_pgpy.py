"""Runs PGPy for the tests:

verify CERTIFICATE FILE SIGNATURE MESSAGE    both kinds of signature over one file
generate ALGORITHM PASSPHRASE-FILE FOLDER    writes secret.asc and public.asc
sign SECRET-KEY PASSPHRASE-FILE FILE SIGNATURE MESSAGE    writes both kinds of signature
"""

import sys
import warnings
from pathlib import Path

# PGPy warns about algorithms that its library has deprecated.
warnings.simplefilter("ignore")

import pgpy  # noqa: E402
from pgpy import constants  # noqa: E402


def verify(certificate, file, signature, message):
    key, _ = pgpy.PGPKey.from_file(certificate)
    data = Path(file).read_bytes()
    if not key.verify(data, pgpy.PGPSignature.from_file(signature)):
        sys.exit("the detached signature is not good")
    signed = pgpy.PGPMessage.from_file(message)
    if not key.verify(signed):
        sys.exit("the signed message is not good")
    if bytes(signed.message) != data:
        sys.exit("the signed message holds something else")


def generate(algorithm, passphrase, folder):
    key = {
        "ed25519": lambda: pgpy.PGPKey.new(
            constants.PubKeyAlgorithm.EdDSA, constants.EllipticCurveOID.Ed25519
        ),
        "rsa4096": lambda: pgpy.PGPKey.new(constants.PubKeyAlgorithm.RSAEncryptOrSign, 4096),
    }[algorithm]()
    key.add_uid(
        pgpy.PGPUID.new("Test", email="test@directory.example"),
        usage={constants.KeyFlags.Certify, constants.KeyFlags.Sign},
        hashes=[constants.HashAlgorithm.SHA512],
    )
    Path(folder, "public.asc").write_text(str(key.pubkey))
    secret = Path(passphrase).read_text().rstrip("\n")
    key.protect(secret, constants.SymmetricKeyAlgorithm.AES256, constants.HashAlgorithm.SHA256)
    Path(folder, "secret.asc").write_text(str(key))


def sign(secret, passphrase, file, signature, message):
    key, _ = pgpy.PGPKey.from_file(secret)
    data = Path(file).read_bytes()
    signed = pgpy.PGPMessage.new(data, format="b")
    with key.unlock(Path(passphrase).read_text().rstrip("\n")):
        detached = key.sign(data, hash=constants.HashAlgorithm.SHA512)
        signed |= key.sign(signed, hash=constants.HashAlgorithm.SHA512)
    Path(signature).write_bytes(bytes(detached))
    Path(message).write_bytes(bytes(signed))


{"verify": verify, "generate": generate, "sign": sign}[sys.argv[1]](*sys.argv[2:])
