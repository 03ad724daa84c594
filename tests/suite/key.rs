//! Which key signs, and the errors if none can.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use sequoia_openpgp::cert::{Cert, CertBuilder};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, ReasonForRevocation};
use sequoia_openpgp::{Packet, Profile};

use crate::common::{Directory, Run, Tfadir, names};
use crate::keys::keypair;
pub use crate::keys::secret;

const PASSPHRASE: &str = "swordfish & chips";
const DAY: Duration = Duration::from_hours(24);

pub fn builder() -> CertBuilder<'static> {
    crate::keys::builder().add_userid("Test <test@directory.example>")
}

/// A directory with a key, and builds with that key.
struct Signing {
    directory: Directory,
    key: PathBuf,
}

impl Signing {
    fn with(key: impl AsRef<[u8]>) -> Self {
        let directory = Directory::new().file("key.asc", key);
        let key = directory.path().join("key.asc");
        Self { directory, key }
    }

    fn build(&self, args: &[&str]) -> Tfadir {
        let key = self.key.to_str().unwrap();
        let args = [&["build", "--release", "--serial", "1", "--key", key], args].concat();
        Tfadir::new(&args).folder(self.directory.path())
    }

    /// Asserts that the build fails with this message and writes nothing.
    #[track_caller]
    fn is_refused(&self, run: Run, words: &str) {
        let run = run.ends_with(2).says(words);
        assert!(!run.stderr.contains(PASSPHRASE) && !run.stderr.contains("panicked"));
        assert_eq!(names(self.directory.path()), ["entries", "key.asc"]);
    }
}

#[test]
fn a_key_signs_by_its_primary_key() {
    let (cert, _) = builder().add_signing_subkey().generate().unwrap();
    let signing = Signing::with(secret(&cert));
    signing
        .build(&[])
        .run()
        .ends_with(0)
        .says(&format!("by {}", cert.fingerprint()));
}

#[test]
fn a_subkey_can_be_chosen_by_fingerprint_and_by_key_id() {
    let (cert, _) = builder().add_signing_subkey().generate().unwrap();
    let signing = Signing::with(secret(&cert));
    let subkey = cert.keys().subkeys().next().unwrap();
    let (fingerprint, id) = (subkey.key().fingerprint(), subkey.key().keyid());
    let says = format!("by {fingerprint}");
    for wanted in [
        fingerprint.to_hex(),
        id.to_hex(),
        format!("0x{}", id.to_hex().to_lowercase()),
    ] {
        signing
            .build(&["--key-id", &wanted])
            .run()
            .ends_with(0)
            .says(&says);
        signing
            .build(&[])
            .env("PGP_KEY_ID", &wanted)
            .run()
            .ends_with(0)
            .says(&says);
    }
}

#[test]
fn an_unknown_key_id_is_refused() {
    let (cert, _) = builder().generate().unwrap();
    let signing = Signing::with(secret(&cert));
    let run = signing.build(&["--key-id", "0123456789ABCDEF"]).run();
    signing.is_refused(run, &format!("help: it contains {}", cert.fingerprint()));
    for bad in ["0123ABCD", "nonsense", "0123456789ABCDEFG"] {
        signing.is_refused(
            signing.build(&["--key-id", bad]).run(),
            "is not a fingerprint or key ID",
        );
    }
}

#[test]
fn a_primary_key_that_only_certifies_leaves_signing_to_its_subkey() {
    let builder = || builder().set_primary_key_flags(KeyFlags::empty().set_certification());
    let (cert, _) = builder().add_signing_subkey().generate().unwrap();
    let subkey = cert.keys().subkeys().next().unwrap().key().fingerprint();
    Signing::with(secret(&cert))
        .build(&[])
        .run()
        .ends_with(0)
        .says(&format!("by {subkey}"));

    let (cert, _) = builder()
        .add_transport_encryption_subkey()
        .generate()
        .unwrap();
    let signing = Signing::with(secret(&cert));
    signing.is_refused(signing.build(&[]).run(), "cannot sign data");
}

#[test]
fn a_passphrase_comes_from_the_environment_or_a_file() {
    let (cert, _) = builder()
        .set_password(Some(PASSPHRASE.into()))
        .generate()
        .unwrap();
    let signing = Signing::with(secret(&cert));
    signing
        .build(&[])
        .env("PGP_PASSWORD", PASSPHRASE)
        .run()
        .ends_with(0);
    for ending in ["", "\n", "\r\n"] {
        let file = Directory::empty().file("passphrase", format!("{PASSPHRASE}{ending}"));
        let path = file.path().join("passphrase");
        signing
            .build(&["--password-file", path.to_str().unwrap()])
            .run()
            .ends_with(0);
    }
}

