//! Runs every command on the verification page as printed, with its domain serving a build.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Directory, files, temporary_folder};
use crate::gpg::Home;
use crate::internet;

const EMAIL: &str = "security@directory.example";

/// A release by this many new keys, `k0.asc` and so on, with the fingerprint of the first.
fn release(settings: &str, keys: usize) -> (Directory, String) {
    let general = format!(
        "api = 'https://api.directory.example/'\n[publisher]\nemail = '{EMAIL}'\n{settings}"
    );
    let directory = Directory::new().file("directory.toml", general);
    let names: Vec<String> = (0..keys).map(|number| format!("k{number}.asc")).collect();
    let mut fingerprints = names.iter().map(|name| {
        let args = [
            "key",
            "generate",
            "--email",
            EMAIL,
            "--no-passphrase",
            "--out",
            name,
        ];
        let run = directory
            .run(&[&args[..], &["--format", "json"]].concat())
            .ends_with(0);
        let told: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        told["fingerprint"].as_str().unwrap().to_owned()
    });
    let fingerprint = fingerprints.next().unwrap();
    assert_eq!(fingerprints.count(), keys - 1);
    let mut args = vec!["build", "--release", "--serial", "1700000000"];
    args.extend(names.iter().flat_map(|name| ["--key", name]));
    directory.run(&args).ends_with(0);
    (directory, fingerprint)
}

/// The texts of all code blocks on a page.
fn blocks(page: &Path) -> Vec<String> {
    let page = fs::read_to_string(page).unwrap();
    let blocks = page.split("<pre").skip(1).map(|rest| {
        let (_, rest) = rest.split_once("<code>").unwrap();
        let code = rest.split("</code>").next().unwrap().replace("</span>", "");
        // Colours.
        let mut parts = code.split("<span ");
        let mut text = parts.next().unwrap().to_owned();
        text.extend(parts.map(|part| part.split_once('>').unwrap().1));
        for (escaped, char) in [
            ("&#x27;", "'"),
            ("&quot;", "\""),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&amp;", "&"),
        ] {
            text = text.replace(escaped, char);
        }
        text
    });
    blocks.collect()
}

/// The results of running the code blocks on a page.
struct Ran {
    folder: tempfile::TempDir,
    scripts: Vec<PathBuf>,
    is_success: bool,
    said: String,
}

impl Ran {
    /// The output of a block, alone and after all the others.
    fn said(&self, block: usize) -> [String; 2] {
        let name = self.scripts[block].to_str().unwrap();
        ["alone", "together"].map(|it| fs::read_to_string(format!("{name}.{it}")).unwrap())
    }

    /// The file that a block wrote.
    fn left(&self, block: usize, name: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(block.to_string()).join(name)).unwrap()
    }
}

/// Runs blocks in a simulated internet in which the domain and its `api` serve a build.
fn run(dist: &Path, blocks: &[String]) -> Ran {
    let folder = temporary_folder();
    let scripts: Vec<PathBuf> = blocks
        .iter()
        .enumerate()
        .map(|(number, block)| {
            let path = folder.path().join(format!("{number}.sh"));
            fs::write(&path, format!("{block}\n")).unwrap();
            path
        })
        .collect();
    let output = internet::bash(
        dist,
        "directory.example",
        "api 60 IN A 127.0.0.1",
        "commands.sh",
    )
    .arg(folder.path())
    .args(&scripts)
    .output()
    .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ran {
        folder,
        scripts,
        is_success: output.status.success(),
        said,
    }
}

#[test]
#[ignore = "needs root, gpg, nsd, curl, jq, python3; .ci/run installs them and runs this"]
fn gpg_finds_and_verifies_with_each_command_as_printed() {
    let extensions = "[signatures]\ninline = 'sig'\ndetached = 'dsig'\n";
    for (settings, keys) in [("", 1), (extensions, 1), ("", 2)] {
        let (directory, fingerprint) = release(settings, keys);
        let imported = format!("imported: {keys}");
        let dist = directory.dist();
        let blocks = blocks(&dist.join("verify/index.html"));
        assert_eq!(blocks.len(), 8, "{blocks:#?}");
        let ran = run(&dist, &blocks);
        assert!(ran.is_success, "{}", ran.said);

        let data = &files(&dist)["v4/all.json"];
        let expected: [(&str, &[&str]); 8] = [
            ("gpg --import", &[&imported]),
            (",wkd ", &[&fingerprint, EMAIL]),
            (",cert ", &[&fingerprint, EMAIL]),
            (",dane ", &[&fingerprint, EMAIL]),
            ("gpg --verify", &["Good signature", EMAIL]),
            ("VALIDSIG", &["GOODSIG", "VALIDSIG", &fingerprint]),
            ("gpgv ", &["Good signature"]),
            ("jq ", &["Good signature", "all.json: OK"]),
        ];
        for (number, (words, results)) in expected.into_iter().enumerate() {
            assert!(
                blocks[number].contains(words),
                "{words}: {}",
                blocks[number]
            );
            for said in ran.said(number) {
                for result in results {
                    // gpg groups the digits of a fingerprint for readability.
                    let is_said = said.contains(result) || said.replace(' ', "").contains(result);
                    assert!(is_said, "no `{result}` by {}:\n{said}", blocks[number]);
                }
            }
            if blocks[number].contains("all.json") {
                let is_renamed = blocks[number].contains("--output data.json");
                let name = if is_renamed { "data.json" } else { "all.json" };
                assert!(ran.left(number, name) == *data, "{}", blocks[number]);
            }
        }
    }
}

/// The page says that one command fails if the signature is from another key.
#[test]
#[ignore = "needs root, gpg, nsd, curl, python3; .ci/run installs them and runs this"]
fn the_command_for_scripts_fails_if_another_key_signed() {
    let (page, _) = release("", 1);
    let (other, _) = release("", 1);
    let mut blocks = blocks(&page.dist().join("verify/index.html"));
    blocks.retain(|block| block.contains("VALIDSIG"));
    assert_eq!(blocks.len(), 1);
    let ran = run(&page.dist(), &blocks);
    assert!(ran.is_success, "{}", ran.said);
    let ran = run(&other.dist(), &blocks);
    assert!(
        !ran.is_success && ran.said.contains("0.sh failed alone"),
        "{}",
        ran.said
    );
}

/// A second key, valid or not, must not hide a problem with the pinned key.
#[test]
#[ignore = "needs root, gpg, nsd, curl, python3; .ci/run installs them and runs this"]
fn the_command_for_scripts_fails_if_one_of_two_keys_is_revoked() {
    let (page, fingerprint) = release("", 2);
    let dist = page.dist();
    let mut blocks = blocks(&dist.join("verify/index.html"));
    blocks.retain(|block| block.contains("VALIDSIG"));
    let ran = run(&dist, &blocks);
    assert!(ran.is_success, "{}", ran.said);

    let home = Home::new();
    let [revocation, certificates] = [page.path().join("k0.rev.asc"), dist.join("key.asc")]
        .map(|it| it.to_str().unwrap().to_owned());
    home.gpg(&["--import", &certificates]);
    home.gpg(&["--import", &revocation]);
    home.gpg(&["--armor", "--yes", "--output", &certificates, "--export"]);
    let ran = run(&dist, &blocks);
    assert!(
        !ran.is_success
            && ran
                .said
                .contains(&format!("REVKEYSIG {}", &fingerprint[24..])),
        "{}",
        ran.said
    );
}
