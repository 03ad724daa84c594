//! Keys that tfadir generates, and its reports on key files.

use std::fs;
use std::time::{Duration, SystemTime};

use sequoia_openpgp::Cert;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::SerializeInto;
use serde_json::{Value, json};

use crate::common::{Directory, Run, Tfadir, command, names};
use crate::key::{bound_by_sha1, builder, secret};

const PASSPHRASE: &str = "swordfish & chips";
const DAY: Duration = Duration::from_hours(24);

/// A folder for generated keys.
fn generate(folder: &Directory, args: &[&str]) -> Run {
    let fixed = [
        "key",
        "generate",
        "--email",
        "security@directory.example",
        "--out",
        "k.asc",
    ];
    let run = Tfadir::new(&[&fixed, args].concat())
        .folder(folder.path())
        .env("PGP_PASSWORD", PASSPHRASE)
        .run();
    assert!(!format!("{run:?}").contains(PASSPHRASE));
    run
}

fn cert(folder: &Directory, name: &str) -> Cert {
    Cert::from_file(folder.path().join(name)).unwrap()
}

fn told(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn a_new_key_signs_a_release() {
    let folder = Directory::new();
    let fingerprint = generate(&folder, &[])
        .ends_with(0)
        .says("tfadir build --release");
    let made = cert(&folder, "k.asc");
    let fingerprint = fingerprint.says(&made.fingerprint().to_hex());
    assert!(
        fingerprint.stderr.contains("expires on"),
        "{}",
        fingerprint.stderr
    );
    Tfadir::new(&["build", "--release", "--serial", "1", "--key", "k.asc"])
        .folder(folder.path())
        .env("PGP_PASSWORD", PASSPHRASE)
        .run()
        .ends_with(0)
        .says(&format!("by {}", made.fingerprint()));
}

#[test]
fn a_new_key_has_three_files_that_only_its_owner_reads() {
    let folder = Directory::empty();
    generate(&folder, &["--name", "Example Directory"]).ends_with(0);
    assert_eq!(names(folder.path()), ["k.asc", "k.pub.asc", "k.rev.asc"]);
    #[cfg(unix)]
    for name in names(folder.path()) {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let made = cert(&folder, "k.asc");
    assert!(made.is_tsk() && !made.keys().unencrypted_secret().any(|_| true));
    assert!(!cert(&folder, "k.pub.asc").is_tsk());
    let id = made.userids().next().unwrap().userid().to_string();
    assert_eq!(id, "Example Directory <security@directory.example>");
    folder
        .run(&["key", "show", "k.rev.asc"])
        .ends_with(2)
        .says("like a revocation certificate");
    let revocation = fs::read_to_string(folder.path().join("k.rev.asc")).unwrap();
    assert!(
        revocation.contains("only if the key is lost or stolen"),
        "{revocation}"
    );
}

#[test]
fn no_file_is_overwritten_by_a_new_key() {
    for there in ["k.asc", "k.pub.asc", "k.rev.asc"] {
        let folder = Directory::empty().file(there, "precious");
        generate(&folder, &[]).ends_with(2).says("already exists");
        assert_eq!(names(folder.path()), [there]);
        assert_eq!(
            fs::read_to_string(folder.path().join(there)).unwrap(),
            "precious"
        );
    }
    let folder = Directory::empty();
    let args = [
        "key",
        "generate",
        "--email",
        "a@example.org",
        "--no-passphrase",
        "--out",
    ];
    let run = |out| folder.run(&[&args[..], &[out]].concat()).ends_with(2);
    run("nowhere/k.asc").says("cannot write");
    run("..").says("is not a file name");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_key_without_a_passphrase_needs_an_explicit_option() {
    let folder = Directory::empty()
        .file("empty", "\n")
        .file("p", format!("{PASSPHRASE}\r\n"));
    let make = |args: &[&str]| {
        let fixed = [
            "key",
            "generate",
            "--email",
            "a@example.org",
            "--out",
            "k.asc",
        ];
        folder.run(&[&fixed, args].concat())
    };
    make(&[])
        .ends_with(2)
        .says("no passphrase is given")
        .says("--no-passphrase");
    make(&["--password-file", "empty"])
        .ends_with(2)
        .says("the passphrase is empty");
    make(&["--password-file", "nowhere"])
        .ends_with(2)
        .says("cannot read `nowhere`");
    make(&["--password-file", "p", "--no-passphrase"]).ends_with(2);
    assert_eq!(names(folder.path()), ["empty", "p"]);
    make(&["--no-passphrase"])
        .ends_with(0)
        .says("has no passphrase");
    assert!(
        cert(&folder, "k.asc")
            .keys()
            .unencrypted_secret()
            .any(|_| true)
    );
    for name in ["k.asc", "k.pub.asc", "k.rev.asc"] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    make(&["--password-file", "p"]).ends_with(0);
    let protected = cert(&folder, "k.asc");
    let key = protected
        .primary_key()
        .key()
        .clone()
        .parts_into_secret()
        .unwrap();
    assert!(key.decrypt_secret(&PASSPHRASE.into()).is_ok());
}

#[test]
fn the_primary_key_signs_unless_a_subkey_is_requested() {
    let flags = |args: &[&str]| -> Vec<(bool, bool)> {
        let folder = Directory::empty();
        generate(&folder, args).ends_with(0);
        let (made, policy) = (cert(&folder, "k.asc"), StandardPolicy::new());
        let valid = made.with_policy(&policy, SystemTime::now()).unwrap();
        valid
            .keys()
            .map(|key| (key.for_certification(), key.for_signing()))
            .collect()
    };
    assert_eq!(flags(&[]), [(true, true)]);
    assert_eq!(flags(&["--signing-subkey"]), [(true, false), (false, true)]);
}

#[test]
fn a_key_expires_as_requested() {
    let expires = |args: &[&str]| {
        let folder = Directory::empty();
        let run = generate(&folder, &[args, &["--format", "json"]].concat()).ends_with(0);
        told(&run)["expires"].clone()
    };
    assert_eq!(expires(&["--expires", "never"]), Value::Null);
    assert_eq!(
        expires(&["--expires", "2099-12-31"]),
        json!("2099-12-31T00:00:00Z")
    );
    assert!(expires(&[]).as_str().unwrap().ends_with('Z'));
    let folder = Directory::empty();
    generate(&folder, &["--expires", "2001-01-01"])
        .ends_with(2)
        .says("is not after the day");
    generate(&folder, &["--expires", "200y"])
        .ends_with(2)
        .says("136 years at most");
    generate(&folder, &["--expires", "soon"])
        .ends_with(2)
        .says("`2030-12-31`");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn no_key_is_generated_for_an_address_that_cannot_be_published() {
    for address in [
        "nobody",
        "a@bücher.example",
        "a b@example.org",
        "a@localhost",
    ] {
        let folder = Directory::empty();
        let args = [
            "key",
            "generate",
            "--no-passphrase",
            "--out",
            "k.asc",
            "--email",
            address,
        ];
        folder.run(&args).ends_with(2).says("help:");
        assert!(names(folder.path()).is_empty());
    }
    let folder = Directory::empty();
    generate(&folder, &["--name", "a <b@example.org>\n"])
        .ends_with(2)
        .says("do not form a user ID");
}

#[test]
fn a_key_is_shown_without_its_passphrase() {
    let folder = Directory::empty();
    generate(&folder, &["--signing-subkey", "--expires", "2099-12-31"]).ends_with(0);
    let made = cert(&folder, "k.asc");
    let subkey = made.keys().subkeys().next().unwrap().key().fingerprint();
    for (file, words) in [
        ("k.asc", "protected by a passphrase"),
        ("k.pub.asc", "Public"),
    ] {
        let run = folder.run(&["key", "show", file]).ends_with(0).says(words);
        let run = run
            .says(&made.fingerprint().to_hex())
            .says("<security@directory.example>");
        let run = run
            .says("can certify, created")
            .says("can sign, created")
            .says("expires 2099-12-31");
        run.says(&format!("Signs     {subkey}"));
    }
    let run = folder
        .run(&["key", "show", "k.asc", "--format", "json"])
        .ends_with(0);
    let told = told(&run);
    let shown = &told["certificates"][0];
    assert_eq!(shown["signer"], json!(subkey.to_hex()));
    assert_eq!(shown["keys"][0]["capabilities"], json!(["certify"]));
    assert_eq!(shown["keys"][1]["secret"], "protected");
    assert_eq!(shown["keys"][1]["expires"], "2099-12-31T00:00:00Z");
    assert_eq!(shown["user_ids"][0]["state"], "good");
}

#[test]
fn key_contents_cannot_control_the_terminal() {
    let (cert, _) = builder()
        .add_userid("\u{1b}[31m\u{202e}evil\nSigns: me")
        .generate()
        .unwrap();
    let folder = Directory::empty().file("k.asc", secret(&cert));
    let run = folder.run(&["key", "show", "k.asc"]).ends_with(0);
    assert!(
        !run.stdout.contains(['\u{1b}', '\u{202e}']),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains("\nSigns: me"), "{}", run.stdout);
}

#[test]
fn unaccepted_bindings_are_shown_and_reported() {
    let key = bound_by_sha1();
    for bytes in [secret(&key), key.armored().to_vec().unwrap()] {
        let folder = Directory::empty().file("k.asc", bytes);
        let run = folder
            .run(&["key", "show", "k.asc"])
            .ends_with(0)
            .says("not accepted");
        run.says("SHA1")
            .says("can certify and sign")
            .says("Signs     nothing");
        folder
            .run(&["key", "check", "k.asc"])
            .ends_with(1)
            .says("SHA1")
            .says("user ID");
    }
}

#[test]
fn a_check_warns_early_that_a_key_expires() {
    let builder = || builder().set_creation_time(SystemTime::now());
    let (cert, _) = builder().set_validity_period(DAY * 50).generate().unwrap();
    let folder = Directory::new().file("k.asc", secret(&cert));
    let run = folder.run(&["key", "check", "k.asc"]).ends_with(1);
    assert!(run.stdout.contains("expires on") && run.stdout.contains("in 49 days"));
    folder
        .run(&["key", "check", "k.asc", "--warn-days", "40"])
        .ends_with(0)
        .says("good until");
    folder
        .run(&["build", "--key", "k.asc"])
        .ends_with(0)
        .says("warning: the key")
        .says("in 49");

    let at = |days: u32| {
        let time = SystemTime::now() + DAY * days;
        let seconds = time
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        Tfadir::new(&["key", "check", "k.asc"])
            .folder(folder.path())
            .env("SOURCE_DATE_EPOCH", seconds.to_string())
            .run()
    };
    at(51).ends_with(1).says("has expired");
    let (cert, _) = builder().set_validity_period(DAY * 62).generate().unwrap();
    let folder = Directory::new().file("k.asc", secret(&cert));
    folder.run(&["key", "check", "k.asc"]).ends_with(0);
    let run = folder.run(&["build", "--key", "k.asc"]).ends_with(0);
    assert!(!run.stderr.contains("expires"), "{}", run.stderr);
}

#[test]
fn an_expired_subkey_next_to_a_valid_one_is_not_a_finding() {
    let long_ago = SystemTime::now() - DAY * 30;
    let signing = sequoia_openpgp::types::KeyFlags::empty().set_signing();
    let (cert, _) = builder()
        .set_creation_time(long_ago)
        .add_subkey(signing, DAY, None)
        .generate()
        .unwrap();
    let folder = Directory::empty().file("k.asc", secret(&cert));
    folder
        .run(&["key", "check", "k.asc"])
        .ends_with(0)
        .says("it does not expire");
    folder
        .run(&["key", "show", "k.asc"])
        .ends_with(0)
        .says("(expired)");
}

#[test]
fn a_check_ends_with_2_if_there_is_no_key() {
    let folder = Directory::empty().file("empty", "").file("text", "no key");
    folder
        .run(&["key", "check", "nowhere"])
        .ends_with(2)
        .says("cannot read");
    folder
        .run(&["key", "check", "empty"])
        .ends_with(2)
        .says("is empty");
    folder
        .run(&["key", "show", "text"])
        .ends_with(2)
        .says("contains no OpenPGP key");
}

#[test]
fn a_revoked_key_is_a_finding() {
    let folder = Directory::empty();
    generate(&folder, &[]).ends_with(0);
    let certificate = fs::read(folder.path().join("k.pub.asc")).unwrap();
    let revocation = sequoia_openpgp::PacketPile::from_file(folder.path().join("k.rev.asc"));
    let cert = Cert::from_bytes(&certificate).unwrap();
    let (revoked, _) = cert
        .insert_packets(revocation.unwrap().into_children())
        .unwrap();
    let folder = folder.file("revoked.asc", revoked.armored().to_vec().unwrap());
    folder.run(&["key", "check", "k.pub.asc"]).ends_with(0);
    folder
        .run(&["key", "check", "revoked.asc"])
        .ends_with(1)
        .says("has been revoked");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs mkfifo and setpriv; .ci/run installs them and runs this"]
fn a_process_with_a_secret_key_cannot_be_read() {
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Command, Stdio};
    let folder = Directory::new();
    let program = folder.copied_program();
    let pipe = folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    fs::set_permissions(&pipe, fs::Permissions::from_mode(0o755)).unwrap();
    let root = folder.path().to_str().unwrap();
    // Both runs wait for the other end of the pipe. Only the first one expects a secret key.
    for (option, expects_secret) in [("--key", true), ("--cert", false)] {
        let mut command = folder.unprivileged(&program);
        command.args([
            "build",
            "--root",
            root,
            "--out",
            "/nonexistent/dist",
            option,
            "pipe",
        ]);
        if !expects_secret {
            command.arg("--unsigned");
        }
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_secs(2));
        let is_waiting = child.try_wait().unwrap().is_none();
        assert!(is_waiting, "{option}: {:?}", child.wait_with_output());
        let environment = format!("/proc/{}/environ", child.id());
        let read = folder
            .unprivileged("cat")
            .arg(environment)
            .output()
            .unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!read.status.success(), "{option}");
    }
}

/// A user at a terminal who answers the two questions.
const TERMINAL: &str = r#"
import os, pty, sys
first, second, *program = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.execv(program[0], program)
said = b""
for question, answer in (b"new key: ", first), (b"again: ", second):
    while question not in said:
        said += os.read(terminal, 1000)
    os.write(terminal, answer.encode() + b"\n")
try:
    while more := os.read(terminal, 1000):
        said += more
except OSError:
    pass
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"#;

#[test]
#[ignore = "needs python3; .ci/run installs it and runs this"]
fn a_terminal_is_asked_twice_for_the_passphrase() {
    let folder = Directory::empty();
    let ask = |first: &str, second: &str| {
        let mut terminal = command("python3");
        terminal.args(["-c", TERMINAL, first, second, env!("CARGO_BIN_EXE_tfadir")]);
        terminal.args([
            "key",
            "generate",
            "--email",
            "a@example.org",
            "--out",
            "k.asc",
        ]);
        Run::of(&mut terminal, folder.path())
    };
    ask("one", "two")
        .ends_with(2)
        .says("the two passphrases differ");
    ask("", "").ends_with(2).says("the passphrase is empty");
    assert!(names(folder.path()).is_empty());
    ask("one", "one").ends_with(0);
    let made = cert(&folder, "k.asc");
    let key = made
        .primary_key()
        .key()
        .clone()
        .parts_into_secret()
        .unwrap();
    assert!(key.decrypt_secret(&"one".into()).is_ok());
}
