//! Keys and signatures of OpenPGP version 6 (RFC 9580): gpg 2.2 and most other clients cannot read
//! them, and a file that contains one is lost to them as a whole.

use sequoia_openpgp::cert::{Cert, CertBuilder};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{OnePassSig, Signature};
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, SignatureType};
use sequoia_openpgp::{Packet, Profile};
use snapbox::str;

use crate::common::{Directory, files};
use crate::keys::{builder, keypair, public, publisher, secret};
use crate::published::{Published, bytes, compressed, literal};

const REFUSAL: &str =
    "has version 6, but GnuPG and most other clients only read keys of version 4\n help: ";

fn version_6(builder: CertBuilder<'static>) -> Cert {
    builder
        .set_profile(Profile::RFC9580)
        .unwrap()
        .generate()
        .unwrap()
        .0
}

/// A key of version 4 with a signing subkey of version 6, which RFC 9580 forbids.
fn of_both_versions() -> Cert {
    let old = publisher().generate().unwrap().0;
    let new = version_6(publisher().add_signing_subkey());
    let subkey = new.keys().subkeys().next().unwrap().key().clone();
    let mut primary = keypair(&old);
    let binding = SignatureBuilder::new(SignatureType::SubkeyBinding)
        .set_key_flags(KeyFlags::empty().set_transport_encryption())
        .unwrap();
    let binding = subkey.bind(&mut primary, &old, binding).unwrap();
    let packets = [Packet::from(subkey), binding.into()];
    old.insert_packets(packets).unwrap().0
}

fn signature(cert: &Cert, data: &[u8]) -> Signature {
    let mut signer = keypair(cert);
    SignatureBuilder::new(SignatureType::Binary)
        .set_hash_algo(HashAlgorithm::SHA512)
        .sign_message(&mut signer, data)
        .unwrap()
}

#[test]
fn no_command_signs_with_or_publishes_a_key_of_version_6() {
    let old = publisher().generate().unwrap().0;
    let new = version_6(publisher());
    for (key, certificate) in [
        (secret(&new), public(&new)),
        (
            secret(&version_6(publisher().add_signing_subkey())),
            public(&new),
        ),
        (
            [secret(&old), secret(&new)].concat(),
            [public(&old), public(&new)].concat(),
        ),
        (secret(&of_both_versions()), public(&of_both_versions())),
    ] {
        let directory = Directory::new()
            .file("new.asc", key)
            .file("new.pub.asc", certificate)
            .file("old.asc", secret(&old))
            .file("old.pub.asc", public(&old))
            .file("other.asc", secret(&publisher().generate().unwrap().0));
        let unsigned = ["build", "--unsigned", "--cert", "old.pub.asc"];
        directory.run(&unsigned).ends_with(0);
        let before = files(directory.path());
        let id = old.fingerprint().to_hex();
        for args in [
            &["build", "--key", "new.asc"][..],
            &["build", "--release", "--serial", "1", "--key", "new.asc"],
            &["build", "--key", "other.asc", "--key", "new.asc"],
            &["build", "--unsigned", "--cert", "new.pub.asc"],
            &["build", "--key", "other.asc", "--cert", "new.pub.asc"],
            &["sign", "--key", "new.asc"],
            &["key", "publish", "new.pub.asc", "--out", "published"],
            &["key", "publish", "new.asc", "--out", "published"],
            &["key", "extend", "new.asc", "--for", "2y"],
        ] {
            let run = directory.run(args).ends_with(2);
            let is_said = run.stderr.contains(REFUSAL)
                // With several keys in a file, the user chooses one first.
                || run.stderr.contains("contains several keys");
            assert!(is_said, "{args:?}: {}", run.stderr);
            assert_eq!(run.stderr.matches("error: ").count(), 1, "{}", run.stderr);
            assert!(files(directory.path()) == before, "{args:?}");
        }
        // A user may choose the old one of several keys.
        if directory
            .run(&["key", "show", "new.asc"])
            .stdout
            .matches("Secret ")
            .count()
            == 2
        {
            directory
                .run(&["sign", "--key", "new.asc", "--key-id", &id])
                .ends_with(0);
        }
    }
}

