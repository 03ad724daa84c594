//! `tfadir verify`: what it accepts, and its errors for everything else.

use std::collections::HashSet;
use std::fs;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{HashAlgorithm, ReasonForRevocation, SignatureType};
use snapbox::str;

use crate::common::{Directory, Run, Tfadir, files};
use crate::keys::{public, publisher, secret};
use crate::published::{Forged, Published, bytes, compressed, literal, one_pass};

const DAY: Duration = Duration::from_hours(24);

#[test]
fn a_build_verifies_by_its_certificate_and_by_its_fingerprint() {
    let published = Published::new();
    let fingerprint = published.cert.fingerprint();
    let run = published
        .verify(&[])
        .ends_with(0)
        .says(&fingerprint.to_hex());
    assert_eq!(run.stdout, "");
    let spaced = fingerprint.to_spaced_hex();
    for given in [
        fingerprint.to_hex(),
        spaced,
        fingerprint.to_hex().to_lowercase(),
    ] {
        published
            .directory
            .run(&["verify", "--fingerprint", &given])
            .ends_with(0);
    }
}

#[test]
fn nothing_is_trusted_by_default() {
    let published = Published::new();
    published
        .directory
        .run(&["verify"])
        .ends_with(2)
        .says("--cert")
        .says("--fingerprint");
    let short = published.cert.keyid().to_hex();
    published
        .directory
        .run(&["verify", "--fingerprint", &short])
        .ends_with(2)
        .says("too short");
    let other = "0123456789ABCDEF0123456789ABCDEF01234567";
    let run = published
        .directory
        .run(&["verify", "--fingerprint", other])
        .ends_with(2);
    run.says("does not contain the key")
        .says(&published.cert.fingerprint().to_hex());
}

#[test]
fn a_build_by_another_key_is_refused() {
    let published = Published::new();
    let other = publisher().generate().unwrap().0;
    fs::write(published.directory.path().join("cert.asc"), public(&other)).unwrap();
    published
        .verify(&[])
        .ends_with(1)
        .says("none of the keys of this build is trusted");
    published
        .verify(&["dist/v4/all.json.gpg"])
        .ends_with(1)
        .says("which is not trusted");
}

#[test]
fn missing_altered_and_additional_files_are_named() {
    let published = Published::new();
    fs::remove_file(published.path("v4/sms.json")).unwrap();
    fs::remove_file(published.path("v3/sms.json.sig")).unwrap();
    fs::remove_file(published.path("v3/call.json.gpg")).unwrap();
    published.write("v3/all.json", "[]");
    published.write("style.css", "");
    published.write("v4/more.json", "{}");
    let run = published.verify(&[]).ends_with(1);
    let expected = "\
error[altered-file]: this file has 0 bytes, but the manifest says [SIZE]
--> style.css
 = help: It was changed after the build, or is from another one. Build again, or copy all files of one build.

error[altered-file]: this file has 2 bytes, but the manifest says [SIZE]
--> v3/all.json
 = help: It was changed after the build, or is from another one. Build again, or copy all files of one build.

error[signature]: this does not match the data: the data or its signature was changed, or they do not belong together
--> v3/all.json.sig
 = help: Copy all files of one build again, or sign it again with `tfadir sign`.

error[missing-file]: this signed message is missing
--> v3/call.json.gpg
 = help: Copy all files of one build again, or sign it again with `tfadir sign`.

error[missing-file]: this detached signature is missing
--> v3/sms.json.sig
 = help: Copy all files of one build again, or sign it again with `tfadir sign`.

error[extra-file]: this file is not in the manifest
--> v4/more.json
 = help: Remove it, or build again into an empty folder.

error[missing-file]: this file is missing
--> v4/sms.json
 = help: Download or copy all files of one build again.

";
    let without_sizes: Vec<String> = run
        .stdout
        .lines()
        .map(|line| match line.split_once("the manifest says ") {
            Some((before, _)) => format!("{before}the manifest says [SIZE]"),
            None => line.to_owned(),
        })
        .collect();
    assert_eq!(without_sizes.join("\n") + "\n", expected);
}

#[test]
fn an_altered_manifest_is_named_with_its_signature() {
    let published = Published::new();
    let text = String::from_utf8(published.read("manifest.json")).unwrap();
    published.write("manifest.json", text.replacen("1000", "1001", 1));
    let run = published
        .verify(&[])
        .ends_with(1)
        .says("this manifest has no valid signature");
    run.says("--> manifest.json\n")
        .says("--> manifest.json.sig\n");
}

