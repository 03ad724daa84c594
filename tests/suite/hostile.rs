//! Hostile input to verification, signing and builds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::time::SystemTime;

use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::signature::subpacket::{Subpacket, SubpacketValue};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{KeyFlags, SignatureType};
use serde_json::{Value, json};
use snapbox::str;
use tfadir::openpgp::{Certificate, Signed, Verifier};

use crate::common::{Directory, Tfadir, files};
use crate::keys::{keypair, publisher as builder};
use crate::published::{Forged, Published, bytes, compressed};

/// A certificate to which its owner has added another person's public key.
fn with_foreign_key(cert: Cert, foreign: &Cert, flags: KeyFlags) -> Cert {
    let mut signer = keypair(&cert);
    let subkey = foreign.primary_key().key().clone().role_into_subordinate();
    let binding = SignatureBuilder::new(SignatureType::SubkeyBinding).set_key_flags(flags);
    let binding = subkey.bind(&mut signer, &cert, binding.unwrap()).unwrap();
    cert.insert_packets([Packet::from(subkey), binding.into()])
        .unwrap()
        .0
}

#[test]
fn a_certificate_is_not_trusted_for_a_foreign_key_added_to_it() {
    let victim = builder().generate().unwrap().0;
    let fingerprint = victim.fingerprint().to_hex();
    for flags in [
        KeyFlags::empty(),
        KeyFlags::empty().set_transport_encryption(),
        KeyFlags::empty().set_signing(),
    ] {
        let attacker = with_foreign_key(builder().generate().unwrap().0, &victim, flags);
        let published = Published::by(attacker);
        let evil = published.cert.armored().to_vec().unwrap();
        // Without --cert, the key comes from the server of the folder.
        published.write("key.asc", &evil);
        published
            .directory
            .run(&["verify", "--fingerprint", &fingerprint])
            .ends_with(2)
            .says("does not contain the key");
        let file = [
            "verify",
            "dist/v4/all.json.sig",
            "--fingerprint",
            &fingerprint,
        ];
        fs::write(published.path("v4/key.asc"), &evil).unwrap();
        published
            .directory
            .run(&file)
            .ends_with(2)
            .says("does not contain the key");
    }
}

#[test]
fn a_subkey_that_signs_stands_for_its_certificate() {
    let builder = builder().set_primary_key_flags(KeyFlags::empty().set_certification());
    let published = Published::by(builder.add_signing_subkey().generate().unwrap().0);
    let subkey = published
        .cert
        .keys()
        .subkeys()
        .next()
        .unwrap()
        .key()
        .fingerprint()
        .to_hex();
    published
        .directory
        .run(&["verify", "--fingerprint", &subkey])
        .ends_with(0);
}

#[test]
fn every_bit_of_a_detached_signature_counts() {
    let published = Published::new();
    let cert = published.cert.armored().to_vec().unwrap();
    let certificates = Certificate::parse("PGP_KEY", &cert).unwrap();
    let verifier = Verifier::new(certificates, SystemTime::now());
    let (data, signature) = (
        published.read("v4/sms.json"),
        published.read("v4/sms.json.sig"),
    );
    let is_good = |bytes: &[u8]| match Signed::read(bytes, 0) {
        Ok(Signed::Detached(signatures)) => {
            signatures.are_written_as(bytes)
                && verifier
                    .verify(&signatures, &data)
                    .iter()
                    .all(Result::is_ok)
        }
        _ => false,
    };
    assert!(is_good(&signature));
    for bit in 0..signature.len() * 8 {
        let mut altered = signature.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(!is_good(&altered), "bit {} of byte {}", bit % 8, bit / 8);
    }
}

#[test]
fn a_hint_that_gpg_would_refuse_is_refused() {
    let published = Published::new();
    let mut bytes = published.read("v4/all.json.sig");
    let Packet::Signature(signature) = Packet::from_bytes(&bytes).unwrap() else {
        panic!("no signature")
    };
    // Two bytes of the hash precede the numbers of the signature.
    let hint =
        bytes.len() - sequoia_openpgp::serialize::MarshalInto::serialized_len(signature.mpis()) - 2;
    bytes[hint] ^= 1;
    published.write("v4/all.json.sig", bytes);
    let run = published.verify(&["dist/v4/all.json.sig"]).ends_with(1);
    run.says("does not match the data");
    published
        .verify(&[])
        .ends_with(1)
        .says("--> v4/all.json.sig");
}

