//! The signatures of a build, checked packet by packet and verified by real gpg.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::packet::header::BodyLength;
use sequoia_openpgp::parse::{PacketParser, PacketParserResult, Parse};
use sequoia_openpgp::types::{CompressionAlgorithm, DataFormat, HashAlgorithm, SignatureType};

use crate::common::{Directory, files, project};
use crate::gpg::{Home, build_and_verify};

/// The packets of a message in order, including nested packets. Panics on a partial or
/// indeterminate length.
fn packets(bytes: &[u8]) -> Vec<Packet> {
    let mut packets = Vec::new();
    let mut parsed = PacketParser::from_bytes(bytes).unwrap();
    while let PacketParserResult::Some(mut parser) = parsed {
        assert!(
            matches!(parser.header().length(), BodyLength::Full(_)),
            "{:?}",
            parser.header()
        );
        if !matches!(parser.packet, Packet::CompressedData(_)) {
            parser.buffer_unread_content().unwrap();
        }
        let (packet, next) = parser.recurse().unwrap();
        packets.push(packet);
        parsed = next;
    }
    packets
}

fn is_as_promised(packet: &Packet) {
    let Packet::Signature(signature) = packet else {
        panic!("{packet:?} is no signature");
    };
    assert_eq!(signature.version(), 4);
    assert_eq!(signature.typ(), SignatureType::Binary);
    assert_eq!(signature.hash_algo(), HashAlgorithm::SHA512);
    assert!(signature.signature_creation_time().is_some());
    assert!(
        signature.signature_validity_period().is_none(),
        "a signature must not expire"
    );
    assert_eq!(signature.issuer_fingerprints().count(), 1);
}

/// Asserts that every JSON file of a build has both kinds of signatures, in the form that old
/// clients expect: by this many keys, each over the same bytes.
pub fn are_laid_out_as_old_clients_expect(files: &BTreeMap<String, Vec<u8>>, keys: usize) {
    let is_signed = |path: &&String| path.ends_with(".json") && !path.starts_with("frontend/");
    let json: Vec<&String> = files.keys().filter(is_signed).collect();
    assert!(
        !files
            .keys()
            .any(|path| path.starts_with("frontend/") && path.ends_with(".sig"))
    );
    assert_eq!(json.len(), 18 + 11);
    for path in json {
        let detached = packets(&files[&format!("{path}.sig")]);
        assert_eq!(detached.len(), keys, "{path}");
        detached.iter().for_each(is_as_promised);

        let inline = packets(&files[&format!("{path}.gpg")]);
        assert_eq!(inline.len(), 1 + keys + 1 + keys, "{path}: {inline:?}");
        let Packet::CompressedData(outer) = &inline[0] else {
            panic!("{path}: {inline:?}")
        };
        assert_eq!(outer.algo(), CompressionAlgorithm::Zip);
        for (index, packet) in inline[1..=keys].iter().enumerate() {
            let Packet::OnePassSig(one_pass) = packet else {
                panic!("{path}: {inline:?}")
            };
            assert_eq!(one_pass.last(), index + 1 == keys);
        }
        let Packet::Literal(literal) = &inline[1 + keys] else {
            panic!("{path}: {inline:?}")
        };
        assert_eq!(literal.format(), DataFormat::Binary);
        let name = Path::new(path).file_name().unwrap().to_str().unwrap();
        assert_eq!(literal.filename(), Some(name.as_bytes()));
        assert!(literal.body() == files[path].as_slice(), "{path}");
        let signatures = inline[2 + keys..].iter().rev();
        assert!(
            signatures.eq(&detached),
            "{path}: the same signatures serve both kinds"
        );
    }
}

#[test]
fn signatures_are_laid_out_as_old_clients_expect() {
    let directory = Directory::new();
    directory.run(&["build"]).ends_with(0);
    are_laid_out_as_old_clients_expect(&files(&directory.dist()), 1);
}

#[test]
fn the_endings_of_signatures_are_those_of_the_settings() {
    let directory = Directory::new().file(
        "directory.toml",
        "[signatures]\ndetached = 'dsig'\ninline = 'sig'\n",
    );
    directory.run(&["build"]).ends_with(0);
    let files = files(&directory.dist());
    assert_eq!(packets(&files["v4/all.json.dsig"]).len(), 1);
    assert_eq!(packets(&files["v4/all.json.sig"]).len(), 4);
    let page = String::from_utf8(files["verify/index.html"].clone()).unwrap();
    assert!(page.contains("gpg --verify all.json.dsig all.json"));
    assert!(page.contains("gpgv --keyring ./key.gpg --output data.json all.json.sig"));
}

#[test]
fn unsigned_builds_have_no_signature_and_say_so() {
    let directory = Directory::new();
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let files = files(&directory.dist());
    assert!(
        !files
            .keys()
            .any(|path| path.ends_with(".sig") || path.ends_with(".gpg"))
    );
    assert!(!files.contains_key("key.asc"));
    assert!(String::from_utf8_lossy(&files["index.html"]).contains("is not signed"));
    let page = String::from_utf8_lossy(&files["verify/index.html"]);
    assert!(
        page.contains("has no key") && !page.contains("gpg "),
        "{page}"
    );
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn gpg_verifies_every_file_of_our_own_directory() {
    let home = Home::new();
    for algorithm in ["ed25519", "rsa4096"] {
        let key = home.generate(algorithm, "a passphrase of some words");
        build_and_verify(&home, &key, project());
    }
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn an_export_of_subkeys_signs_by_a_subkey_and_not_by_the_stub_of_the_primary_key() {
    let home = Home::new();
    let key = home.generate("ed25519", "a passphrase");
    home.with_passphrase(
        "a passphrase",
        &["--quick-add-key", &key.fingerprint, "ed25519", "sign"],
    );
    home.export(&key, "--export-secret-subkeys");
    let directory = Directory::new();
    let file = key.file();
    let build = |args: &[&str]| {
        let args = [&["build", "--key", file.to_str().unwrap()], args].concat();
        crate::common::Tfadir::new(&args)
            .folder(directory.path())
            .env("PGP_PASSWORD", "a passphrase")
            .run()
    };
    build(&["--key-id", &key.fingerprint])
        .ends_with(2)
        .says("does not contain the secret");
    let run = build(&[]).ends_with(0);
    assert!(
        !run.stderr.contains(&format!("by {}", key.fingerprint)),
        "{}",
        run.stderr
    );
    let all = directory.dist().join("v4/all.json");
    let all = all.to_str().unwrap();
    home.gpg(&["--verify", &format!("{all}.sig"), all]);
    assert!(!fs::read(all).unwrap().is_empty());
}
