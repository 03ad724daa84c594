//! `--signer gpg`: keys in gpg sign just like keys in files.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::parse::Parse;

use crate::common::{Directory, Run, Tfadir, files, make_executable, names};
use crate::gpg::{self, GpgKey, Home};
use crate::signatures::are_laid_out_as_old_clients_expect;

/// A directory that was built to be signed with keys in gpg.
struct Unsigned<'h> {
    directory: Directory,
    home: &'h Home,
}

impl<'h> Unsigned<'h> {
    fn by(home: &'h Home, keys: &[&GpgKey]) -> Self {
        Self::at(home, keys, SystemTime::now())
    }

    /// The same, built at another time, when a key may have been valid that no longer is.
    fn at(home: &'h Home, keys: &[&GpgKey], time: SystemTime) -> Self {
        let directory = Directory::new();
        let mut args = vec!["build".to_owned(), "--unsigned".to_owned()];
        for key in keys {
            let name = format!("{}.asc", key.fingerprint);
            let path = directory.path().join(&name);
            let path = path.to_str().unwrap();
            home.gpg(&["--armor", "--output", path, "--export", &key.fingerprint]);
            args.extend(["--cert".to_owned(), name]);
        }
        let seconds = time
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let build = Tfadir::new(&args).folder(directory.path());
        build
            .env("SOURCE_DATE_EPOCH", seconds.to_string())
            .run()
            .ends_with(0);
        Self { directory, home }
    }

    fn command(&self, args: &[&str]) -> Tfadir {
        let args = [&["sign", "--signer", "gpg"], args].concat();
        Tfadir::new(&args)
            .folder(self.directory.path())
            .env("GNUPGHOME", self.home.path())
    }

    fn sign(&self, id: &str) -> Run {
        self.command(&["--key-id", id]).run()
    }

    /// Asserts that tfadir, gpg and gpgv accept every signature, and that each has the right form.
    fn is_signed_by(&self, keys: &[&GpgKey]) {
        let mut args = vec!["verify".to_owned()];
        for key in keys {
            args.extend(["--cert".to_owned(), format!("{}.asc", key.fingerprint)]);
        }
        self.directory
            .run(&args.iter().map(String::as_str).collect::<Vec<_>>())
            .ends_with(0);
        gpg::verify(self.home, &self.directory.dist());
        are_laid_out_as_old_clients_expect(&files(&self.directory.dist()), keys.len());
    }

    /// Asserts that a run fails with this message and changes nothing.
    #[track_caller]
    fn is_refused(&self, command: Tfadir, words: &str) {
        let before = (names(self.directory.path()), files(&self.directory.dist()));
        let run = command.run().ends_with(2).says(words).says("help: ");
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        assert!(before == (names(self.directory.path()), files(&self.directory.dist())));
    }
}

/// Puts a script in front of the real gpg, which it can run as `$GPG`.
fn with_script(directory: &Directory, command: Tfadir, script: &str) -> Tfadir {
    let folder = directory.path().join("bin");
    fs::create_dir(&folder).unwrap();
    let path = std::env::var("PATH").unwrap();
    let real = std::env::split_paths(&path)
        .map(|it| it.join("gpg"))
        .find(|it| it.is_file());
    let gpg = folder.join("gpg");
    fs::write(
        &gpg,
        format!("#!/bin/sh\nGPG='{}'\n{script}", real.unwrap().display()),
    )
    .unwrap();
    make_executable(&gpg);
    command.env("PATH", format!("{}:{path}", folder.display()))
}

