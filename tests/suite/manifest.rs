//! `manifest.json`: its content, when it is kept, and when its serial must increase.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use sequoia_openpgp::PacketPile;
use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::KeyFlags;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::common::{Directory, Run, Tfadir, command, entry, files, project};
use crate::git::{commit, init};
use crate::keys::{public, publisher, secret};

fn key(directory: Directory, name: &str) -> Directory {
    let (cert, _) = publisher().generate().unwrap();
    directory
        .file(name, secret(&cert))
        .file(&format!("{name}.pub"), public(&cert))
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn manifest(directory: &Directory) -> Value {
    read(&directory.dist().join("manifest.json"))
}

fn add(directory: &Directory, domain: &str) {
    let folder = directory.path().join("entries").join(&domain[..1]);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{domain}.json")), entry(domain, domain)).unwrap();
}

/// A signed release with a serial.
fn release(directory: &Directory, serial: &str, more: &[&str]) -> Run {
    let args = ["build", "--release", "--key", "key.asc", "--serial", serial];
    directory.run(&[&args[..], more].concat())
}

fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

#[test]
fn the_manifest_lists_every_published_file_as_it_is() {
    let directory = key(Directory::new(), "key.asc");
    release(&directory, "1000", &[]).ends_with(0);
    let manifest = manifest(&directory);
    let listed: Vec<&str> = manifest["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["path"].as_str().unwrap())
        .collect();
    let found = files(&directory.dist());
    let is_signature = |path: &str| path.ends_with(".sig") || path.ends_with(".gpg");
    let expected: Vec<&str> = found
        .keys()
        .map(String::as_str)
        .filter(|path| !is_signature(path) && !["manifest.json", ".tfadir-dist"].contains(path))
        .collect();
    assert_eq!(listed, expected);
    for file in manifest["files"].as_array().unwrap() {
        let bytes = &found[file["path"].as_str().unwrap()];
        assert_eq!(file["size"], bytes.len());
        assert_eq!(file["sha256"], sha256(bytes));
    }
    let all = manifest["files"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["path"] == "v4/all.json");
    assert_eq!(all.unwrap()["count"], 1);
    assert_eq!(all.unwrap()["media_type"], "application/json");
    assert_eq!(manifest["serial"], 1000);
    assert_eq!(manifest["time"], "1970-01-01T00:16:40Z");
    assert_eq!(manifest["previous"], Value::Null);
}

#[test]
fn the_manifest_meets_its_schema() {
    let directory = key(Directory::new(), "key.asc");
    release(&directory, "1000", &[]).ends_with(0);
    add(&directory, "other.example");
    release(&directory, "2000", &[]).ends_with(0);
    let schema = read(&project().join("schemas/manifest.schema.json"));
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    let manifest = manifest(&directory);
    assert_ne!(manifest["previous"], Value::Null);
    let errors: Vec<String> = validator
        .iter_errors(&manifest)
        .map(|it| it.to_string())
        .collect();
    assert_eq!(errors, [] as [String; 0]);
}

#[test]
fn unchanged_files_are_not_signed_again() {
    let directory = key(Directory::new(), "key.asc");
    release(&directory, "1000", &[]).ends_with(0);
    let before = files(&directory.dist());
    release(&directory, "1000", &[])
        .ends_with(0)
        .says("Unchanged")
        .says("kept their signatures");
    assert!(
        files(&directory.dist()) == before,
        "no byte changes on the server"
    );
    // A commit that does not change the published files does not change the manifest either.
    let later = ["build", "--release", "--key", "key.asc"];
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let later = Tfadir::new(&later).folder(directory.path());
    let later = later.env("SOURCE_DATE_EPOCH", now.to_string());
    later.run().ends_with(0).says("Unchanged");
    assert!(files(&directory.dist())["manifest.json"] == before["manifest.json"]);

    add(&directory, "other.example");
    release(&directory, "2000", &[])
        .ends_with(0)
        .says("kept their signatures");
    let after = files(&directory.dist());
    let changed: Vec<&String> = after
        .iter()
        .filter(|(path, bytes)| before.get(*path) != Some(bytes))
        .map(|it| it.0)
        .collect();
    assert!(changed.contains(&&"v4/totp.json.sig".to_owned()));
    assert!(
        !changed.contains(&&"v4/sms.json.sig".to_owned()),
        "{changed:?}"
    );
    assert!(
        !changed.contains(&&"v4/sms.json.gpg".to_owned()),
        "{changed:?}"
    );
    directory
        .run(&["verify", "--cert", "key.asc.pub"])
        .ends_with(0);

    release(&directory, "2000", &["--resign"])
        .ends_with(0)
        .says("Unchanged");
    let resigned = files(&directory.dist());
    assert!(resigned["v4/sms.json.sig"] != after["v4/sms.json.sig"]);
    assert!(resigned["manifest.json"] == after["manifest.json"]);
    directory
        .run(&["verify", "--cert", "key.asc.pub"])
        .ends_with(0);
}

#[test]
fn a_signature_that_is_no_longer_valid_is_not_kept() {
    let directory = key(Directory::new(), "key.asc");
    release(&directory, "1000", &[]).ends_with(0);
    let dist = directory.dist();
    fs::copy(dist.join("v4/all.json.sig"), dist.join("v4/sms.json.sig")).unwrap();
    fs::write(dist.join("v4/call.json.sig"), "[]").unwrap();
    fs::remove_file(dist.join("v4/email.json.sig")).unwrap();
    release(&directory, "1000", &[]).ends_with(0);
    directory
        .run(&["verify", "--cert", "key.asc.pub"])
        .ends_with(0);
}

#[test]
fn changed_content_needs_a_higher_serial_in_a_release() {
    let directory = key(Directory::new(), "key.asc");
    release(&directory, "1000", &[]).ends_with(0);
    let before = files(&directory.dist());
    add(&directory, "other.example");
    for serial in ["999", "1000"] {
        let run = release(&directory, serial, &[]).ends_with(2);
        run.says("is not above the published one, 1000")
            .says("SOURCE_DATE_EPOCH")
            .says("in CI");
        assert!(files(&directory.dist()) == before);
    }
    release(&directory, "1001", &[]).ends_with(0);
    let after = manifest(&directory);
    assert_eq!(after["serial"], 1001);
    assert_eq!(after["previous"]["serial"], 1000);
    assert_eq!(
        after["previous"]["sha256"],
        sha256(&before["manifest.json"])
    );
}

#[test]
fn a_release_needs_a_serial_from_somewhere() {
    let directory = key(Directory::new(), "key.asc");
    let args = ["build", "--release", "--key", "key.asc"];
    let run = directory.run(&args).ends_with(2).says("needs a serial");
    run.says("--serial");
    assert!(!directory.dist().exists());
    // The error is reported before a passphrase is used.
    let (cert, _) = publisher()
        .set_password(Some("x".into()))
        .generate()
        .unwrap();
    let directory = directory.file("locked.asc", secret(&cert));
    let locked = ["build", "--release", "--key", "locked.asc"];
    directory.run(&locked).ends_with(2).says("needs a serial");
    let run = Tfadir::new(&args)
        .folder(directory.path())
        .env("SOURCE_DATE_EPOCH", "1700000000");
    run.run().ends_with(0);
    assert_eq!(manifest(&directory)["serial"], 1_700_000_000);
    assert_eq!(manifest(&directory)["time"], "2023-11-14T22:13:20Z");
}

#[test]
fn the_previous_manifest_may_come_from_elsewhere() {
    let directory = key(Directory::new(), "key.asc");
    release(&directory, "1000", &[]).ends_with(0);
    let deployed = directory.path().join("deployed");
    fs::rename(directory.dist(), &deployed).unwrap();
    add(&directory, "other.example");
    for previous in [
        "deployed",
        "deployed/manifest.json",
        "deployed/manifest.json.gpg",
    ] {
        let run = release(&directory, "1000", &["--previous", previous]).ends_with(2);
        run.says("is not above the published one");
        release(&directory, "2000", &["--previous", previous]).ends_with(0);
        assert_eq!(manifest(&directory)["previous"]["serial"], 1000);
        fs::remove_dir_all(directory.dist()).unwrap();
    }
    // A folder also contains the signatures.
    let run = release(&directory, "2000", &["--previous", "deployed"]);
    run.ends_with(0).says("kept their signatures");
}

/// An attacker who serves an old or forged manifest must not affect the next release.
#[test]
fn a_previous_manifest_not_signed_by_a_key_of_the_build_is_refused() {
    let directory = key(key(Directory::new(), "key.asc"), "other.asc");
    let out = ["--out", "deployed"];
    let other = ["build", "--key", "other.asc", "--serial", "9000"];
    directory.run(&[&other[..], &out].concat()).ends_with(0);
    let deployed = directory.path().join("deployed");
    for previous in [
        "deployed",
        "deployed/manifest.json",
        "deployed/manifest.json.gpg",
    ] {
        let run = release(&directory, "1000", &["--previous", previous]).ends_with(2);
        run.says("no key of this build has signed");
    }
    fs::remove_file(deployed.join("manifest.json.sig")).unwrap();
    release(
        &directory,
        "1000",
        &["--previous", "deployed/manifest.json"],
    )
    .ends_with(2);
    fs::write(deployed.join("manifest.json"), "{}").unwrap();
    let run = release(&directory, "1000", &["--previous", "deployed"]).ends_with(2);
    run.says("is not a manifest");
    let run = release(&directory, "1000", &["--previous", "nowhere"]).ends_with(2);
    run.says("cannot read `nowhere`");
    // A release does not replace a manifest that it cannot read either.
    let into = [
        "build",
        "--release",
        "--key",
        "key.asc",
        "--serial",
        "1000",
        "--out",
        "deployed",
    ];
    directory.run(&into).ends_with(2).says("is not a manifest");
}

#[test]
fn a_development_build_does_not_block_a_release() {
    let directory = key(Directory::new(), "key.asc");
    directory.run(&["build", "--serial", "5000"]).ends_with(0);
    release(&directory, "1000", &[]).ends_with(0);
    assert_eq!(manifest(&directory)["previous"], Value::Null);
}

#[test]
fn two_keys_sign_every_file_during_a_roll_over() {
    let directory = key(key(Directory::new(), "key.asc"), "new.asc");
    release(&directory, "1000", &[]).ends_with(0);
    let both = [
        "build",
        "--release",
        "--key",
        "key.asc",
        "--key",
        "new.asc",
        "--serial",
        "2000",
    ];
    directory.run(&both).ends_with(0);
    assert_eq!(manifest(&directory)["keys"].as_array().unwrap().len(), 2);
    assert_eq!(manifest(&directory)["previous"]["serial"], 1000);
    for cert in ["key.asc.pub", "new.asc.pub"] {
        let run = directory.run(&["verify", "--cert", cert]).ends_with(0);
        run.says("other key");
        for file in ["dist/v4/all.json.sig", "dist/v4/all.json.gpg"] {
            directory
                .run(&["verify", "--cert", cert, file])
                .ends_with(0);
        }
    }
    let run = directory.run(&["verify", "--cert", "key.asc.pub", "--cert", "new.asc.pub"]);
    assert!(!run.ends_with(0).stdout.contains("other key"));
    // The old key is dropped; the predecessor is the manifest that both signed.
    let new = ["build", "--release", "--key", "new.asc", "--serial", "3000"];
    directory.run(&new).ends_with(0);
    assert_eq!(manifest(&directory)["previous"]["serial"], 2000);
    directory
        .run(&["verify", "--cert", "new.asc.pub"])
        .ends_with(0);
    directory
        .run(&["verify", "--cert", "key.asc.pub"])
        .ends_with(1);
}

#[test]
fn a_signature_by_one_of_two_keys_must_not_be_missing() {
    let directory = key(key(Directory::new(), "key.asc"), "new.asc");
    let both = ["build", "--key", "key.asc", "--key", "new.asc"];
    directory.run(&both).ends_with(0);
    let path = directory.dist().join("v4/all.json.sig");
    let bytes = fs::read(&path).unwrap();
    let certs = ["key.asc.pub", "new.asc.pub"];
    for packet in PacketPile::from_bytes(&bytes).unwrap().into_children() {
        fs::write(&path, packet.to_vec().unwrap()).unwrap();
        let args = ["verify", "--cert", certs[0], "--cert", certs[1]];
        directory
            .run(&args)
            .ends_with(1)
            .says("this is not signed by");
        let run = directory.run(&["verify", "--cert", certs[0]]).ends_with(1);
        run.says("v4/all.json.sig");
    }
}

#[test]
fn options_for_several_keys_must_match() {
    let directory = key(key(Directory::new(), "key.asc"), "new.asc").file("p", "x");
    let keys = ["build", "--key", "key.asc", "--key", "new.asc"];
    let three = [
        "--password-file",
        "p",
        "--password-file",
        "p",
        "--password-file",
        "p",
    ];
    let run = directory.run(&[&keys[..], &three].concat()).ends_with(2);
    run.says("--password-file was given 3 times, but there are 2 keys");
    let one = ["--key-id", "0123456789ABCDEF"];
    let run = directory.run(&[&keys[..], &one].concat()).ends_with(2);
    run.says("--key-id was given 1 time, but there are 2 keys");
}

/// A certificate, for a signer on another machine.
fn fingerprint(directory: &Directory, name: &str) -> String {
    let cert = Cert::from_file(directory.path().join(name)).unwrap();
    cert.fingerprint().to_hex()
}

#[test]
fn building_and_signing_can_happen_on_different_machines() {
    let directory = key(Directory::new(), "key.asc");
    let unsigned = [
        "build",
        "--release",
        "--unsigned",
        "--cert",
        "key.asc.pub",
        "--serial",
        "1000",
    ];
    directory
        .run(&unsigned)
        .ends_with(0)
        .says("run `tfadir sign` with key");
    let expected = fingerprint(&directory, "key.asc.pub");
    assert_eq!(manifest(&directory)["keys"][0], expected);
    directory
        .run(&["verify", "--cert", "key.asc.pub"])
        .ends_with(1)
        .says("signature is missing");

    let elsewhere = Directory::empty();
    for (path, bytes) in files(&directory.dist()) {
        let path = elsewhere.path().join("usb/dist").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let elsewhere = elsewhere.file(
        "key.asc",
        fs::read(directory.path().join("key.asc")).unwrap(),
    );
    elsewhere
        .run(&["sign", "usb/dist", "--key", "key.asc"])
        .ends_with(0)
        .says(&expected);
    let key = "usb/dist/key.asc";
    elsewhere
        .run(&["verify", "usb/dist", "--cert", key])
        .ends_with(0);
    let before = files(&elsewhere.path().join("usb/dist"));
    let run = elsewhere
        .run(&["sign", "usb/dist", "--key", "key.asc"])
        .ends_with(0);
    run.says("kept their signatures");
    assert!(files(&elsewhere.path().join("usb/dist")) == before);
}

#[test]
fn only_what_the_manifest_says_is_signed() {
    let directory = key(key(Directory::new(), "key.asc"), "other.asc");
    let sign = |key: &str| directory.run(&["sign", "--key", key]);
    directory.run(&["build", "--unsigned"]).ends_with(0);
    sign("key.asc")
        .ends_with(2)
        .says("has no signing key")
        .says("--cert");
    directory
        .run(&["build", "--unsigned", "--cert", "key.asc.pub"])
        .ends_with(0);
    let before = files(&directory.dist());
    sign("other.asc").ends_with(2).says("must be signed by");
    directory.run(&["sign"]).ends_with(2).says("no signing key");

    let all = directory.dist().join("v4/all.json");
    for (bytes, words) in [
        ("{}", "this file has 2 bytes"),
        ("{", "this file has 1 byte"),
    ] {
        fs::write(&all, bytes).unwrap();
        sign("key.asc")
            .ends_with(1)
            .says("v4/all.json")
            .says(words)
            .says("nothing was signed");
    }
    fs::remove_file(&all).unwrap();
    sign("key.asc").ends_with(1).says("this file is missing");
    fs::write(&all, &before["v4/all.json"]).unwrap();
    let manifest = directory.dist().join("manifest.json");
    fs::write(&manifest, "{").unwrap();
    sign("key.asc").ends_with(2).says("is not a manifest");
    fs::remove_file(&manifest).unwrap();
    sign("key.asc")
        .ends_with(2)
        .says("contains no manifest.json");
    let nowhere = directory
        .run(&["sign", "nowhere", "--key", "key.asc"])
        .ends_with(2);
    nowhere
        .says("there is no build in `nowhere`")
        .says("run `tfadir build --unsigned");
    fs::write(&manifest, &before["manifest.json"]).unwrap();
    assert!(
        files(&directory.dist()) == before,
        "nothing was written in between"
    );
    sign("key.asc").ends_with(0);
    directory
        .run(&["verify", "--cert", "key.asc.pub"])
        .ends_with(0);
}

/// Clients that have seen such a serial would refuse every later release.
#[test]
fn a_serial_in_the_future_is_neither_released_nor_signed() {
    let directory = key(Directory::new(), "key.asc");
    release(&directory, "9999999999", &[])
        .ends_with(2)
        .says("ahead of the clock");
    assert!(!directory.dist().exists());
    let unsigned = [
        "build",
        "--unsigned",
        "--cert",
        "key.asc.pub",
        "--serial",
        "9999999999",
    ];
    directory.run(&unsigned).ends_with(0);
    directory
        .run(&["sign", "--key", "key.asc"])
        .ends_with(2)
        .says("ahead of the clock");
    assert!(!directory.dist().join("manifest.json.sig").exists());
}

#[test]
fn a_chosen_serial_gives_unchanged_files_a_new_manifest() {
    let directory = key(Directory::new(), "key.asc");
    release(&directory, "1000", &[]).ends_with(0);
    release(&directory, "2000", &[]).ends_with(0);
    assert_eq!(manifest(&directory)["previous"]["serial"], 1000);
}

#[test]
fn a_folder_without_its_hidden_files_is_not_signed() {
    let directory = key(Directory::new(), "key.asc");
    directory
        .run(&["build", "--unsigned", "--cert", "key.asc.pub"])
        .ends_with(0);
    fs::remove_file(directory.dist().join(".tfadir-dist")).unwrap();
    directory
        .run(&["sign", "--key", "key.asc"])
        .ends_with(2)
        .says("hidden files were not copied");
}

#[test]
fn a_release_with_another_key_starts_a_new_history_and_says_so() {
    let directory = key(key(Directory::new(), "key.asc"), "other.asc");
    release(&directory, "1000", &[]).ends_with(0);
    let other = [
        "build",
        "--release",
        "--key",
        "other.asc",
        "--serial",
        "1000",
    ];
    directory
        .run(&other)
        .ends_with(0)
        .says("starting a new serial history");
    assert_eq!(manifest(&directory)["previous"], Value::Null);
}

/// A build for such a certificate could not be signed.
#[test]
fn a_build_for_a_certificate_that_cannot_sign_is_refused() {
    let made = SystemTime::now() - Duration::from_hours(24 * 100);
    let of = |days: u64| {
        let builder = publisher().set_creation_time(made);
        builder
            .set_validity_period(Duration::from_hours(24 * days))
            .generate()
            .unwrap()
            .0
    };
    let build = |cert: &Cert| {
        let directory = Directory::new().file("cert.asc", public(cert));
        let args = [
            "build",
            "--unsigned",
            "--release",
            "--cert",
            "cert.asc",
            "--serial",
            "1",
        ];
        (directory.run(&args), directory)
    };
    let (run, directory) = build(&of(50));
    run.ends_with(2).says("has expired");
    assert!(!directory.dist().exists());
    build(&of(130))
        .0
        .ends_with(0)
        .says("warning: the key")
        .says("in 29 days");

    let (cert, revocation) = publisher().generate().unwrap();
    let (revoked, _) = cert.insert_packets(revocation).unwrap();
    build(&revoked).0.ends_with(2).says("has been revoked");
}

#[test]
fn a_build_for_a_subkey_names_it_on_its_pages() {
    let certify = KeyFlags::empty().set_certification();
    let builder = publisher()
        .set_primary_key_flags(certify)
        .add_signing_subkey();
    let cert = builder.generate().unwrap().0;
    let directory = Directory::new()
        .file("cert.asc", public(&cert))
        .file("key.asc", secret(&cert));
    directory
        .run(&["build", "--unsigned", "--cert", "cert.asc"])
        .ends_with(0);
    let subkey = cert.keys().subkeys().next().unwrap().key().fingerprint();
    let page = fs::read_to_string(directory.dist().join("verify/index.html")).unwrap();
    let digits: String = page.chars().filter(|it| !it.is_whitespace()).collect();
    assert!(digits.contains(&subkey.to_hex()) && digits.contains(&cert.fingerprint().to_hex()));
    directory
        .run(&["sign", "--key", "key.asc"])
        .ends_with(0)
        .says(&subkey.to_hex());
    directory
        .run(&["verify", "--cert", "cert.asc"])
        .ends_with(0);
}

#[test]
fn a_key_that_is_named_twice_is_refused() {
    let directory = key(Directory::new(), "key.asc");
    let twice = ["build", "--key", "key.asc", "--key", "key.asc"];
    directory.run(&twice).ends_with(2).says("was given twice");
}

/// User or repository settings must not hide the commit from a build.
#[test]
#[ignore = "needs git and gpg; .ci/run installs them and runs this"]
fn git_settings_do_not_change_the_serial() {
    let home = crate::gpg::Home::new();
    let signer = home.generate("ed25519", "");
    let directory = key(Directory::new(), "key.asc");
    let git = |args: &[&str]| {
        let status = std::process::Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@directory.example"])
            .args(args)
            .current_dir(directory.path())
            .env("GNUPGHOME", home.path())
            .env("GIT_COMMITTER_DATE", "1700000000 +0100")
            .status();
        assert!(status.unwrap().success(), "{args:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "entries"]);
    let by = format!("user.signingKey={}", signer.fingerprint);
    git(&[
        "-c",
        &by,
        "commit",
        "--quiet",
        "--gpg-sign",
        "--message=Start",
    ]);
    for (name, value) in [
        ("log.showSignature", "true"),
        ("color.ui", "always"),
        ("core.fsmonitor", "touch ran; false"),
        ("alias.cat-file", "!touch ran"),
        ("format.pretty", "oneline"),
    ] {
        git(&["config", name, value]);
    }
    let args = ["build", "--release", "--key", "key.asc"];
    let build = Tfadir::new(&args)
        .folder(directory.path())
        .env("GNUPGHOME", home.path());
    build.run().ends_with(0);
    assert_eq!(manifest(&directory)["serial"], 1_700_000_000);
    assert!(!directory.path().join("ran").exists());
}

/// Changes the time of the last commit.
fn set_time(directory: &Directory, time: &str) {
    let script = format!(
        "git cat-file commit HEAD | sed '/^committer /s/> .*/> {time} +0000/' | \
         git hash-object --literally -w -t commit --stdin | \
         xargs git update-ref --no-deref HEAD"
    );
    let status = command("sh")
        .current_dir(directory.path())
        .args(["-c", &script])
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn a_build_whose_commit_is_unknown_says_why() {
    let directory = key(
        Directory::new().file(".gitignore", "*.asc\n.tfadir/\ndist/\n"),
        "key.asc",
    );
    let build = ["build", "--key", "key.asc"];
    let release = ["build", "--release", "--key", "key.asc"];
    init(directory.path());
    // Without a commit, there is nothing to say.
    assert!(
        !directory
            .run(&build)
            .ends_with(0)
            .stderr
            .contains("no commit")
    );
    commit(&directory);
    directory.run(&build).ends_with(0);
    add(&directory, "other.example");
    commit(&directory);
    directory.run(&build).ends_with(0);
    let before = files(&directory.dist());
    for time in ["-5", "soon", "253402300800"] {
        set_time(&directory, time);
        let run = directory.run(&release).ends_with(2);
        run.says("git cannot say when the commit was made")
            .says("is not between 1970 and the year 9999")
            .says("help: without git, set a serial with --serial");
    }
    add(&directory, "third.example");
    // A development build does not publish a serial of 0 over a higher one either.
    let run = directory
        .run(&build)
        .ends_with(2)
        .says("warning: the manifest contains no commit: the time");
    run.says("the serial 0 is not above the published one");
    assert!(files(&directory.dist()) == before);

    // git refuses a repository of another user, which a tab in its message must not hide.
    let run = Tfadir::new(&build)
        .folder(directory.path())
        .env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let run = run
        .run()
        .ends_with(2)
        .says("dubious ownership")
        .says("safe.directory");
    assert!(!run.stderr.contains("\\t"), "{}", run.stderr);
    let run = Tfadir::new(&release).folder(directory.path());
    let run = run
        .env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        .run()
        .ends_with(2);
    run.says("a release needs a serial")
        .says("dubious ownership");
}