#[test]
fn a_wrong_or_missing_passphrase_is_refused() {
    let (cert, _) = builder()
        .set_password(Some(PASSPHRASE.into()))
        .generate()
        .unwrap();
    let signing = Signing::with(secret(&cert));
    let wrong = signing.build(&[]).env("PGP_PASSWORD", "wrong").run();
    signing.is_refused(wrong, "wrong passphrase for the key");
    let empty = signing.build(&[]).env("PGP_PASSWORD", "").run();
    signing.is_refused(empty, "needs a passphrase");
    signing.is_refused(signing.build(&[]).run(), "needs a passphrase");
    let missing = signing.build(&["--password-file", "nowhere"]).run();
    signing.is_refused(missing, "cannot read `nowhere`");
}

#[test]
fn the_key_can_come_from_the_environment() {
    let (cert, _) = builder()
        .set_password(Some(PASSPHRASE.into()))
        .generate()
        .unwrap();
    let directory = Directory::new();
    let run = Tfadir::new(&["build", "--release", "--serial", "1"])
        .folder(directory.path())
        .env("PGP_KEY", String::from_utf8(secret(&cert)).unwrap())
        .env("PGP_PASSWORD", PASSPHRASE)
        .run()
        .ends_with(0)
        .says(&cert.fingerprint().to_hex());
    assert!(!run.stderr.contains(PASSPHRASE) && !run.stderr.contains("BEGIN PGP"));
    for bytes in crate::common::files(&directory.dist()).values() {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains(PASSPHRASE) && !text.contains("PRIVATE KEY"));
    }
    let published = fs::read_to_string(directory.dist().join("key.asc")).unwrap();
    assert!(published.starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----"));
}

#[test]
fn files_without_a_secret_key_are_refused() {
    let (cert, _) = builder().generate().unwrap();
    let public = cert.armored().to_vec().unwrap();
    for (key, words) in [
        (&public[..], "contains only a certificate"),
        (b"", "is empty"),
        (b"not a key at all", "contains no OpenPGP key"),
    ] {
        let signing = Signing::with(key);
        signing.is_refused(signing.build(&[]).run(), words);
    }
    let directory = Directory::new();
    directory
        .run(&["build", "--key", "nowhere.asc"])
        .ends_with(2)
        .says("cannot read `nowhere.asc`");
}

#[test]
fn several_keys_in_one_file_need_a_choice() {
    let (first, _) = builder().generate().unwrap();
    let (second, _) = builder().generate().unwrap();
    let both = [
        first.as_tsk().to_vec().unwrap(),
        second.as_tsk().to_vec().unwrap(),
    ]
    .concat();
    let signing = Signing::with(both);
    signing.is_refused(signing.build(&[]).run(), "contains several keys");
    let chosen = second.fingerprint().to_hex();
    signing
        .build(&["--key-id", &chosen])
        .run()
        .ends_with(0)
        .says(&chosen);
}

#[test]
fn an_expired_key_is_refused() {
    let long_ago = SystemTime::now() - DAY * 30;
    let (cert, _) = builder()
        .set_creation_time(long_ago)
        .set_validity_period(DAY)
        .generate()
        .unwrap();
    let signing = Signing::with(secret(&cert));
    signing.is_refused(signing.build(&[]).run(), "has expired");
    // It was valid on the day it was created.
    let seconds = long_ago
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs()
        + 60;
    signing
        .build(&[])
        .env("SOURCE_DATE_EPOCH", seconds.to_string())
        .run()
        .ends_with(0);
    let before = signing
        .build(&[])
        .env("SOURCE_DATE_EPOCH", "1000000000")
        .run();
    before
        .ends_with(2)
        .says("was created after the time of signing");
}

#[test]
fn an_expired_subkey_is_refused_and_leaves_a_good_one_to_sign() {
    let long_ago = SystemTime::now() - DAY * 30;
    let signing_flags = KeyFlags::empty().set_signing();
    let (cert, _) = builder()
        .set_creation_time(long_ago)
        .set_primary_key_flags(KeyFlags::empty().set_certification())
        .add_subkey(signing_flags.clone(), DAY, None)
        .add_subkey(signing_flags, None, None)
        .generate()
        .unwrap();
    let signing = Signing::with(secret(&cert));
    let subkey = |is_expiring: bool| {
        let policy = StandardPolicy::new();
        let valid = cert.with_policy(&policy, long_ago + DAY / 2).unwrap();
        let mut subkeys = valid.keys().subkeys();
        let wanted = subkeys.find(|key| key.key_validity_period().is_some() == is_expiring);
        wanted.unwrap().key().fingerprint().to_hex()
    };
    let run = signing.build(&["--key-id", &subkey(true)]).run();
    signing.is_refused(run, &format!("the key {} has expired", subkey(true)));
    signing
        .build(&[])
        .run()
        .ends_with(0)
        .says(&format!("by {}", subkey(false)));
}

