//! Malformed entries, which must not crash a build.

use std::fs;
use std::process::Command;

use crate::common::{Directory, Tfadir, entry};

/// Asserts that all files are read: a finding names the bad one, and the valid ones are counted.
#[track_caller]
fn is_found(directory: &Directory, rule: &str, location: &str) {
    let run = directory
        .run(&["build", "--unsigned"])
        .ends_with(1)
        .says("nothing was written");
    assert!(
        run.stdout.contains(&format!("error[{rule}]")),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains(&format!("--> {location}")),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains("good.example"), "{}", run.stdout);
    assert!(!directory.dist().exists());
}

fn with(content: impl AsRef<[u8]>) -> Directory {
    Directory::new().file("entries/b/b.example.json", content)
}

const FILE: &str = "entries/b/b.example.json";

#[test]
fn syntax_errors_are_found_with_their_location() {
    for (content, location) in [
        ("{\"a\": {}\n,}", ":2:1"),
        ("{\"a\" {}}", ":1:4"),
        ("{\"a\": \"b\n\"}", ":1:7"),
        ("{'a': 1}", ":1:2"),
        ("// hello\n{}", ":1:1"),
        ("{} {}", ":1:4"),
        ("{\"a\": 1e999}", ":1:"),
        ("[", ":1:1"),
        ("nul", ":1:1"),
        ("{\"a\": \"\\ud800\"}", ":1:"),
    ] {
        is_found(&with(content), "json-syntax", &format!("{FILE}{location}"));
    }
    is_found(&with(""), "json-syntax", FILE);
    is_found(&with(" \n"), "json-syntax", FILE);
}

#[test]
fn nested_brackets_do_not_crash() {
    is_found(&with("[".repeat(1_000_000)), "json-syntax", FILE);
    is_found(&with("{\"a\":".repeat(200_000)), "json-syntax", FILE);
}

#[test]
fn invalid_utf8_is_found_with_its_location() {
    is_found(
        &with(b"{\n\"B\xe9\": {}}"),
        "json-encoding",
        &format!("{FILE}:2:3"),
    );
    is_found(&with(b"\xef\xbb\xbf{}"), "json-encoding", FILE);
    is_found(&with(b"\xff\xfe{\0}\0"), "json-encoding", FILE);
}

#[test]
fn a_file_over_one_mebibyte_is_not_read() {
    let padded = |length: usize| {
        let entry = entry("B", "b.example");
        format!("{entry}{}", " ".repeat(length - entry.len()))
    };
    is_found(&with(padded((1 << 20) + 1)), "file-size", FILE);
    with(padded(1 << 20))
        .run(&["build", "--unsigned"])
        .ends_with(0);
    is_found(&with("[".repeat(10_000_000)), "file-size", FILE);
}

#[test]
fn a_folder_with_the_name_of_an_entry_is_found() {
    let directory = Directory::new().file("entries/b/b.example.json/.x", "");
    is_found(&directory, "unreadable-file", FILE);
}

#[cfg(unix)]
#[test]
fn links_and_special_files_are_found_and_never_followed_out_of_the_root() {
    use std::os::unix::fs::symlink;
    let secret = Directory::empty().file("secret.json", "swordfish");
    let at = |directory: &Directory| directory.path().join(FILE);

    let directory = Directory::new().file("entries/b/.x", "");
    symlink(secret.path().join("secret.json"), at(&directory)).unwrap();
    is_found(&directory, "link-target", FILE);
    assert!(!directory.run(&["check"]).stdout.contains("swordfish"));

    let directory = Directory::new().file("entries/b/.x", "");
    symlink(at(&directory), at(&directory)).unwrap();
    is_found(&directory, "link-target", FILE);

    let directory = Directory::new();
    symlink(
        directory.path().join("entries"),
        directory.path().join("entries/g/loop"),
    )
    .unwrap();
    is_found(&directory, "link-target", "entries/g/loop");

    let directory = Directory::empty();
    symlink(secret.path(), directory.path().join("entries")).unwrap();
    directory
        .run(&["build"])
        .ends_with(2)
        .says("leads out of the root");

    let directory = Directory::new().file("entries/b/.x", "");
    let made = Command::new("mkfifo").arg(at(&directory)).status().unwrap();
    assert!(made.success());
    is_found(&directory, "unreadable-file", FILE);

    // A link directly in the folder of entries, from which a walk could start.
    let directory = Directory::new();
    symlink(secret.path(), directory.path().join("entries/b")).unwrap();
    is_found(&directory, "link-target", "entries/b");
    assert!(!directory.run(&["check"]).stdout.contains("swordfish"));

    let directory = Directory::new().file("shared/b.json", entry("B", "b.example"));
    fs::create_dir(directory.path().join("entries/b")).unwrap();
    symlink("../../shared/b.json", at(&directory)).unwrap();
    is_found(&directory, "link-target", FILE);
}

