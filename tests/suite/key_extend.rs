//! `tfadir key extend`: a key expires later, and nothing is lost.

use std::fs;
use std::time::SystemTime;

use sequoia_openpgp::Cert;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::SerializeInto;
use snapbox::str;

use crate::common::{Directory, Run, Tfadir, files};
use crate::keys::{builder, public, publisher, secret};

const PASSPHRASE: &str = "swordfish & chips";
const DAYS: u64 = 24 * 3600;

/// A folder with `k.asc`, which expires in a month.
fn generated(args: &[&str]) -> Directory {
    let folder = Directory::new();
    let fixed = [
        "key",
        "generate",
        "--email",
        "security@2fa.directory",
        "--out",
        "k.asc",
    ];
    run(
        &folder,
        &[&fixed, &["--expires", "30d"][..], args].concat(),
        PASSPHRASE,
    )
    .ends_with(0);
    folder
}

fn run(folder: &Directory, args: &[&str], passphrase: &str) -> Run {
    let run = Tfadir::new(args).folder(folder.path());
    let run = if passphrase.is_empty() {
        run.run()
    } else {
        run.env("PGP_PASSWORD", passphrase).run()
    };
    assert!(!format!("{run:?}").contains(PASSPHRASE));
    run
}

fn expiry(folder: &Directory, name: &str) -> Option<SystemTime> {
    let cert = Cert::from_file(folder.path().join(name)).unwrap();
    let policy = StandardPolicy::new();
    let valid = cert.with_policy(&policy, None).unwrap();
    let times: Vec<_> = valid
        .keys()
        .for_signing()
        .map(|key| key.key_expiration_time())
        .collect();
    assert!(times.windows(2).all(|pair| pair[0] == pair[1]), "{times:?}");
    times[0]
}

fn is_in_two_years(time: Option<SystemTime>) -> bool {
    let left = time.unwrap().duration_since(SystemTime::now()).unwrap();
    (728..=732).contains(&(left.as_secs() / DAYS))
}

const EXTEND: [&str; 5] = ["key", "extend", "k.asc", "--for", "2y"];