#[test]
fn files_of_two_builds_do_not_mix() {
    let published = Published::new();
    let old = [
        published.read("v4/all.json"),
        published.read("v4/all.json.sig"),
    ];
    let entry = crate::common::entry("Another", "another.example");
    let path = published
        .directory
        .path()
        .join("entries/a/another.example.json");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, entry).unwrap();
    published
        .directory
        .run(&["build", "--key", "key.asc", "--serial", "2000"])
        .ends_with(0);
    published.verify(&[]).ends_with(0);
    published.write("v4/all.json", &old[0]);
    published.write("v4/all.json.sig", &old[1]);
    published
        .verify(&[])
        .ends_with(1)
        .says("altered-file")
        .says("v4/all.json");
}

#[test]
fn a_build_that_is_too_old_is_refused() {
    let published = Published::new();
    published.verify(&["--after", "1000"]).ends_with(0);
    published
        .verify(&["--after", "1001"])
        .ends_with(1)
        .says("below 1001");
    published
        .verify(&["--after", "2026-01-01"])
        .ends_with(1)
        .says("the serial 1000");
    published
        .verify(&["--after", "yesterday"])
        .ends_with(2)
        .says("2026-11-22T06:00:00Z");
    // A single file has a date but no serial.
    let file = "dist/v4/all.json.sig";
    published
        .verify(&["--after", "2026-01-01", file])
        .ends_with(0);
    published
        .verify(&["--after", "2100-01-01T00:00:00Z", file])
        .ends_with(1)
        .says("before 2100-01-01T00:00:00Z");
}

#[test]
fn a_single_file_of_either_kind_verifies_and_gives_its_data() {
    let published = Published::new();
    let key = published.cert.fingerprint().to_hex();
    for path in ["dist/v4/all.json.sig", "dist/v4/all.json.gpg"] {
        let run = published.verify(&[path]).ends_with(0);
        run.says(&format!("dist/v4/all.json: unchanged, signed by {key} on "));
    }
    let args = ["dist/v4/all.json.gpg", "--output", "all.json"];
    published.verify(&args).ends_with(0);
    let written = fs::read(published.directory.path().join("all.json")).unwrap();
    assert_eq!(written, published.read("v4/all.json"));

    // The data itself is not a signature, but must not be discarded for that.
    published
        .verify(&["dist/v4/all.json"])
        .ends_with(1)
        .says("`all.json.sig` or `all.json.gpg`");

    let none = ["dist/v4/all.json.sig", "--output", "none.json"];
    published
        .verify(&none)
        .ends_with(2)
        .says("one signed message");
    assert!(!published.directory.path().join("none.json").exists());
    fs::remove_file(published.path("v4/all.json")).unwrap();
    published
        .verify(&["dist/v4/all.json.sig"])
        .ends_with(2)
        .says("download both");
}

#[test]
fn a_single_file_is_told_apart_by_its_content_and_not_by_its_name() {
    let published = Published::new();
    let message = published.path("v4/all.json.gpg");
    for name in ["x.sig", "x"] {
        fs::copy(&message, published.directory.path().join(name)).unwrap();
        let run = published.verify(&[name]).ends_with(0);
        run.says(&format!(" in {name}: unchanged, signed by "));
        fs::remove_file(published.directory.path().join(name)).unwrap();
    }
}