/// The time of each signature in a detached signature, in seconds since 1970, and its key.
fn made_by(file: &Path) -> Vec<(u64, String)> {
    let packets = sequoia_openpgp::PacketPile::from_file(file).unwrap();
    let made = packets.children().map(|packet| {
        let Packet::Signature(signature) = packet else {
            panic!("{packet:?}")
        };
        let made = signature.signature_creation_time().unwrap();
        let seconds = made
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        (
            seconds,
            signature.issuer_fingerprints().next().unwrap().to_hex(),
        )
    });
    made.collect()
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn keys_in_gpg_sign_a_folder_and_a_build() {
    for algorithm in ["ed25519", "rsa4096"] {
        let home = Home::new();
        let key = home.generate(algorithm, "");
        let unsigned = Unsigned::by(&home, &[&key]);
        unsigned
            .sign(&key.fingerprint)
            .ends_with(0)
            .says(&key.fingerprint);
        unsigned.is_signed_by(&[&key]);

        fs::remove_dir_all(unsigned.directory.dist()).unwrap();
        let args = [
            "build",
            "--signer",
            "gpg",
            "--key-id",
            &key.fingerprint,
            "--release",
        ];
        let build = Tfadir::new(&[&args[..], &["--serial", "1"]].concat());
        let build = build
            .folder(unsigned.directory.path())
            .env("GNUPGHOME", home.path());
        build
            .run()
            .ends_with(0)
            .says(&format!("by {}", key.fingerprint));
        unsigned.is_signed_by(&[&key]);
    }
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn a_key_in_gpg_can_be_selected_by_any_of_its_ids() {
    let home = Home::new();
    let key = home.generate("ed25519", "");
    home.with_passphrase(
        "",
        &["--quick-add-key", &key.fingerprint, "ed25519", "sign", "1y"],
    );
    let [primary, subkey] = &home.fingerprints(&key)[..] else {
        panic!("two keys")
    };
    let unsigned = Unsigned::by(&home, &[&key]);
    let detached = unsigned.directory.dist().join("v4/all.json.sig");
    for wanted in [subkey, primary] {
        for id in [
            wanted.clone(),
            wanted[24..].to_owned(),
            format!("0x{}", &wanted[24..]),
        ] {
            unsigned
                .command(&["--resign", "--key-id", &id])
                .run()
                .ends_with(0);
            assert_eq!(made_by(&detached)[0].1, *wanted);
        }
        unsigned.is_signed_by(&[&key]);
    }
    unsigned
        .command(&["--resign"])
        .env("PGP_KEY_ID", subkey)
        .run()
        .ends_with(0);
    assert_eq!(made_by(&detached)[0].1, *subkey);
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn the_primary_key_can_be_absent_if_its_subkey_signs() {
    let safe = Home::new();
    let key = safe.generate("ed25519", "");
    safe.with_passphrase(
        "",
        &["--quick-add-key", &key.fingerprint, "ed25519", "sign", "1y"],
    );
    safe.export(&key, "--export-secret-subkeys");
    let home = Home::new();
    home.gpg(&["--batch", "--import", key.file().to_str().unwrap()]);
    let [primary, subkey] = &home.fingerprints(&key)[..] else {
        panic!("two keys")
    };

    let unsigned = Unsigned::by(&home, &[&key]);
    let by_primary = unsigned.command(&["--key-id", primary]);
    unsigned.is_refused(by_primary, &format!("with the key {primary}"));
    unsigned.sign(subkey).ends_with(0).says(subkey);
    unsigned.is_signed_by(&[&key]);
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn keys_that_gpg_cannot_sign_with_are_refused() {
    let home = Home::new();
    let key = home.generate("ed25519", "");
    let unsigned = Unsigned::by(&home, &[&key]);
    let with = |id: &str| unsigned.command(&["--key-id", id]);
    unsigned.is_refused(unsigned.command(&[]), "--signer gpg needs a key");
    unsigned.is_refused(
        with("0123456789ABCDEF"),
        "gpg does not have the key 0123456789ABCDEF",
    );
    for bad in ["0123ABCD", "test@directory.example", "--output", ""] {
        unsigned.is_refused(
            unsigned.command(&[&format!("--key-id={bad}")]),
            "not a fingerprint",
        );
    }
    let other = home.generate("rsa2048", "");
    unsigned.is_refused(with(&other.fingerprint), "pass the right key");
    let nowhere = with(&key.fingerprint).env("PATH", "/nonexistent");
    unsigned.is_refused(nowhere, "cannot run gpg");
    let args = ["--batch", "--yes", "--delete-secret-keys", &key.fingerprint];
    home.gpg(&args);
    unsigned.is_refused(with(&key.fingerprint), "No secret key");
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn expired_and_revoked_keys_in_gpg_are_refused() {
    let home = Home::new();
    let old = home.generate_with("ed25519", "", &["--faked-system-time", "20200101T000000"]);
    let then = SystemTime::UNIX_EPOCH + Duration::from_hours(24 * 18_400);
    let unsigned = Unsigned::at(&home, &[&old], then);
    let expired = format!("the key {} has expired", old.fingerprint);
    unsigned.is_refused(unsigned.command(&["--key-id", &old.fingerprint]), &expired);

    let home = Home::new();
    let key = home.generate("ed25519", "");
    let unsigned = Unsigned::by(&home, &[&key]);
    home.revoke(&key);
    let revoked = format!("the key {} has been revoked", key.fingerprint);
    unsigned.is_refused(unsigned.command(&["--key-id", &key.fingerprint]), &revoked);
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn a_passphrase_that_gpg_cannot_ask_for_fails_immediately() {
    let home = Home::new();
    let key = home.generate("ed25519", "a passphrase");
    let unsigned = Unsigned::by(&home, &[&key]);
    fs::write(
        home.path().join("gpg-agent.conf"),
        "pinentry-program /nonexistent\n",
    )
    .unwrap();
    home.end_agent();
    let command = unsigned.command(&["--key-id", &key.fingerprint]);
    unsigned.is_refused(command, "gpg cannot sign with the key");
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn the_agent_asks_once_for_all_files() {
    let home = Home::new();
    let key = home.generate("ed25519", "a passphrase");
    let unsigned = Unsigned::by(&home, &[&key]);
    let asked = home.path().join("asked");
    let pinentry = home.path().join("pinentry");
    let script = format!(
        "#!/bin/sh\necho OK\nwhile read -r line; do case $line in\n\
         GETPIN*) echo >>'{}'; echo 'D a passphrase';; esac; echo OK; done\n",
        asked.display()
    );
    fs::write(&pinentry, script).unwrap();
    make_executable(&pinentry);
    let settings = format!("pinentry-program {}\n", pinentry.display());
    fs::write(home.path().join("gpg-agent.conf"), settings).unwrap();
    home.end_agent();
    unsigned.sign(&key.fingerprint).ends_with(0);
    assert_eq!(fs::read_to_string(asked).unwrap(), "\n");
    unsigned.is_signed_by(&[&key]);
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn signatures_by_gpg_have_the_time_of_the_source() {
    let home = Home::new();
    let key = home.generate_with("ed25519", "", &["--faked-system-time", "20260101T000000"]);
    let unsigned = Unsigned::by(&home, &[&key]);
    let at = 1_770_000_000;
    let sign = unsigned.command(&["--key-id", &key.fingerprint]);
    sign.env("SOURCE_DATE_EPOCH", at.to_string())
        .run()
        .ends_with(0);
    for (path, _) in files(&unsigned.directory.dist()) {
        if path.ends_with(".sig") {
            let made = made_by(&unsigned.directory.dist().join(path));
            assert_eq!(made, [(at, key.fingerprint.clone())]);
        }
    }
    unsigned.is_signed_by(&[&key]);
    let early = unsigned.command(&["--resign", "--key-id", &key.fingerprint]);
    let early = early.env("SOURCE_DATE_EPOCH", "1600000000");
    unsigned.is_refused(early, "created after the time of signing");
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn two_keys_in_gpg_sign_every_file() {
    let home = Home::new();
    let keys = [home.generate("ed25519", ""), home.generate("rsa2048", "")];
    let both = keys.each_ref();
    let unsigned = Unsigned::by(&home, &both);
    let [a, b] = both.map(|key| key.fingerprint.as_str());
    unsigned.is_refused(unsigned.command(&["--key-id", a]), "pass the right key");
    for ids in [[a, b], [b, a]] {
        let sign = ["--resign", "--key-id", ids[0], "--key-id", ids[1]];
        unsigned
            .command(&sign)
            .run()
            .ends_with(0)
            .says(&format!("by {a} and {b}"));
        unsigned.is_signed_by(&both);
    }
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn settings_of_gpg_do_not_change_the_form_of_signatures() {
    let home = Home::new();
    let key = home.generate("ed25519", "");
    let unsigned = Unsigned::by(&home, &[&key]);
    let settings = "armor\ntextmode\ndefault-sig-expire 1d\ndigest-algo SHA256\nask-sig-expire\n\
                    no-greeting\nverbose\n";
    fs::write(home.path().join("gpg.conf"), settings).unwrap();
    unsigned.sign(&key.fingerprint).ends_with(0);
    fs::remove_file(home.path().join("gpg.conf")).unwrap();
    unsigned.is_signed_by(&[&key]);

    // A setting for a second signer cannot be overridden.
    let other = home.generate("rsa2048", "");
    let settings = format!(
        "local-user {}
",
        other.fingerprint
    );
    fs::write(home.path().join("gpg.conf"), settings).unwrap();
    let sign = unsigned.command(&["--resign", "--key-id", &key.fingerprint]);
    unsigned.is_refused(sign, "gpg.conf");
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn gpg_does_not_see_the_secrets_of_tfadir() {
    let home = Home::new();
    let key = home.generate("ed25519", "");
    let unsigned = Unsigned::by(&home, &[&key]);
    let sign = unsigned
        .command(&["--key-id", &key.fingerprint])
        .env("PGP_KEY", "a secret key")
        .env("PGP_PASSWORD", "a secret passphrase");
    let script = "{ env; printf '%s ' \"$@\"; echo; } >>\"$0.seen\"\nexec \"$GPG\" \"$@\"\n";
    with_script(&unsigned.directory, sign, script)
        .run()
        .ends_with(0);
    let seen = fs::read_to_string(unsigned.directory.path().join("bin/gpg.seen")).unwrap();
    assert!(
        seen.contains("--detach-sign") && seen.contains("GNUPGHOME="),
        "{seen}"
    );
    assert!(
        !seen.contains("PGP_KEY") && !seen.contains("PGP_PASSWORD"),
        "{seen}"
    );
    assert!(!seen.contains("a secret"), "{seen}");
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn signatures_by_gpg_are_verified() {
    let home = Home::new();
    let key = home.generate("ed25519", "");
    for (script, words) in [
        // A signature over something else.
        (
            "case $* in *--detach-sign*) cat >/dev/null; echo x | \"$GPG\" \"$@\"; exit $?;; esac\n",
            "does not match the data",
        ),
        (
            "case $* in *--detach-sign*) cat >/dev/null; echo nonsense; exit 0;; esac\n",
            "the output of gpg",
        ),
        (
            "case $* in *--detach-sign*) cat >/dev/null; exit 0;; esac\n",
            "the output of gpg is empty",
        ),
        (
            "case $* in *--export*) echo nonsense; exit 0;; esac\n",
            "gpg does not have the key",
        ),
    ] {
        let unsigned = Unsigned::by(&home, &[&key]);
        let sign = unsigned.command(&["--key-id", &key.fingerprint]);
        let script = format!("{script}exec \"$GPG\" \"$@\"\n");
        let sign = with_script(&unsigned.directory, sign, &script);
        unsigned.is_refused(sign, words);
    }
}
