//! Key discovery: `key.asc`, the Web Key Directory, DNS records.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, SystemTime};

use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::CertParser;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::serialize::SerializeInto;

use crate::common::{Directory, files};
use crate::key::{builder, secret};
use crate::keys::keypair;

const ADDRESS: &str = "security@2fa.directory";
/// The hash of `security`.
const HU: &str = "hu/t5s8ztdbon8yzntexy6oz5y48etqsnbb";
const WKD: &str = ".well-known/openpgpkey";

fn key() -> Cert {
    builder()
        .add_userid(format!("Security <{ADDRESS}>"))
        .generate()
        .unwrap()
        .0
}

/// The ways to get the key, other than HTTPS, on the verification page.
fn ways_to_the_key(files: &BTreeMap<String, Vec<u8>>) -> Vec<&'static str> {
    let page = String::from_utf8_lossy(&files["verify/index.html"]);
    assert!(page.contains("key.asc | gpg --import"), "{page}");
    let ways = ["wkd", "cert", "dane"].into_iter();
    let is_said = |way: &&str| page.contains(&format!("clear,nodefault,{way} --locate-keys"));
    let said: Vec<&str> = ways.filter(is_said).collect();
    let all = page.contains("four ways") && page.contains("its records are withdrawn");
    assert_eq!(all, !said.is_empty(), "{page}");
    said
}

#[test]
fn a_build_publishes_its_key() {
    let cert = key();
    let directory = Directory::new().file("k.asc", secret(&cert));
    let run = directory.run(&["build", "--key", "k.asc"]).ends_with(0);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    let files = files(&directory.dist());
    assert_eq!(ways_to_the_key(&files), ["wkd", "cert", "dane"]);
    let direct = &files[&format!("{WKD}/{HU}")];
    assert_eq!(direct, &files[&format!("{WKD}/2fa.directory/{HU}")]);
    for policy in [
        format!("{WKD}/policy"),
        format!("{WKD}/2fa.directory/policy"),
    ] {
        let policy = String::from_utf8_lossy(&files[&policy]);
        assert!(policy.lines().all(|line| line.starts_with('#')), "{policy}");
    }
    let found = Cert::from_bytes(direct).unwrap();
    assert_eq!(found.fingerprint(), cert.fingerprint());
    assert!(!found.is_tsk() && !direct.starts_with(b"-----"));
    let ids: Vec<String> = found.userids().map(|id| id.userid().to_string()).collect();
    assert_eq!(ids, [format!("Security <{ADDRESS}>")]);
    let all = Cert::from_bytes(&files["key.asc"]).unwrap();
    assert_eq!(
        all.userids().count(),
        2,
        "the file for people has all user ids"
    );

    let zone = String::from_utf8_lossy(&files["dns/CERT.zone"]).into_owned();
    assert!(
        zone.contains("\nsecurity.2fa.directory. 3600 IN CERT PGP 0 0 (\n"),
        "{zone}"
    );
    let zone = String::from_utf8_lossy(&files["dns/OPENPGPKEY.zone"]).into_owned();
    assert!(
        zone.contains("._openpgpkey.2fa.directory. 3600 IN OPENPGPKEY (\n"),
        "{zone}"
    );
    for line in zone.lines() {
        assert!(line.starts_with(';') || line.len() < 128, "{line}");
    }
}

#[test]
fn a_build_with_a_key_of_another_address_says_so_and_goes_on() {
    let directory = Directory::new().file("k.asc", secret(&builder().generate().unwrap().0));
    let run = directory.run(&["build", "--key", "k.asc"]).ends_with(0);
    run.says("warning: the key")
        .says("has no user ID with the address")
        .says("test@directory");
    let files = files(&directory.dist());
    assert!(files.contains_key("key.asc"));
    assert!(
        !files
            .keys()
            .any(|path| path.starts_with(WKD) || path.starts_with("dns"))
    );
    assert!(ways_to_the_key(&files).is_empty());

    let settings = "[publisher]\nemail = 'a+b@xn--bcher-kva.example'\n";
    let directory = Directory::new().file("directory.toml", settings);
    let (cert, _) = builder()
        .add_userid("<A+B@xn--bcher-kva.example>")
        .generate()
        .unwrap();
    let directory = directory.file("k.asc", secret(&cert));
    let run = directory.run(&["build", "--key", "k.asc"]).ends_with(0);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
}