#[test]
fn a_revoked_key_is_refused() {
    let (cert, _) = builder().generate().unwrap();
    let mut signer = keypair(&cert);
    let revocation = cert
        .revoke(&mut signer, ReasonForRevocation::KeyCompromised, b"lost")
        .unwrap();
    let (cert, _) = cert.insert_packets(revocation).unwrap();
    let signing = Signing::with(secret(&cert));
    signing.is_refused(signing.build(&[]).run(), "has been revoked");
}

#[test]
fn an_invalid_time_is_refused() {
    let directory = Directory::new();
    for time in [
        "yesterday",
        "-1",
        "+5",
        "99999999999999999999",
        "9223372036854775807",
        "253402300800",
    ] {
        let run = Tfadir::new(&["build"])
            .folder(directory.path())
            .env("SOURCE_DATE_EPOCH", time)
            .run();
        run.ends_with(2).says("SOURCE_DATE_EPOCH");
    }
    assert_eq!(names(directory.path()), ["entries"]);
}

#[test]
fn a_development_key_is_generated_once_and_stored_safely() {
    let directory = Directory::new();
    let signed_by = |run: &Run| {
        let line = run
            .stderr
            .lines()
            .find(|line| line.contains("Signed by"))
            .unwrap();
        line.split(';').next().unwrap().to_owned()
    };
    let first = directory
        .run(&["build"])
        .ends_with(0)
        .says("development key")
        .says("do not publish");
    let second = directory.run(&["build"]).ends_with(0);
    assert_eq!(signed_by(&first), signed_by(&second));
    let state = directory.path().join(".tfadir");
    assert_eq!(names(&state), [".gitignore", "development-key.asc"]);
    assert_eq!(fs::read_to_string(state.join(".gitignore")).unwrap(), "*\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(state.join("development-key.asc"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let page = fs::read_to_string(directory.dist().join("index.html")).unwrap();
    assert!(page.contains("development key"), "the page must say so too");
}

#[test]
fn a_release_refuses_a_development_key() {
    let directory = Directory::new();
    directory
        .run(&["build", "--release", "--serial", "1"])
        .ends_with(2)
        .says("--key")
        .says("--unsigned");
    let ci = |args: &[&str]| {
        Tfadir::new(args)
            .folder(directory.path())
            .env("CI", "true")
            .run()
    };
    ci(&["build", "--serial", "1"])
        .ends_with(2)
        .says("a release must be signed");
    assert_eq!(names(directory.path()), ["entries"]);
    ci(&["build", "--unsigned", "--serial", "1"]).ends_with(0);
    directory.run(&["build"]).ends_with(0);
    let args = [
        "build",
        "--serial",
        "1",
        "--key",
        ".tfadir/development-key.asc",
    ];
    ci(&args).ends_with(2).says("development key");
}

/// The folder for local state comes with the directory, so an attacker could make it a link.
#[cfg(unix)]
#[test]
fn links_in_the_folder_for_local_state_are_not_followed() {
    use std::os::unix::fs::symlink;
    let elsewhere = Directory::empty().file("victim", "precious");
    let victim = elsewhere.path().join("victim");

    let directory = Directory::new();
    fs::create_dir(directory.path().join(".tfadir")).unwrap();
    symlink(&victim, directory.path().join(".tfadir/.gitignore")).unwrap();
    directory.run(&["build"]);
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");

    let directory = Directory::new();
    symlink(elsewhere.path(), directory.path().join(".tfadir")).unwrap();
    directory
        .run(&["build"])
        .ends_with(2)
        .says("it is a link or not a folder");

    let directory = Directory::new();
    fs::create_dir(directory.path().join(".tfadir")).unwrap();
    symlink(
        &victim,
        directory.path().join(".tfadir/development-key.asc"),
    )
    .unwrap();
    directory.run(&["build"]).ends_with(2).says("it is a link");
    assert_eq!(names(elsewhere.path()), ["victim"]);
}

#[test]
fn options_about_a_key_need_a_key() {
    let directory = Directory::new();
    for option in ["--key-id", "--password-file"] {
        directory
            .run(&["build", option, "0123456789ABCDEF"])
            .ends_with(2)
            .says("without a key");
    }
    assert_eq!(names(directory.path()), ["entries"]);
}

#[test]
fn a_development_key_signs_at_any_time_of_the_source() {
    let directory = Directory::new();
    for seconds in ["4000000000", "1600000000", "315532800"] {
        let run = Tfadir::new(&["build"])
            .folder(directory.path())
            .env("SOURCE_DATE_EPOCH", seconds);
        run.run().ends_with(0);
    }
}

#[test]
fn a_truncated_key_is_refused() {
    let (cert, _) = builder().generate().unwrap();
    let text = String::from_utf8(secret(&cert)).unwrap();
    for end in [60, 200, text.find("-----END").unwrap()] {
        let signing = Signing::with(&text[..end]);
        signing.is_refused(signing.build(&[]).run(), "is cut off");
    }
    // Line breaks are lost in some settings of CI.
    for replacement in [" ", "", "\\n"] {
        let signing = Signing::with(text.replace('\n', replacement));
        signing.is_refused(
            signing.build(&[]).run(),
            "with both lines and all line breaks",
        );
    }
    // A byte order mark does no harm.
    let signing = Signing::with(format!("\u{feff}{text}"));
    signing.build(&[]).run().ends_with(0);
}

#[test]
fn a_key_of_an_unknown_algorithm_is_refused() {
    let (cert, _) = builder().generate().unwrap();
    let mut bytes = cert.as_tsk().to_vec().unwrap();
    // A header of two bytes, the version, four bytes of time, the algorithm: EdDSA.
    assert_eq!((bytes[2], bytes[7]), (4, 22));
    bytes[7] = 99;
    let signing = Signing::with(bytes);
    signing.is_refused(signing.build(&[]).run(), "unknown public-key algorithm 99");
}

#[test]
fn a_key_of_version_6_is_refused() {
    let (cert, _) = CertBuilder::new()
        .set_profile(Profile::RFC9580)
        .unwrap()
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .add_userid("Test <test@directory.example>")
        .generate()
        .unwrap();
    let signing = Signing::with(secret(&cert));
    signing.is_refused(signing.build(&[]).run(), "has version 6");
}

/// A key with a user ID and flags that are bound only by SHA-1 signatures.
pub fn bound_by_sha1() -> Cert {
    let made = SystemTime::now() - DAY;
    let (cert, _) = builder().set_creation_time(made).generate().unwrap();
    let primary = cert
        .primary_key()
        .key()
        .clone()
        .parts_into_secret()
        .unwrap();
    let mut signer = primary.clone().into_keypair().unwrap();
    let id = cert.userids().next().unwrap();
    let signature = SignatureBuilder::from(id.self_signatures().next().unwrap().clone())
        .set_hash_algo(HashAlgorithm::SHA1)
        .set_signature_creation_time(made)
        .unwrap();
    let bare = Cert::from_packets([Packet::from(primary.clone())].into_iter()).unwrap();
    let binding = id.userid().bind(&mut signer, &bare, signature).unwrap();
    let packets = [primary.into(), id.userid().clone().into(), binding.into()];
    Cert::from_packets(packets.into_iter()).unwrap()
}

#[test]
fn a_key_bound_by_sha1_is_refused() {
    let signing = Signing::with(secret(&bound_by_sha1()));
    let run = signing
        .build(&[])
        .run()
        .says("SHA1")
        .says("help: renew its self-signatures");
    signing.is_refused(run, "is not valid");
}

#[test]
fn the_key_in_the_environment_may_be_base64() {
    let (cert, _) = builder().generate().unwrap();
    for key in [secret(&cert), cert.as_tsk().to_vec().unwrap()] {
        let mut encoded = data_encoding::BASE64.encode(&key);
        encoded.insert(76, '\n');
        let directory = Directory::new();
        let build = Tfadir::new(&["build", "--release", "--serial", "1"]);
        let run = build
            .folder(directory.path())
            .env("PGP_KEY", format!("{encoded}\n"))
            .run();
        run.ends_with(0).says(&cert.fingerprint().to_hex());
    }
}

#[test]
fn a_passphrase_in_the_variable_for_the_key_id_is_not_shown() {
    let (cert, _) = builder().generate().unwrap();
    let signing = Signing::with(secret(&cert));
    let run = signing.build(&[]).env("PGP_KEY_ID", PASSPHRASE).run();
    signing.is_refused(run, "PGP_KEY_ID is not a fingerprint or key ID");
}