/// With the extensions of the 2FA Directory, `all.json.sig` is a signed message, and readers may use the
/// file next to it.
#[test]
fn a_signed_message_says_nothing_good_about_another_file_next_to_it() {
    let published = Published::new();
    let directory = &published.directory;
    let message = directory.path().join("all.json.sig");
    fs::copy(published.path("v4/all.json.gpg"), message).unwrap();
    let beside = directory.path().join("all.json");
    fs::write(&beside, "[]").unwrap();
    let run = published.verify(&["all.json.sig"]).ends_with(1);
    run.reports(str![[r#"
  Refused all.json.sig: 1 problem

"#]])
        .prints(str![[r#"
error[signature]: this signed message does not contain `all.json`, which is next to it
--> all.json.sig
 = help: Do not use it. Download it again from the publisher, with its signature.


"#]]);
    let run = published.verify(&["all.json.sig", "--output", "data.json"]);
    run.ends_with(1);
    assert!(!directory.path().join("data.json").exists());
    // What is replaced may be old.
    let run = published.verify(&["all.json.sig", "--output", "all.json"]);
    run.ends_with(0);
    assert_eq!(fs::read(beside).unwrap(), published.read("v4/all.json"));
    let run = published.verify(&["all.json.sig"]).ends_with(0);
    run.reports(str![[r#"
 Verified all.json: unchanged, signed by [..] on [..]

"#]])
        .prints(str![]);
}

#[cfg(unix)]
#[test]
fn a_pipe_next_to_a_signature_is_not_opened() {
    let published = Published::new();
    let path = published.path("v4/all.json");
    fs::remove_file(&path).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    for signature in ["dist/v4/all.json.sig", "dist/v4/all.json.gpg"] {
        let run = published.verify(&[signature]).ends_with(2);
        run.reports(str![[r#"
error: cannot read `dist/v4/all.json`: it is not a regular file

"#]])
            .prints(str![]);
    }
}

#[test]
fn a_huge_manifest_is_refused_by_its_size() {
    let published = Published::new();
    let manifest = fs::read_to_string(published.path("manifest.json")).unwrap();
    let padded = manifest.replacen('{', &format!("{{{}", " ".repeat(16 << 20)), 1);
    published.write("manifest.json", padded);
    let run = published.verify(&[]).ends_with(1);
    run.reports(str![[r#"
  Refused [ROOT]/dist: 1 problem

"#]])
        .prints(str![[r#"
error[manifest]: this is larger than 16 MiB, but no build has a manifest of that size
--> manifest.json
 = help: Download or copy all files of one build again.


"#]]);
    let run = published.directory.run(&["sign", "--key", "key.asc"]);
    run.ends_with(2).reports(str![[r#"
error: `[ROOT]/dist/manifest.json` is larger than 16 MiB, but no build has a manifest of that size

"#]]);
}

#[test]
fn a_refused_message_gives_no_data() {
    let published = Published::new();
    let mut message = published.read("v4/all.json.gpg");
    let middle = message.len() / 2;
    message[middle] ^= 1;
    published.write("v4/all.json.gpg", message);
    let args = ["dist/v4/all.json.gpg", "--output", "all.json"];
    published.verify(&args).ends_with(1).says("Refused");
    assert!(!published.directory.path().join("all.json").exists());
}

#[test]
fn the_two_kinds_are_not_confused() {
    let published = Published::new();
    let (detached, inline) = (
        published.read("v4/all.json.sig"),
        published.read("v4/all.json.gpg"),
    );
    published.write("v4/all.json.sig", &inline);
    published
        .verify(&[])
        .ends_with(1)
        .says("must be a detached signature, but is a signed message");
    published.write("v4/all.json.sig", &detached);
    published.write("v4/all.json.gpg", &detached);
    published
        .verify(&[])
        .ends_with(1)
        .says("must be a signed message, but is a detached signature");
}

#[test]
fn the_signature_of_another_file_is_refused() {
    let published = Published::new();
    for kind in ["sig", "gpg"] {
        let path = format!("v4/all.json.{kind}");
        let own = published.read(&path);
        published.write(&path, published.read(&format!("v3/all.json.{kind}")));
        let run = published.verify(&[]).ends_with(1);
        run.says(&path).says(match kind {
            "sig" => "does not match the data",
            _ => "does not contain the file",
        });
        published.write(&path, own);
    }
}

#[test]
fn files_that_are_not_signatures_are_refused() {
    let published = Published::new();
    let whole = published.read("v4/all.json.sig");
    let public = published.cert.to_vec().unwrap();
    let secret = published.cert.as_tsk().to_vec().unwrap();
    let text = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}\n".to_vec();
    for (bytes, words) in [
        (Vec::new(), "this is empty"),
        (b"[]".to_vec(), "is not an OpenPGP signature"),
        (whole[..whole.len() / 2].to_vec(), "is cut off"),
        (
            [whole.as_slice(), b"more"].concat(),
            "is not an OpenPGP signature",
        ),
        (public, "contains a public key"),
        (secret, "contains a secret key"),
        (text, "is a cleartext signature"),
    ] {
        published.write("v4/all.json.sig", bytes);
        published
            .verify(&[])
            .ends_with(1)
            .says("v4/all.json.sig")
            .says(words);
        published
            .verify(&["dist/v4/all.json.sig"])
            .ends_with(1)
            .says(words);
    }
}

#[test]
fn weak_hashes_and_other_kinds_of_signatures_are_refused() {
    let published = Published::new();
    let data = published.read("v4/all.json");
    for (forged, words) in [
        (
            Forged {
                hash: HashAlgorithm::SHA1,
                ..Forged::new()
            },
            "insecure hash SHA1",
        ),
        (
            Forged {
                hash: HashAlgorithm::SHA224,
                ..Forged::new()
            },
            "insecure hash SHA224",
        ),
        (
            Forged {
                kind: SignatureType::Text,
                ..Forged::new()
            },
            "over something other than a file's bytes",
        ),
        (
            Forged {
                at: SystemTime::now() + DAY,
                ..Forged::new()
            },
            "in the future",
        ),
        (
            Forged {
                at: SystemTime::UNIX_EPOCH + DAY * 9_999,
                ..Forged::new()
            },
            "is not valid",
        ),
    ] {
        published.write(
            "v4/all.json.sig",
            bytes(&[forged.signature(&published, &data)]),
        );
        published
            .verify(&[])
            .ends_with(1)
            .says("v4/all.json.sig")
            .says(words);
    }
}

#[test]
fn messages_of_another_form_are_refused() {
    let published = Published::new();
    let data = published.read("v4/all.json");
    let signature = Forged::new().signature(&published, &data);
    let good = [one_pass(&signature), literal(&data), signature.clone()];
    let write = |bytes: Vec<u8>| {
        published.write("v4/x.gpg", bytes);
        published.verify(&["dist/v4/x.gpg"])
    };
    write(bytes(&good)).ends_with(0);
    write(compressed(&bytes(&good), 9)).ends_with(0);

    let more = [&good[..], &[literal(b"{}")]].concat();
    write(bytes(&more))
        .ends_with(1)
        .says("several pieces of data");
    write(compressed(&bytes(&more), 9))
        .ends_with(1)
        .says("several pieces of data");
    let trailer = [
        compressed(&bytes(&good), 9),
        bytes(std::slice::from_ref(&signature)),
    ]
    .concat();
    write(trailer)
        .ends_with(1)
        .says("more than the signed data");
    let within = [compressed(&bytes(&good), 9), b"x".to_vec()].concat();
    write(within).ends_with(1).says("more than the signed data");
    write(bytes(&good[1..2]))
        .ends_with(1)
        .says("data without a signature");
    write(bytes(&good[..2]))
        .ends_with(1)
        .says("do not match its signatures");
    write(bytes(&good[1..]))
        .ends_with(1)
        .says("do not match its signatures");
    write(compressed(&compressed(&bytes(&good), 9), 9))
        .ends_with(1)
        .says("uses compression");
    let other = Forged {
        hash: HashAlgorithm::SHA256,
        ..Forged::new()
    };
    let other = other.signature(&published, &data);
    write(bytes(&[one_pass(&other), literal(&data), signature]))
        .ends_with(1)
        .says("do not match");
}

#[test]
fn a_decompression_bomb_is_refused_before_it_fills_memory() {
    let published = Published::new();
    let data = vec![b' '; 64 << 20];
    let signature = Forged::new().signature(&published, b"");
    let bomb = compressed(
        &bytes(&[one_pass(&signature), literal(&data), signature]),
        9,
    );
    assert!(bomb.len() < 128 << 10);
    published.write("v4/all.json.gpg", &bomb);
    published
        .verify(&["dist/v4/all.json.gpg"])
        .ends_with(1)
        .says("more than 16.8 MB");
    published
        .verify(&[])
        .ends_with(1)
        .says("v4/all.json.gpg")
        .says("more than 16.8 MB");
    let args = ["dist/v4/all.json.gpg", "--max-size", "100000000"];
    published
        .verify(&args)
        .ends_with(1)
        .says("does not match the data");
    let args = ["dist/v3/all.json.gpg", "--max-size", "10"];
    published.verify(&args).ends_with(1).says("more than 10 B");
}

#[test]
fn signatures_made_before_a_key_expired_still_verify() {
    let made = SystemTime::now() - DAY * 10;
    let builder = publisher()
        .set_creation_time(made)
        .set_validity_period(DAY * 5);
    let cert = builder.generate().unwrap().0;
    let directory = Directory::new()
        .file("key.asc", secret(&cert))
        .file("cert.asc", public(&cert));
    let day = |days| made + DAY * days;
    let run = |args: &[&str], at: SystemTime| {
        let seconds = at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        Tfadir::new(args)
            .folder(directory.path())
            .env("SOURCE_DATE_EPOCH", seconds.to_string())
            .run()
    };
    run(&["build", "--key", "key.asc"], day(2)).ends_with(0);
    run(&["verify", "--cert", "cert.asc"], day(8)).ends_with(0);
    let published = Published { directory, cert };
    let forged = Forged {
        at: day(6),
        ..Forged::new()
    };
    let data = published.read("v4/all.json");
    published.write(
        "v4/all.json.sig",
        bytes(&[forged.signature(&published, &data)]),
    );
    published.verify(&[]).ends_with(1).says("had expired");
}

#[test]
fn a_revoked_key_is_refused_whenever_it_signed() {
    let published = Published::new();
    let reason = ReasonForRevocation::KeyCompromised;
    let revocation = published
        .cert
        .revoke(&mut published.keypair(), reason, b"lost")
        .unwrap();
    let (revoked, _) = published.cert.clone().insert_packets(revocation).unwrap();
    fs::write(
        published.directory.path().join("cert.asc"),
        public(&revoked),
    )
    .unwrap();
    published.verify(&[]).ends_with(1).says("revoked");
    published
        .verify(&["dist/v4/all.json.sig"])
        .ends_with(1)
        .says("revoked");
    let run = published
        .directory
        .run(&["diff", "dist", "--cert", "cert.asc"])
        .ends_with(2);
    let words = run
        .says("`dist/manifest.json` is signed by the key")
        .says("has been revoked")
        .stderr;
    assert!(!words.contains("another publisher"), "{words}");

    // An older copy of the certificate does not hide the revocation.
    let both = [public(&published.cert), public(&revoked)].concat();
    let swapped = [public(&revoked), public(&published.cert)].concat();
    for (name, bytes) in [("both.asc", both), ("swapped.asc", swapped)] {
        fs::write(published.directory.path().join(name), &bytes).unwrap();
        published
            .directory
            .run(&["verify", "--cert", name])
            .ends_with(1)
            .says("revoked");
        published.write("v4/key.asc", &bytes);
        let fingerprint = published.cert.fingerprint().to_hex();
        let args = [
            "verify",
            "dist/v4/all.json.sig",
            "--fingerprint",
            &fingerprint,
        ];
        published.directory.run(&args).ends_with(1).says("revoked");
    }
    fs::write(
        published.directory.path().join("old.asc"),
        public(&published.cert),
    )
    .unwrap();
    for files in [["old.asc", "cert.asc"], ["cert.asc", "old.asc"]] {
        let args = ["verify", "--cert", files[0], "--cert", files[1]];
        published.directory.run(&args).ends_with(1).says("revoked");
    }
}

#[test]
fn a_signature_that_expired_or_has_an_unknown_critical_notation_is_named_as_such() {
    use sequoia_openpgp::packet::signature::SignatureBuilder;
    let published = Published::new();
    let data = published.read("v4/all.json");
    let builder = || SignatureBuilder::new(SignatureType::Binary);
    let yesterday = SystemTime::now() - DAY;
    let expired = builder().set_signature_creation_time(yesterday).unwrap();
    let expired = expired.set_signature_validity_period(DAY / 2).unwrap();
    let notation = builder()
        .set_notation("x@directory.example", b"x", None, true)
        .unwrap();
    for (builder, words) in [(expired, "has expired"), (notation, "is not accepted")] {
        let signature = builder
            .sign_message(&mut published.keypair(), &data)
            .unwrap();
        published.write("v4/all.json.sig", bytes(&[signature.into()]));
        let run = published
            .verify(&["dist/v4/all.json.sig"])
            .ends_with(1)
            .says(words);
        assert!(!run.stdout.contains("was changed"), "{}", run.stdout);
    }
}

#[test]
fn a_corrupt_manifest_is_a_finding() {
    let published = Published::new();
    published.write("manifest.json", "{");
    published
        .verify(&[])
        .ends_with(1)
        .says("error[manifest]: this is not a manifest");
}

#[test]
fn a_stray_file_is_the_only_finding() {
    let published = Published::new();
    published.write("v4/more.json", "{}");
    let run = published.verify(&[]).ends_with(1).says("1 problem");
    assert_eq!(run.stdout.matches("error[").count(), 1, "{}", run.stdout);
    published.write(".tfadir-dist", "");
    published.verify(&[]).ends_with(1).says("--> .tfadir-dist");
}

#[test]
fn a_published_key_of_more_than_a_mebibyte_is_refused() {
    let published = Published::new();
    let line = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n".to_vec();
    published.write("key.asc", line.repeat(30_000));
    let fingerprint = published.cert.fingerprint().to_hex();
    let args = ["verify", "--fingerprint", &fingerprint];
    published
        .directory
        .run(&args)
        .ends_with(2)
        .says("larger than 1048576 bytes");
}

/// A key that was only retired was trustworthy before.
#[test]
fn signatures_made_before_a_key_was_retired_still_verify() {
    let published = Published::new();
    let early = Tfadir::new(&["build", "--key", "key.asc", "--resign"]);
    let early = early
        .folder(published.directory.path())
        .env("SOURCE_DATE_EPOCH", "1600000000");
    early.run().ends_with(0);
    let reason = ReasonForRevocation::KeyRetired;
    let revocation = published
        .cert
        .revoke(&mut published.keypair(), reason, b"")
        .unwrap();
    let (retired, _) = published.cert.clone().insert_packets(revocation).unwrap();
    fs::write(
        published.directory.path().join("cert.asc"),
        public(&retired),
    )
    .unwrap();
    published.verify(&[]).ends_with(0);
    let late = Forged {
        at: SystemTime::now() + Duration::from_mins(1),
        ..Forged::new()
    };
    let data = published.read("v4/all.json");
    published.write(
        "v4/all.json.sig",
        bytes(&[late.signature(&published, &data)]),
    );
    published.verify(&[]).ends_with(1).says("revoked");
}

#[test]
fn a_machine_readable_report_has_the_same_content() {
    let published = Published::new();
    let run = published.verify(&["--json"]).ends_with(0);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let verified = &report["verified"][0];
    assert_eq!(verified["good"], true);
    assert_eq!(verified["serial"], 1000);
    assert_eq!(verified["keys"][0], published.cert.fingerprint().to_hex());
    published.write("style.css", "");
    let run = published
        .verify(&["--format", "json", "dist", "dist/v4/all.json.sig"])
        .ends_with(1);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["verified"][0]["findings"][0]["path"], "style.css");
    assert_eq!(report["verified"][1]["kind"], "detached signature");
}

#[test]
fn a_folder_that_is_not_a_build_is_a_failure_not_a_finding() {
    let directory = Directory::new().file("cert.asc", {
        let cert = publisher().generate().unwrap().0;
        public(&cert)
    });
    let run = directory.run(&["verify", "entries", "--cert", "cert.asc"]);
    run.ends_with(2).says("contains no manifest.json");
    directory
        .run(&["verify", "nowhere", "--cert", "cert.asc"])
        .ends_with(2)
        .says("cannot read");
}

/// Whether a human-readable report names the file: in a finding, or in the error that prevented
/// the rest of the verification.
fn names(run: &Run, path: &str) -> bool {
    let finding = format!("--> {path}");
    let error = format!("/{path}`");
    run.stdout.lines().any(|line| line == finding) || run.stderr.contains(&error)
}

/// Any byte of any file, even if no signature protects it.
#[test]
fn a_flipped_byte_is_found_wherever_it_is() {
    let published = Published::new();
    let files = files(&published.directory.dist());
    let paths: Vec<&String> = files
        .iter()
        .filter(|(_, bytes)| !bytes.is_empty())
        .map(|(path, _)| path)
        .collect();
    let index = any::<prop::sample::Index>;
    // One run can report changed bytes in several files. Two cases need a run of their own: a changed
    // manifest hides changes in other files, and an error in one signature of a file can hide one in the other.
    let eight_flips = proptest::collection::vec((index(), index(), 1..=255_u8), 8);
    proptest!(ProptestConfig::with_cases(32), |(flips in eight_flips)| {
        let (mut alone, mut together, mut signed) = (Vec::new(), Vec::new(), HashSet::new());
        for (file, byte, flip) in &flips {
            let path = file.get(&paths).as_str();
            let data = path.trim_end_matches(".sig").trim_end_matches(".gpg");
            if data != "manifest.json" && signed.insert(data) {
                together.push((path, byte, flip));
            } else {
                alone.push((path, byte, flip));
            }
        }
        let groups = alone.chunks(1).chain([together.as_slice()]);
        for group in groups.filter(|group| !group.is_empty()) {
            for (path, byte, flip) in group {
                let mut altered = files[*path].clone();
                *byte.get_mut(&mut altered) ^= *flip;
                published.write(path, altered);
            }
            let run = published.verify(&[]);
            for (path, ..) in group {
                published.write(path, &files[*path]);
            }
            prop_assert_ne!(run.code, Some(0), "{:?}", group);
            for (path, ..) in group {
                prop_assert!(names(&run, path), "{} is not named:\n{}\n{}", path, run.stdout, run.stderr);
            }
        }
    });
}