#[test]
fn a_development_key_is_not_published_for_discovery() {
    let directory = Directory::new();
    let run = directory.run(&["build"]).ends_with(0);
    assert!(!run.stderr.contains("user id"), "{}", run.stderr);
    assert!(!directory.dist().join("dns").exists() && directory.dist().join("key.asc").exists());
    assert!(ways_to_the_key(&files(&directory.dist())).is_empty());
}

#[test]
fn publishing_needs_a_user_id_with_the_address() {
    let directory = Directory::new().file("k.asc", secret(&builder().generate().unwrap().0));
    let publish = |args: &[&str]| {
        directory.run(&[&["key", "publish", "k.asc", "--out", "published"], args].concat())
    };
    publish(&[])
        .ends_with(2)
        .says("`security@2fa.directory`")
        .says("--email");
    publish(&["--email", "test@bücher.example"])
        .ends_with(2)
        .says("xn--");
    assert!(!directory.path().join("published").exists());
    publish(&["--email", "Test@Directory.Example"])
        .ends_with(0)
        .says("7 files");
    assert_eq!(files(&directory.path().join("published")).len(), 7 + 1);
}

#[test]
fn a_roll_over_publishes_both_keys_once() {
    let (old, new) = (key(), key());
    let directory = Directory::new()
        .file("old.asc", secret(&old))
        .file("new.asc", new.armored().to_vec().unwrap());
    let args = [
        "key",
        "publish",
        "old.asc",
        "new.asc",
        "old.asc",
        "--out",
        "published",
    ];
    directory
        .run(&args)
        .ends_with(0)
        .says(&new.fingerprint().to_hex());
    let published = directory.path().join("published");
    for path in ["key.asc".to_owned(), format!("{WKD}/{HU}")] {
        let bytes = fs::read(published.join(path)).unwrap();
        let found: Vec<_> = CertParser::from_bytes(&bytes)
            .unwrap()
            .map(|it| it.unwrap().fingerprint())
            .collect();
        assert_eq!(found, [old.fingerprint(), new.fingerprint()]);
    }
    let zone = fs::read_to_string(published.join("dns/CERT.zone")).unwrap();
    assert_eq!(zone.matches("IN CERT").count(), 2);
}

#[test]
fn an_expired_certificate_is_published_with_a_warning() {
    let made = SystemTime::now() - Duration::from_hours(24 * 30);
    let (cert, _) = builder()
        .add_userid(ADDRESS)
        .set_creation_time(made)
        .set_validity_period(Duration::from_hours(24))
        .generate()
        .unwrap();
    let directory = Directory::new().file("k.asc", secret(&cert));
    let run = directory
        .run(&["key", "publish", "k.asc", "--out", "published"])
        .ends_with(0);
    run.says("warning: the key").says("has expired");
}

#[test]
fn a_folder_that_tfadir_did_not_make_is_not_replaced() {
    let directory = Directory::new()
        .file("k.asc", secret(&key()))
        .file("mine/a.txt", "precious");
    let publish = |out| directory.run(&["key", "publish", "k.asc", "--out", out]);
    publish("mine")
        .ends_with(2)
        .says("was not written by tfadir");
    publish("published").ends_with(0);
    publish("published").ends_with(0);
    assert_eq!(
        fs::read_to_string(directory.path().join("mine/a.txt")).unwrap(),
        "precious"
    );
}

/// Whichever copy comes first, the revocation must be published.
#[test]
fn an_old_copy_does_not_hide_a_revocation() {
    let cert = key();
    let mut signer = keypair(&cert);
    let reason = sequoia_openpgp::types::ReasonForRevocation::KeyCompromised;
    let revocation = cert.revoke(&mut signer, reason, b"lost").unwrap();
    let (revoked, _) = cert.clone().insert_packets(revocation).unwrap();
    let directory = Directory::new()
        .file("old.asc", cert.armored().to_vec().unwrap())
        .file("revoked.asc", revoked.armored().to_vec().unwrap());
    for files in [["old.asc", "revoked.asc"], ["revoked.asc", "old.asc"]] {
        let args = [&["key", "publish", "--out", "published"], &files[..]].concat();
        directory.run(&args).ends_with(0).says("has been revoked");
        let published = Cert::from_file(directory.path().join("published/key.asc")).unwrap();
        assert_eq!(published.primary_key().self_revocations().count(), 1);
    }
}
