//! The commands in `docs/releasing.md`, from creating a key to revoking it, and those in other documents
//! that use a key: they work, and lose no key if they fail.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;
use snapbox::str;

use crate::common::{Directory, Run, Tfadir, command, files, project};

/// Each block runs in a shell of its own. There is a second between commits, because their times are
/// serials. Nothing is uploaded, and no server is left running.
const BEFORE: &str = "\
set -euo pipefail
trap 'gpgconf --kill all' EXIT
npx() { :; }
tfadir() { [ \"$1\" = serve ] || command tfadir \"$@\"; }
git() { [ \"$1\" != commit ] || sleep 1.1; command git \"$@\"; }
";

/// What the page assumes.
const START: &str = "\
git init --quiet
git config user.name Test
git config user.email test@directory.example
git add entries directory.toml .gitignore
git commit --quiet --message Start
";

/// Commands that read or write a secret key.
const USES_SECRET_KEY: [&str; 5] = [
    "--key ",
    "--password-file",
    "tfadir key generate",
    "tfadir key extend",
    "tfadir sign",
];

fn uses_secret_key(block: &str) -> bool {
    USES_SECRET_KEY
        .iter()
        .any(|command| block.contains(command))
}

/// The documents for users, with their paths in the project.
fn documents() -> Vec<(String, String)> {
    let folder = fs::read_dir(project().join("docs")).unwrap();
    let in_docs = folder.map(|item| format!("docs/{}", item.unwrap().file_name().display()));
    let others = ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(str::to_owned);
    let mut pages = Vec::new();
    for path in in_docs.chain(others).filter(|path| path.ends_with(".md")) {
        let text = fs::read_to_string(project().join(&path)).unwrap();
        pages.push((path, text));
    }
    pages
}

/// The shell blocks of a page of this project, in order.
fn blocks_of(page: &str) -> Vec<String> {
    blocks(&fs::read_to_string(project().join(page)).unwrap())
}

/// The shell blocks of a page, in order.
fn blocks(page: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut is_inside = false;
    for line in page.lines() {
        match line {
            "```sh" => {
                is_inside = true;
                blocks.push(String::new());
            }
            "```" => is_inside = false,
            line if is_inside => {
                let block = blocks.last_mut().unwrap();
                block.push_str(line);
                block.push('\n');
            }
            _ => {}
        }
    }
    blocks
}

/// Runs a script in a folder; it may write to sibling folders.
fn run(script: &str, folder: &Path, scratch: &Path) -> Run {
    let program = Path::new(env!("CARGO_BIN_EXE_tfadir")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut shell = command("bash");
    shell.args(["-c", script]).env("PATH", path);
    shell.env("HOME", scratch).env("TMPDIR", scratch);
    Run::of(&mut shell, folder)
}

fn keys(folder: &Path) -> Vec<Value> {
    let manifest = fs::read(folder.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    manifest["keys"].as_array().unwrap().clone()
}

/// A directory in git, with room for folders next to it. The path of gpg's socket must be short, so
/// this is not below the build folder.
fn repository() -> Directory {
    let scratch = Directory::empty()
        .file(
            "api/entries/g/good.example.json",
            crate::common::entry("Good", "good.example"),
        )
        .file(
            "api/directory.toml",
            "[publisher]\nemail = 'security@directory.example'\n",
        )
        .file("api/.gitignore", "/dist/\n/.tfadir/\n");
    shell(&scratch, START).ends_with(0);
    scratch
}

/// Runs a block in the folder of the directory.
fn shell(scratch: &Directory, block: &str) -> Run {
    let script = format!("{BEFORE}{block}");
    run(&script, &scratch.path().join("api"), scratch.path())
}

/// The files of the keys in `keys/`.
fn key_files(scratch: &Directory) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(&scratch.path().join("keys"));
    files.remove("passphrase");
    files
}

/// With a wrong and with a missing passphrase file, a block fails and changes no key.
fn keeps_keys_if_it_fails(scratch: &Directory, block: &str) {
    let passphrase = scratch.path().join("keys/passphrase");
    let right = fs::read(&passphrase).unwrap();
    let keys = key_files(scratch);
    fs::write(&passphrase, "wrong\n").unwrap();
    let run = shell(scratch, block)
        .ends_with(2)
        .says("wrong passphrase for the key");
    assert!(key_files(scratch) == keys, "{block}: {}", run.stderr);
    // In a terminal, the rest of a pasted block runs all the same.
    shell(scratch, &format!("set +e\n{block}"));
    assert!(key_files(scratch) == keys, "{block}");
    fs::remove_file(&passphrase).unwrap();
    shell(scratch, block).ends_with(2).says("cannot read");
    assert!(key_files(scratch) == keys, "{block}");
    fs::write(&passphrase, right).unwrap();
}

#[test]
#[ignore = "needs gpg and git; .ci/run installs them and runs this"]
fn the_commands_on_the_page_work() {
    let blocks = blocks_of("docs/releasing.md");
    assert!(blocks.len() >= 12, "the page has {} blocks", blocks.len());
    let scratch = repository();
    let api = scratch.path().join("api");
    let (emergency, routine) = blocks.split_last().unwrap();
    let mut said = String::new();
    let mut refused = 0;
    for block in routine {
        if uses_secret_key(block) && !block.contains("key generate") {
            keeps_keys_if_it_fails(&scratch, block);
            refused += 1;
        }
        said += &shell(&scratch, block).ends_with(0).stderr;
        if block.contains("key generate") {
            let keys = key_files(&scratch);
            assert_ne!(shell(&scratch, block).code, Some(0), "{block}");
            assert!(key_files(&scratch) == keys, "{block}");
        }
    }
    assert!(
        refused >= 6 && !said.contains("warning"),
        "{refused}: {said}"
    );
    for name in ["first.asc", "first.pub.asc", "second.asc"] {
        let mode = fs::metadata(scratch.path().join("keys").join(name)).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o600, "{name}");
    }
    // No umask of the page reaches what a web server reads.
    let mode = fs::metadata(api.join("dist/v4/all.json")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o644);
    // The roll-over publishes the extended certificate.
    let shown = Tfadir::new(&["key", "check", "../keys/first.pub.asc"])
        .folder(&api)
        .run();
    let year = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .year()
        + 3;
    shown.says(&format!("good until {year}"));
    let run = shell(&scratch, emergency)
        .ends_with(0)
        .says("has been revoked");

    // First one key signed, then both, and finally only the second.
    let signed = keys(&scratch.path().join("signed"));
    let now = keys(&api.join("dist"));
    assert_eq!((signed.len(), now.len()), (1, 1));
    assert_ne!(signed, now);
    let by_both = format!(
        "by {} and {}",
        signed[0].as_str().unwrap(),
        now[0].as_str().unwrap()
    );
    assert!(said.contains(&by_both), "{said}");
    run.says(signed[0].as_str().unwrap());
}

#[test]
#[ignore = "needs gpg and git; .ci/run installs them and runs this"]
fn blocks_on_other_pages_work_and_keep_the_keys() {
    let scratch = repository();
    let secret_key = scratch.path().join("keys/first.asc");
    let first = |page: &str, command: &str| {
        let mut blocks = blocks_of(page).into_iter();
        blocks.find(|block| block.contains(command)).unwrap()
    };
    shell(&scratch, &first("docs/releasing.md", "first.asc")).ends_with(0);
    let upload = first("docs/deploying.md", "--password-file");
    keeps_keys_if_it_fails(&scratch, &upload);
    shell(&scratch, &upload).ends_with(0);

    let secret = fs::read(&secret_key).unwrap();
    fs::write(scratch.path().join("api/key.asc"), &secret).unwrap();
    let signer = keys(&scratch.path().join("api/dist"))[0].clone();
    let fingerprint = signer.as_str().unwrap();
    shell(&scratch, &first("docs/migrating.md", "key show"))
        .ends_with(0)
        .says(fingerprint);
    let [with_tfadir, with_gpg] = &blocks_of("docs/verifying.md")[..] else {
        panic!("the page has other blocks");
    };
    let with_tfadir = with_tfadir
        .replace("THE FINGERPRINT THAT YOU KNOW", fingerprint)
        .replace("/tmp/", "../");
    shell(&scratch, &with_tfadir).ends_with(0);
    shell(&scratch, with_gpg)
        .ends_with(0)
        .says("Good signature");
    assert_eq!(fs::read(&secret_key).unwrap(), secret);
}

/// The README has no passphrase file, so that its commands ask, or use the variable.
#[test]
#[ignore = "needs git; .ci/run installs it and runs this"]
fn the_commands_of_the_readme_work_and_keep_the_key() {
    let scratch = repository();
    let with = |passphrase: &str, block: &str| {
        shell(
            &scratch,
            &format!("export PGP_PASSWORD='{passphrase}'\n{block}"),
        )
    };
    let files = || {
        ["secret-key.asc", "secret-key.pub.asc", "secret-key.rev.asc"]
            .map(|name| fs::read(scratch.path().join(name)).unwrap())
    };
    let blocks = blocks_of("README.md");
    let block = blocks.iter().find(|block| uses_secret_key(block)).unwrap();
    with("right", block).ends_with(0);
    let key = files();
    with("right", block).ends_with(2).reports(str![[r#"
error: `../secret-key.rev.asc` already exists, and tfadir overwrites no key
 help: choose another --out file

"#]]);
    let (generate, rest) = block.split_once('\n').unwrap();
    assert!(generate.contains("key generate"));
    with("wrong", rest).ends_with(2).reports(str![[r#"
error: wrong passphrase for the key [..]
 help: check what you typed, PGP_PASSWORD, or the file given with --password-file

"#]]);
    shell(&scratch, rest).ends_with(2).reports(str![[r#"
error: the key [..] needs a passphrase
 help: set PGP_PASSWORD, or pass a file that contains it with --password-file

"#]]);
    assert!(files() == key);
    with("right", rest).ends_with(0);
}

/// Every block that uses a secret key is in a document that a test above runs.
#[test]
fn no_other_document_uses_a_secret_key() {
    let documents = documents().into_iter();
    let using =
        documents.filter(|(_, text)| blocks(text).iter().any(|block| uses_secret_key(block)));
    let mut pages: Vec<String> = using.map(|(path, _)| path).collect();
    pages.sort();
    assert_eq!(
        pages,
        ["README.md", "docs/deploying.md", "docs/releasing.md"]
    );
}

/// A redirect empties the file first, and keeps it empty if the command fails.
#[test]
fn no_block_of_any_document_replaces_a_key_file_by_a_redirect() {
    let mut lines = 0;
    for (path, text) in documents() {
        for line in text.lines() {
            lines += 1;
            let target = line.rsplit('>').next().unwrap().trim();
            let is_redirect = line.contains("> ") && !line.starts_with('>');
            let is_key = target.ends_with(".asc") || target.ends_with(".gpg");
            assert!(!(is_redirect && is_key), "{path}: {line}");
            let is_open = line.contains("umask") && !line.contains("(umask");
            assert!(
                !line.starts_with("umask") && !is_open || line.contains("whatever"),
                "{line}"
            );
        }
    }
    assert!(lines > 500);
}