#[test]
fn a_development_key_of_version_6_is_refused() {
    let cert = version_6(builder().add_userid("tfadir development key, not for publishing"));
    let directory = Directory::new().file(".tfadir/development-key.asc", secret(&cert));
    directory.run(&["build"]).ends_with(2).reports(str![[r#"
error: cannot use the development key in `[ROOT]/.tfadir/development-key.asc`: the key [..] has version 6, but GnuPG and most other clients only read keys of version 4
 help: generate an Ed25519 or RSA key with `tfadir key generate`
 help: or delete this file; the next build generates another key

"#]]);
}

#[test]
fn a_key_of_version_6_is_shown_with_the_reason_why_it_cannot_sign() {
    let cert = version_6(publisher());
    let folder = Directory::empty().file("k.asc", secret(&cert));
    folder
        .run(&["key", "show", "k.asc"])
        .ends_with(0)
        .says(&cert.fingerprint().to_hex())
        .prints(str![[r#"
Secret    [..]
User ID   Test <security@2fa.directory> (valid)
Primary   [..]
          Ed25519 256, can certify and sign, created 2001-09-09, does not expire
          not protected by a passphrase (valid)
Signs     nothing: the key [..] has version 6, but GnuPG and most other clients only read keys of version 4

"#]])
        .reports(str![]);
    folder
        .run(&["key", "check", "k.asc"])
        .ends_with(1)
        .prints(str![[r#"
k.asc: the key [..] has version 6, but GnuPG and most other clients only read keys of version 4

"#]])
        .reports(str![[r#"
  Checked k.asc: 1 problem

"#]]);
}

#[test]
fn signatures_of_version_6_are_refused() {
    let new = version_6(publisher());
    let published = Published::new();
    let certificates = [public(&published.cert), public(&new)].concat();
    published.write("../both.asc", certificates);
    let data = published.read("v3/all.json");
    let signature = signature(&new, &data);
    assert_eq!(signature.version(), 6);
    let one_pass = Packet::from(OnePassSig::try_from(&signature).unwrap());
    let signature = Packet::from(signature);
    let message = bytes(&[one_pass, literal(&data), signature.clone()]);
    let old = published.read("v3/all.json.sig");
    let new = bytes(&[signature]);
    let is_refused = |path: &str| {
        published.verify(&[]).ends_with(1).prints(str![[r#"
error[signature]: this has a signature of version 6, but GnuPG and most other clients only read version 4
--> v3/all.json.[..]
 = help: Copy all files of one build again, or sign it again with `tfadir sign`.


"#]]);
        let paths = [&*format!("dist/{path}"), "--cert", "both.asc"];
        published.verify(&paths).ends_with(1).prints(str![[r#"
error[signature]: this has a signature of version 6, but GnuPG and most other clients only read version 4
--> all.json.[..]
 = help: Do not use it. Download it again from the publisher, with its signature.


"#]]);
    };
    for detached in [new.clone(), [&*old, &new].concat(), [&*new, &old].concat()] {
        published.write("v3/all.json.sig", detached);
        is_refused("v3/all.json.sig");
    }
    published.write("v3/all.json.sig", old);
    for message in [message.clone(), compressed(&message, 4)] {
        published.write("v3/all.json.gpg", message);
        is_refused("v3/all.json.gpg");
    }
}

/// A publisher may also have a key of version 6, which tfadir does not need.
#[test]
fn a_trusted_key_of_version_6_does_not_prevent_verification() {
    let new = version_6(publisher());
    let published = Published::new();
    let fingerprint = published.cert.fingerprint().to_hex();
    for certificates in [
        [public(&published.cert), public(&new)].concat(),
        [public(&new), public(&published.cert)].concat(),
    ] {
        published.write("../both.asc", certificates);
        let verify = ["verify", "--cert", "both.asc"];
        published.directory.run(&verify).ends_with(0);
        published
            .directory
            .run(&[&verify[..], &["--fingerprint", &fingerprint]].concat())
            .ends_with(0);
        published
            .directory
            .run(&[&verify[..], &["--fingerprint", &new.fingerprint().to_hex()]].concat())
            .ends_with(2)
            .reports(str![[r#"
error: `[..]` is not a fingerprint
 help: specify all 40 hexadecimal digits of a version-4 key, as shown by `gpg --fingerprint`; a key ID is too short to be trusted

"#]]);
    }
}