#[test]
fn an_extended_key_signs_and_its_files_say_the_new_day() {
    for args in [&[][..], &["--signing-subkey"]] {
        let folder = generated(args);
        let old = fs::read(folder.path().join("k.rev.asc")).unwrap();
        run(&folder, &EXTEND, PASSPHRASE)
            .ends_with(0)
            .reports(str![[r#"
 Extended the key [..], which expires on [..]
    Wrote [ROOT]/k.asc: the secret key
    Wrote [ROOT]/k.pub.asc: the certificate
     Next publish it: build again, or run `tfadir key publish [ROOT]/k.pub.asc --out FOLDER`

"#]])
            .prints(str![]);
        for name in ["k.asc", "k.pub.asc"] {
            assert!(is_in_two_years(expiry(&folder, name)), "{args:?} {name}");
        }
        assert_eq!(fs::read(folder.path().join("k.rev.asc")).unwrap(), old);
        assert_eq!(files(folder.path()).len(), 4);
        let release = ["build", "--release", "--serial", "1", "--key", "k.asc"];
        run(&folder, &release, PASSPHRASE).ends_with(0);
        run(&folder, &["verify", "--cert", "k.pub.asc"], "").ends_with(0);
        run(&folder, &["key", "check", "dist/key.asc"], "").ends_with(0);
        // It is extended already.
        run(
            &folder,
            &["key", "extend", "k.asc", "--for", "90d"],
            PASSPHRASE,
        )
        .ends_with(2)
        .reports(str![[r#"
error: the key [..] is valid until [..] already; nothing was changed
 help: choose a later time with --for

"#]]);
    }
}

#[test]
fn a_wrong_or_missing_passphrase_changes_nothing() {
    let folder = generated(&[]);
    let before = files(folder.path());
    run(&folder, &EXTEND, "wrong")
        .ends_with(2)
        .reports(str![[r#"
error: wrong passphrase for the key [..]
 help: check what you typed, PGP_PASSWORD, or the file given with --password-file

"#]]);
    run(&folder, &EXTEND, "").ends_with(2).reports(str![[r#"
error: the key [..] needs a passphrase
 help: set PGP_PASSWORD, or pass a file that contains it with --password-file

"#]]);
    let file = [&EXTEND[..], &["--password-file", "missing"]].concat();
    run(&folder, &file, "").ends_with(2).reports(str![[r#"
error: cannot read `missing`: No such file or directory (os error 2)

"#]]);
    assert!(files(folder.path()) == before);
}

#[test]
fn a_passphrase_with_a_line_break_at_its_end_is_tried_without_it() {
    let folder = generated(&[]);
    run(&folder, &EXTEND, &format!("{PASSPHRASE}\n"))
        .ends_with(0)
        .reports(str![[r#"
warning: the passphrase of the key [..] was given with a line break at its end, and is right without it
 help: remove the line break from PGP_PASSWORD or the passphrase file
 Extended the key [..], which expires on [..]
    Wrote [ROOT]/k.asc: the secret key
    Wrote [ROOT]/k.pub.asc: the certificate
     Next publish it: build again, or run `tfadir key publish [ROOT]/k.pub.asc --out FOLDER`

"#]]);
    let folder = folder.file("pass", format!("{PASSPHRASE}\n\n"));
    let build = ["build", "--key", "k.asc", "--password-file", "pass"];
    run(&folder, &build, "").ends_with(0).reports(str![[r#"
warning: the passphrase of the key [..] was given with a line break at its end, and is right without it
 help: remove the line break from PGP_PASSWORD or the passphrase file
  Checked 1 entry in [ROOT]: no errors
   Signed by [..]
    Built [ROOT]/dist: [..]

"#]]);
    // One line break at the end of a file is usual.
    fs::write(folder.path().join("pass"), format!("{PASSPHRASE}\n")).unwrap();
    let said = run(&folder, &build, "").ends_with(0).stderr;
    assert!(!said.contains("line break"), "{said}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_the_files_and_a_link_stays_a_link() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = generated(&["--no-passphrase"]);
    let path = |name: &str| folder.path().join(name);
    fs::set_permissions(path("k.asc"), fs::Permissions::from_mode(0o644)).unwrap();
    symlink("k.asc", path("link.asc")).unwrap();
    run(&folder, &["key", "extend", "link.asc", "--for", "2y"], "").ends_with(0);
    assert!(path("link.asc").symlink_metadata().unwrap().is_symlink());
    for name in ["k.asc", "k.pub.asc"] {
        let mode = path(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
        assert!(is_in_two_years(expiry(&folder, name)), "{name}");
    }
}

#[test]
fn the_files_for_key_discovery_are_written_as_by_key_publish() {
    let folder = generated(&["--no-passphrase"]);
    let publish = [&EXTEND[..], &["--publish", "out"]].concat();
    run(&folder, &publish, "").ends_with(0);
    run(
        &folder,
        &["key", "publish", "k.pub.asc", "--out", "again"],
        "",
    )
    .ends_with(0);
    let [ours, theirs] = ["out", "again"].map(|name| files(&folder.path().join(name)));
    assert!(ours == theirs && ours.len() > 3, "{:?}", ours.keys());
}

#[test]
fn what_is_not_one_usable_secret_key_is_refused_and_left_alone() {
    let (cert, revocation) = publisher().generate().unwrap();
    let (other, _) = publisher().generate().unwrap();
    let revoked = cert.clone().insert_packets(revocation).unwrap().0;
    let expiring = |cert: &Cert| secret(cert);
    let folder = Directory::empty()
        .file("public.asc", public(&cert))
        .file("two.asc", [expiring(&cert), expiring(&other)].concat())
        .file("revoked.asc", expiring(&revoked))
        .file("endless.asc", expiring(&cert))
        .file(
            "binary.key",
            builder().generate().unwrap().0.as_tsk().to_vec().unwrap(),
        )
        .file("text.asc", "no key");
    let before = files(folder.path());
    for (file, message) in [
        (
            "public.asc",
            str![[r#"
error: `public.asc` contains only a certificate, which cannot be extended
 help: pass the file of the secret key

"#]],
        ),
        (
            "two.asc",
            str![[r#"
error: `two.asc` contains several keys
 help: extend a file that contains one key

"#]],
        ),
        (
            "revoked.asc",
            str![[r#"
error: the key [..] has been revoked
 help: sign with its successor

"#]],
        ),
        (
            "endless.asc",
            str![[r#"
error: the key [..] does not expire; nothing was changed

"#]],
        ),
        (
            "text.asc",
            str![[r#"
error: `text.asc` contains no OpenPGP key: unexpected EOF
 help: export a key with `gpg --export-secret-keys`, or a certificate with `gpg --export`

"#]],
        ),
        (
            "missing.asc",
            str![[r#"
error: cannot read `missing.asc`: No such file or directory (os error 2)

"#]],
        ),
    ] {
        run(&folder, &["key", "extend", file, "--for", "2y"], "")
            .ends_with(2)
            .reports(message);
    }
    assert!(files(folder.path()) == before);

    // The certificate next to the key is of another key, or knows a revocation.
    let folder = generated(&["--no-passphrase"]).file("k.pub.asc", public(&other));
    let before = files(folder.path());
    run(&folder, &EXTEND, "").ends_with(2).reports(str![[r#"
error: `[ROOT]/k.pub.asc` is not the certificate of the key [..], and would be replaced
 help: move it away, or rename the key's file

"#]]);
    assert!(files(folder.path()) == before);
}

#[test]
fn fingerprints_are_accepted_as_programs_show_them() {
    let (cert, _) = publisher().generate().unwrap();
    let folder = Directory::new().file("k.asc", secret(&cert));
    let digits = cert.fingerprint().to_hex();
    let by = |separator: &str, every: usize| {
        let parts: Vec<&str> = (0..40)
            .step_by(every)
            .map(|at| &digits[at..at + every])
            .collect();
        parts.join(separator)
    };
    let forms = [
        format!("0x{digits}"),
        format!("0X{digits}"),
        by(":", 2),
        by(" ", 4),
        by(":", 4),
    ];
    for form in &forms {
        let build = ["build", "--key", "k.asc", "--key-id", form];
        run(&folder, &build, "").ends_with(0);
        run(&folder, &["verify", "--fingerprint", form], "").ends_with(0);
    }
}

/// As key servers give out a certificate before its address is confirmed.
#[test]
fn a_certificate_without_user_ids_is_not_complete() {
    let (cert, _) = publisher().generate().unwrap();
    let folder = Directory::new().file("k.asc", secret(&cert));
    run(&folder, &["build", "--key", "k.asc"], "").ends_with(0);
    // Like gpg, which has no signature over the primary key alone.
    let packets = [sequoia_openpgp::Packet::from(
        cert.primary_key().key().clone(),
    )];
    let bare = Cert::from_packets(packets.into_iter()).unwrap();
    let folder = folder.file("bare.asc", public(&bare));
    let reason = "is not complete: it has no user ID; key servers leave user IDs out";
    let shown = run(&folder, &["key", "check", "bare.asc"], "").ends_with(1);
    assert!(shown.stdout.contains(reason), "{}", shown.stdout);
    let verified = run(&folder, &["verify", "--cert", "bare.asc"], "").ends_with(1);
    let said = verified.stdout + &verified.stderr;
    assert!(said.contains("is not complete"), "{said}");
    run(&folder, &["build", "--unsigned", "--cert", "bare.asc"], "")
        .ends_with(2)
        .reports(str![[r#"
error: the certificate [..] is not complete: it has no user ID; key servers leave user IDs out until their address is confirmed
 help: ask the publisher for the whole certificate, such as key.asc next to the files

"#]]);
}