#[test]
fn a_file_with_countless_packets_is_refused() {
    let published = Published::new();
    let one = published.read("v4/all.json.sig");
    for many in [
        one.repeat(20_000),
        [0xca, 3, b'P', b'G', b'P'].repeat(1_000_000),
    ] {
        published.write("v4/all.json.sig", &many);
        published
            .verify(&["dist/v4/all.json.sig"])
            .ends_with(1)
            .reports(str![[r#"
  Refused dist/v4/all.json.sig: 1 problem

"#]])
            .prints(str![[r#"
error[signature]: this contains more than 32 packets
--> all.json.sig
 = help: Do not use it. Download it again from the publisher, with its signature.


"#]]);
        published
            .verify(&[])
            .ends_with(1)
            .reports(str![[r#"
  Refused [ROOT]/dist: 1 problem

"#]])
            .prints(str![[r#"
error[signature]: this contains more than 32 packets
--> v4/all.json.sig
 = help: Copy all files of one build again, or sign it again with `tfadir sign`.


"#]]);
    }
}

/// An unsigned build for a key, with an altered manifest, ready to be signed.
fn with_manifest(alter: impl FnOnce(&mut Value)) -> Directory {
    static UNSIGNED: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
        let cert = builder().generate().unwrap().0;
        let directory = Directory::new()
            .file("key.asc", cert.as_tsk().armored().to_vec().unwrap())
            .file("cert.asc", cert.armored().to_vec().unwrap());
        let build = ["build", "--unsigned", "--cert", "cert.asc", "--serial", "1"];
        directory.run(&build).ends_with(0);
        files(directory.path())
    });
    let directory = Directory::with(&UNSIGNED);
    let path = directory.dist().join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    alter(&mut manifest);
    fs::write(path, manifest.to_string()).unwrap();
    directory
}

#[test]
fn a_manifest_cannot_lead_sign_out_of_the_folder() {
    let good = with_manifest(|_| {});
    good.run(&["sign", "--key", "key.asc"]).ends_with(0);
    let bad_endings = [
        ("x/../../../../escaped", "gpg"),
        ("../escaped", "gpg"),
        ("sig", "sig"),
        ("", "gpg"),
        ("s\u{1b}[31mg", "gpg"),
        ("sig\n", "gpg"),
    ];
    for (detached, inline) in bad_endings {
        let directory = with_manifest(|manifest| {
            manifest["signatures"] = json!({ "detached": detached, "inline": inline });
        });
        let before = files(directory.path());
        let run = directory.run(&["sign", "--key", "key.asc"]).ends_with(2);
        let run = run.says("manifest.json").says("signatures cannot end in");
        assert!(!run.stderr.contains('\u{1b}'));
        assert!(files(directory.path()) == before);
        directory
            .run(&["verify", "--cert", "cert.asc"])
            .ends_with(1)
            .says("cannot end in");
    }
    for path in [
        "manifest.json",
        ".tfadir-dist",
        "v4/all.json.sig",
        "manifest.json.gpg",
        "a\nb",
    ] {
        let directory = with_manifest(|manifest| {
            let file = json!({ "path": path, "size": 0, "sha256": "", "media_type": "text/plain" });
            manifest["files"].as_array_mut().unwrap().push(file);
        });
        directory
            .run(&["sign", "--key", "key.asc"])
            .ends_with(2)
            .says("must not list the path");
    }
}

#[test]
fn a_manifest_with_malformed_fields_is_not_signed() {
    let evil = "\u{1b}]0;x\u{7}\n::error::x";
    for (field, value) in [
        ("time", json!(evil)),
        ("commit", json!(evil)),
        ("keys", json!([evil])),
        ("tool", json!({ "name": "tfadir", "version": evil })),
        ("$schema", json!(evil)),
    ] {
        let directory = with_manifest(|manifest| manifest[field] = value);
        let run = directory.run(&["sign", "--key", "key.asc"]).ends_with(2);
        let run = run.says(&format!("its field `{field}` has the value"));
        assert!(
            !run.stderr.contains('\u{1b}') && !run.stderr.contains("\n::error"),
            "{run:?}"
        );
    }
}

#[test]
fn a_kept_signature_is_used_unchanged_or_not_used() {
    let published = Published::new();
    let before = published.read("v4/sms.json.sig");
    let Packet::Signature(mut signature) = Packet::from_bytes(&before).unwrap() else {
        panic!("no signature")
    };
    let value = SubpacketValue::SignersUserID(b"somebody else".to_vec());
    signature
        .unhashed_area_mut()
        .add(Subpacket::new(value, false).unwrap())
        .unwrap();
    published.write("v4/sms.json.sig", bytes(&[signature.into()]));
    published
        .directory
        .run(&["build", "--key", "key.asc", "--serial", "2000"])
        .ends_with(0);
    published.verify(&[]).ends_with(0);
}

#[test]
fn signatures_over_too_much_data_are_refused() {
    let published = Published::new();
    let data = vec![b' '; 100_000];
    published.write("v4/x.json", &data);
    published.write(
        "v4/x.json.sig",
        bytes(&[Forged::new().signature(&published, &data)]),
    );
    published.verify(&["dist/v4/x.json.sig"]).ends_with(0);
    let run = published
        .verify(&["dist/v4/x.json.sig", "--max-size", "99999"])
        .ends_with(1);
    run.says("signs more than 100.0 kB of data");
    published.write("v4/y.gpg", vec![0xcb; 4_000_000]);
    published
        .verify(&["dist/v4/y.gpg", "--max-size", "1000"])
        .ends_with(1)
        .says("more than 1.0 kB");
}

#[test]
fn a_bomb_in_a_key_file_is_not_inflated() {
    let published = Published::new();
    let bomb = compressed(&vec![0; 64 << 20], 9);
    let key = published.cert.armored().to_vec().unwrap();
    let armored = {
        use sequoia_openpgp::armor::{Kind, Writer};
        let mut writer = Writer::new(Vec::new(), Kind::PublicKey).unwrap();
        std::io::Write::write_all(&mut writer, &bomb).unwrap();
        writer.finalize().unwrap()
    };
    let binary = published.cert.to_vec().unwrap();
    let fingerprint = published.cert.fingerprint().to_hex();
    for bytes in [
        [&binary[..], &bomb].concat(),
        bomb,
        [key, armored.clone()].concat(),
        armored,
    ] {
        published.write("key.asc", bytes);
        let run = published
            .directory
            .run(&["verify", "--fingerprint", &fingerprint])
            .ends_with(2);
        run.says("key.asc").says("contains compressed data");
    }
}

#[test]
fn an_endless_folder_is_not_read_into_memory() {
    let published = Published::new();
    fs::File::create(published.path("v4/huge"))
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    published
        .verify(&[])
        .ends_with(2)
        .says("v4/huge")
        .says("more than 1 GiB");
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    fn pipe(path: &Path) {
        let _ = fs::remove_file(path);
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    #[test]
    fn links_and_pipes_in_a_folder_are_named_and_not_opened() {
        let published = Published::new();
        for path in ["v4/sms.json", "v4/call.json.sig", ".tfadir-dist", "v4/more"] {
            for is_link in [false, true] {
                let (path, kept) = (published.path(path), fs::read(published.path(path)).ok());
                let _ = fs::remove_file(&path);
                match is_link {
                    true => symlink("/dev/zero", &path).unwrap(),
                    false => pipe(&path),
                }
                let name = path.strip_prefix(published.directory.dist()).unwrap();
                let run = published.verify(&[]).ends_with(1);
                run.says(&format!("--> {}", name.display()))
                    .says("a link or special file");
                fs::remove_file(&path).unwrap();
                if let Some(kept) = kept {
                    fs::write(&path, kept).unwrap();
                }
            }
        }
        published.verify(&[]).ends_with(0);
    }

    #[test]
    fn a_key_in_a_folder_must_be_a_regular_file() {
        let published = Published::new();
        let fingerprint = published.cert.fingerprint().to_hex();
        let verify = || {
            published
                .directory
                .run(&["verify", "--fingerprint", &fingerprint])
        };
        let key = published.path("key.asc");
        pipe(&key);
        verify().ends_with(2).says("not a regular file");
        fs::remove_file(&key).unwrap();
        symlink("/dev/zero", &key).unwrap();
        verify().ends_with(2).says("not a regular file");
        fs::remove_file(&key).unwrap();
        fs::File::create(&key).unwrap().set_len(1 << 40).unwrap();
        verify()
            .ends_with(2)
            .says("key.asc")
            .says("larger than 1048576 bytes");
    }

    #[test]
    fn pipes_in_what_a_build_replaces_do_not_stop_it() {
        let published = Published::new();
        let build = || {
            published
                .directory
                .run(&["build", "--key", "key.asc", "--serial", "2000"])
        };
        pipe(&published.path("v4/sms.json.sig"));
        build().ends_with(0);
        published.verify(&[]).ends_with(0);
        pipe(&published.path("manifest.json.sig"));
        build().ends_with(0);
        published.verify(&[]).ends_with(0);
        pipe(&published.path("manifest.json"));
        build().ends_with(0).says("not a regular file");
        pipe(&published.path(".tfadir-dist"));
        build().ends_with(2).says("not a regular file");
    }

    #[test]
    fn names_that_are_not_utf8_are_handled() {
        let published = Published::new();
        let name = OsStr::from_bytes(b"d\xffst");
        fs::rename(
            published.directory.dist(),
            published.directory.path().join(name),
        )
        .unwrap();
        let run = |args: &[&str], name: &OsStr| {
            let mut command = Tfadir::new(args)
                .folder(published.directory.path())
                .command();
            crate::common::Run::of(command.arg(name), published.directory.path())
        };
        for format in ["human", "json", "github", "sarif"] {
            let args = ["verify", "--cert", "cert.asc", "--format", format];
            run(&args, name).ends_with(0);
            run(&args, OsStr::from_bytes(b"d\xffst/v4/all.json.sig")).ends_with(0);
        }
        run(&["sign", "--key", "key.asc"], name).ends_with(0);
        // Two names that are displayed alike are two files.
        let folder = published.directory.path().join(name);
        fs::write(folder.join(OsStr::from_bytes(b"x\xff")), "").unwrap();
        run(&["verify", "--cert", "cert.asc"], name)
            .ends_with(1)
            .says("extra-file");
    }
}
