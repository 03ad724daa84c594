//! Real gpg finds the key of an address in the published files, in a simulated internet.

use std::path::Path;

use crate::common::{Directory, Tfadir};
use crate::internet;

/// Generates a key for an address in a folder; returns its fingerprint.
fn generate(directory: &Directory, file: &str, address: &str, cipher: &str) -> String {
    let args = [
        "key",
        "generate",
        "--email",
        address,
        "--cipher",
        cipher,
        "--no-passphrase",
    ];
    let run = directory.run(&[&args[..], &["--out", file, "--format", "json"]].concat());
    let told: serde_json::Value = serde_json::from_str(&run.ends_with(0).stdout).unwrap();
    told["fingerprint"].as_str().unwrap().to_owned()
}

/// What gpg finds, line by line: `METHOD FINGERPRINT`, `METHOD USER-ID`, `GET PATH`.
fn locate(published: &Path, address: &str, records: &str, methods: &[&str]) -> Vec<String> {
    let domain = address.split('@').nth(1).unwrap();
    let output = internet::bash(published, domain, records, "locate.sh")
        .arg(address)
        .args(methods)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let found = String::from_utf8(output.stdout).unwrap();
    found.lines().map(str::to_owned).collect()
}

/// Asserts that gpg finds exactly these keys by a method.
#[track_caller]
fn finds(lines: &[String], method: &str, fingerprints: &[&str]) {
    for fingerprint in fingerprints {
        assert!(
            lines.contains(&format!("{method} {fingerprint}")),
            "{method}: {lines:?}"
        );
    }
    let is_fingerprint = |line: &&String| {
        let rest = line.strip_prefix(method).map(str::trim);
        rest.is_some_and(|it| it.len() == 40 && it.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    assert_eq!(
        lines.iter().filter(is_fingerprint).count(),
        fingerprints.len(),
        "{lines:?}"
    );
}

#[test]
#[ignore = "needs root, gpg, nsd, python3; .ci/run installs them and runs this"]
fn gpg_finds_a_published_key_by_web_and_by_dns() {
    for (address, cipher) in [
        ("security@directory.example", "ed25519"),
        ("Joe.Doe@directory.example", "rsa4096"),
    ] {
        let directory = Directory::new();
        let fingerprint = generate(&directory, "k.asc", address, cipher);
        let args = [
            "key",
            "publish",
            "k.pub.asc",
            "--out",
            "published",
            "--email",
            address,
        ];
        directory.run(&args).ends_with(0);
        let published = directory.path().join("published");

        let lines = locate(&published, address, "", &["wkd", "cert", "dane"]);
        for method in ["wkd", "cert", "dane"] {
            finds(&lines, method, &[&fingerprint]);
        }
        let direct = |line: &String| line.starts_with("GET /.well-known/openpgpkey/hu/");
        assert!(lines.iter().any(direct), "{lines:?}");

        let subdomain = "openpgpkey 60 IN A 127.0.0.1";
        let lines = locate(&published, address, subdomain, &["wkd"]);
        finds(&lines, "wkd", &[&fingerprint]);
        let advanced =
            |line: &String| line.starts_with("GET /.well-known/openpgpkey/directory.example/hu/");
        assert!(lines.iter().any(advanced), "{lines:?}");
    }
}

/// A build publishes keys in the same way, and a roll-over publishes both. If there are several
/// records, gpg takes the first that it receives, so in DNS it finds one of them.
#[test]
#[ignore = "needs root, gpg, nsd, python3; .ci/run installs them and runs this"]
fn gpg_finds_both_keys_of_a_roll_over_by_web() {
    let address = "security@2fa.directory";
    let directory = Directory::new();
    let old = generate(&directory, "old.asc", address, "ed25519");
    let new = generate(&directory, "new.asc", address, "ed25519");
    directory
        .run(&["build", "--release", "--key", "old.asc", "--serial", "1"])
        .ends_with(0);
    finds(
        &locate(&directory.dist(), address, "", &["wkd"]),
        "wkd",
        &[&old],
    );

    directory
        .run(&["key", "publish", "old.asc", "new.asc", "--out", "published"])
        .ends_with(0);
    let published = directory.path().join("published");
    let lines = locate(&published, address, "", &["wkd", "cert"]);
    finds(&lines, "wkd", &[&old, &new]);
    let by_dns = |it: &String| lines.contains(&format!("cert {it}"));
    assert!(by_dns(&old) || by_dns(&new), "{lines:?}");
}

/// gpg accepts all files of a new key: the secret key, the certificate and the revocation.
#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn gpg_imports_all_files_of_a_new_key() {
    for args in [
        &["--cipher", "ed25519"][..],
        &["--cipher", "rsa4096", "--signing-subkey"],
    ] {
        let folder = Directory::empty().file("p", "fish & chips\n");
        let fixed = [
            "key",
            "generate",
            "--email",
            "a@example.org",
            "--name",
            "A",
            "--out",
            "k.asc",
        ];
        let all = [
            &fixed[..],
            &["--password-file", "p", "--format", "json"],
            args,
        ]
        .concat();
        let run = Tfadir::new(&all).folder(folder.path()).run().ends_with(0);
        let told: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let fingerprint = told["fingerprint"].as_str().unwrap();

        let home = crate::gpg::Home::new();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        home.with_passphrase("fish & chips", &["--import", &path("k.asc")]);
        home.gpg(&["--batch", "--import", &path("k.pub.asc")]);
        let file = path("p");
        home.with_passphrase("fish & chips", &["--detach-sign", &file]);
        home.gpg(&["--verify", &format!("{file}.sig"), &file]);
        let listed = || {
            let output = home
                .gpg(&["--list-keys", "--with-colons", fingerprint])
                .stdout;
            String::from_utf8(output).unwrap()
        };
        assert!(listed().contains("A <a@example.org>") && !listed().starts_with("pub:r"));
        home.gpg(&["--batch", "--import", &path("k.rev.asc")]);
        assert!(listed().contains("pub:r"), "{}", listed());
    }
}