#[cfg(unix)]
#[test]
fn icons_may_be_links_inside_the_root() {
    use std::os::unix::fs::symlink;
    let icon = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>";
    let directory = Directory::new()
        .file("shared/icon.svg", icon)
        .file("img/g/.x", "");
    let link = directory.path().join("img/g/good.example.svg");
    symlink("../../shared/icon.svg", link).unwrap();
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let published = directory.dist().join("icons/g/good.example.svg");
    assert_eq!(fs::read_to_string(published).unwrap(), icon);
}

#[cfg(unix)]
#[test]
fn unreadable_files_are_found() {
    use std::os::unix::fs::PermissionsExt;
    let directory = with(entry("B", "b.example")).file("entries/c/c.example.json", "{}");
    let set_mode = |path: &str, mode: u32| {
        let path = directory.path().join(path);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(FILE, 0o000);
    set_mode("entries/c", 0o000);
    let run = directory.run_unprivileged(&["check"]);
    set_mode("entries/c", 0o755);
    let run = run
        .ends_with(1)
        .says("Permission denied")
        .says("2 errors in 2 files");
    assert!(
        run.stdout
            .contains("error[unreadable-file]: cannot read this")
    );
    assert!(
        run.stdout.contains(&format!("--> {FILE}")),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("--> entries/c"), "{}", run.stdout);
}

/// What a colour terminal would receive, without tfadir's own colours.
fn on_a_terminal(directory: &Directory) -> String {
    let coloured = Tfadir::new(&["check"])
        .folder(directory.path())
        .env("CLICOLOR_FORCE", "1")
        .run();
    let mut plain = String::new();
    let mut parts = coloured.stdout.split("\u{1b}[");
    plain.push_str(parts.next().unwrap());
    let mut colours = 0;
    for part in parts {
        let (code, rest) = part.split_once('m').unwrap();
        assert!(
            code.chars().all(|it| it.is_ascii_digit() || it == ';'),
            "{code:?} is not a colour"
        );
        plain.push_str(rest);
        colours += 1;
    }
    assert!(colours > 0, "colours were asked for");
    plain
}

#[test]
fn names_cannot_control_the_terminal() {
    let escaped = with(entry(r"N\u001b]0;x\u0007\u202e\u0000", "b.example"));
    let escaped = on_a_terminal(&escaped);
    assert!(
        escaped.contains(r"the invisible character U+001B: `N\u{1b}]0;x\u{7}\u{202e}\u{0}`"),
        "{escaped}"
    );
    let raw = on_a_terminal(&with(entry("N\u{202e}\u{9b}31m", "b.example")));
    for shown in [escaped, raw] {
        assert!(
            !shown.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\0', '\u{7}']),
            "{shown:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn paths_cannot_control_the_terminal() {
    let directory = Directory::new().file("entries/b/::error::\u{1b}]0;x\n%0A.json", "{}");
    let shown = on_a_terminal(&directory);
    assert!(
        shown.contains(r"--> entries/b/::error::\u{1b}]0;x\n%0A.json"),
        "{shown}"
    );
    assert!(!shown.contains('\u{1b}'));
}

#[test]
fn a_file_with_countless_errors_is_reported_in_part() {
    let repeat = |part: &str, count: usize| vec![part; count].join(",");
    for content in [
        format!(
            r#"{{"A":{{"domain":"b.example","tfa":[{}]}}}}"#,
            repeat("1", 400_000)
        ),
        format!("{{{}}}", repeat(r#""x":{}"#, 100_000)),
        format!(r#"{{"A":{{{}}}}}"#, repeat(r#""x":1"#, 100_000)),
        (0..80_000)
            .map(|it| format!(r#""x{it}":{{}}"#))
            .collect::<Vec<_>>()
            .join(","),
    ] {
        let content = if content.starts_with('{') {
            content
        } else {
            format!("{{{content}}}")
        };
        let run = with(content).run(&["check"]).ends_with(1);
        let findings = run.stdout.matches("error[").count();
        assert!((1..=110).contains(&findings), "{findings} findings");
    }
}

#[test]
fn a_huge_value_is_quoted_in_part() {
    let run = with(entry(&"x".repeat(1_000_000), "B.example"))
        .run(&["check"])
        .ends_with(1);
    assert!(run.stdout.len() < 10_000, "{} bytes", run.stdout.len());
    assert!(run.stdout.contains("entries/b/b.example.json:3:"));
}

#[test]
fn a_letter_that_is_longer_in_lower_case_is_only_a_wrong_value() {
    let text = entry("B", "b.example").replace("https://b.example/2fa", "İ://é");
    let directory = with(text);
    directory
        .run(&["check"])
        .ends_with(1)
        .says("`documentation` is not a full URL: `İ://é`");
    let run = directory.run(&["init", "--api", "İ://é"]).ends_with(2);
    run.says("`İ://é/` is not a full URL that ends with a slash");
}
