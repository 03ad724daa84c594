//! `check --fix` and `fmt`: what they change, and what they leave alone.

use std::fs;

use snapbox::str;

use crate::common::{Directory, entry, files, temporary_folder};
use crate::git::{commit, git};

const FILE: &str = "entries/b/b.example.json";

fn with(text: impl AsRef<[u8]>) -> Directory {
    Directory::new().file(FILE, text)
}

fn read(directory: &Directory, path: &str) -> String {
    fs::read_to_string(directory.path().join(path)).unwrap()
}

#[test]
fn a_fix_does_not_change_the_rest_of_the_file() {
    let text = "{\"B\":\r\n\t{ \"domain\": \"b.example\",\r\n\t\t\"url\" : \"https://b.example\",\r\n\
                \t\t\"tfa\": [\"sms\",\"totp\"],\"documentation\":\"https://b.example/2fa\", \
                \"categories\": [ \"email\" ] } }";
    let directory = with(text);
    directory
        .run(&["check", "--fix", "--rule", "redundant-url"])
        .ends_with(1);
    assert_eq!(read(&directory, FILE), text);
    let run = directory
        .run(&["check", "--unsafe-fixes", "--rule", "redundant-url"])
        .ends_with(0);
    assert!(
        run.stderr
            .contains("Fixed entries/b/b.example.json: removed `url`"),
        "{}",
        run.stderr
    );
    let without = text.replace("\r\n\t\t\"url\" : \"https://b.example\",", "");
    assert_eq!(read(&directory, FILE), without);
}

#[test]
fn several_fixes_of_one_file_are_applied_together() {
    let text = entry("B", "b.example").replace(
        "\"tfa\"",
        "\"url\": \"https://b.example/\", \"img\": \"b.example.svg\", \"tfa\"",
    );
    let directory = Directory::new().file("entries/x/b.json", text);
    directory
        .run(&["check", "--unsafe-fixes"])
        .ends_with(0)
        .says("no findings");
    assert_eq!(read(&directory, FILE), entry("B", "b.example"));
    assert!(
        !directory.path().join("entries/x").exists(),
        "an empty folder is left"
    );
}

#[test]
fn what_cannot_be_fixed_is_reported() {
    let text = entry("B", "b.example").replace("totp", "phone");
    let directory = Directory::new().file("entries/b/b.json", text);
    let run = directory.run(&["check", "--fix"]).ends_with(1);
    assert!(run.stdout.contains("error[schema]") && !run.stdout.contains("file-name"));
    assert!(read(&directory, FILE).contains("phone"));
}

#[test]
fn a_file_is_never_moved_over_another_one() {
    let other = entry("Other", "b.example");
    let directory = with(&other).file("entries/x/x.json", entry("B", "b.example"));
    let run = directory
        .run(&["check", "--fix"])
        .ends_with(1)
        .says("error[file-name]");
    run.says("tfadir cannot fix this: `entries/b/b.example.json` already exists.");
    assert_eq!(read(&directory, FILE), other);
    assert_eq!(
        read(&directory, "entries/x/x.json"),
        entry("B", "b.example")
    );
}

#[test]
fn files_can_swap_paths() {
    let directory = Directory::empty()
        .file("entries/a/a.example.json", entry("B", "b.example"))
        .file("entries/c/c.example.json", entry("A", "a.example"));
    directory.run(&["check", "--fix"]).ends_with(0);
    assert_eq!(
        read(&directory, "entries/a/a.example.json"),
        entry("A", "a.example")
    );
    assert_eq!(read(&directory, FILE), entry("B", "b.example"));
}

#[test]
fn only_the_given_files_are_fixed() {
    let bad = |name: &str, domain: &str| entry(name, domain).replace("  ", "\t");
    let directory = with(bad("B", "b.example")).file("entries/c/c.json", bad("C", "c.example"));
    directory.run(&["check", "--fix", FILE]).ends_with(0);
    assert_eq!(read(&directory, FILE), entry("B", "b.example"));
    assert_eq!(read(&directory, "entries/c/c.json"), bad("C", "c.example"));
    // A file that was moved still counts as the given file.
    let run = directory
        .run(&["check", "--fix", "entries/c/c.json"])
        .ends_with(0);
    assert_eq!(run.stdout, "");
    assert_eq!(
        read(&directory, "entries/c/c.example.json"),
        entry("C", "c.example")
    );
}

#[cfg(unix)]
#[test]
fn files_behind_links_are_not_changed() {
    let bad =
        "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>";
    let directory = Directory::new()
        .file("shared/icon.svg", bad)
        .file("img/g/.keep", "");
    let link = directory.path().join("img/g/good.example.svg");
    std::os::unix::fs::symlink("../../shared/icon.svg", &link).unwrap();
    let run = directory.run(&["check", "--fix", "img/g/good.example.svg"]);
    run.says("this SVG has an XML declaration")
        .says("the file is a symbolic link");
    assert!(link.is_symlink());
    assert_eq!(read(&directory, "shared/icon.svg"), bad);
}

#[cfg(unix)]
#[test]
fn no_file_is_moved_through_a_linked_folder() {
    let outside = temporary_folder();
    let text = entry("B", "b.example");
    let directory = Directory::new().file("entries/x/b.json", &text);
    std::os::unix::fs::symlink(outside.path(), directory.path().join("entries/b")).unwrap();
    directory
        .run(&["check", "--fix"])
        .ends_with(1)
        .says("error[file-");
    assert_eq!(read(&directory, "entries/x/b.json"), text);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn read_permissions_stay_and_execute_permissions_are_removed() {
    use std::os::unix::fs::PermissionsExt;
    let directory = with(entry("B", "b.example").replace("  ", "\t"));
    let path = directory.path().join(FILE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
    directory
        .run(&["check"])
        .ends_with(1)
        .says("error[file-mode]");
    directory
        .run(&["check", "--fix"])
        .ends_with(0)
        .says("made it a plain file");
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(format!("{mode:o}"), "640");
    assert_eq!(read(&directory, FILE), entry("B", "b.example"));
}

#[test]
fn fmt_formats_entries_and_changes_nothing_else() {
    let text =
        entry("B", "b.example").replace("\"tfa\"", "\"url\": \"https://b.example\", \"tfa\"");
    let directory = with(text.replace('\n', "\r\n"));
    let run = directory.run(&["fmt", "--check"]).ends_with(1);
    assert!(run.stdout.contains("warning[formatting]") && !run.stdout.contains("redundant"));
    directory
        .run(&["fmt"])
        .ends_with(0)
        .says("2 entries, 1 changed");
    let formatted = read(&directory, FILE);
    assert!(formatted.contains("\n    \"url\": \"https://b.example\",\n    \"tfa\": [\n"));
    directory.run(&["fmt", "--check"]).ends_with(0);
    let before = files(directory.path());
    directory.run(&["fmt"]).ends_with(0).reports(str![[r#"
Formatted 2 entries, 0 changed

"#]]);
    assert!(files(directory.path()) == before);
}

#[test]
fn only_fmt_with_reorder_changes_the_order_of_fields() {
    let text = entry("B", "b.example");
    let categories = "    \"categories\": [\n      \"email\"\n    ]";
    let domain = "    \"domain\": \"b.example\"";
    let reordered = text.replace(domain, "\0").replace(categories, domain);
    let reordered = reordered.replace('\0', categories);
    let directory = with(reordered.replace("  ", "\t"));
    directory
        .run(&["check", "--fix", "--rule", "formatting"])
        .ends_with(0)
        .reports(str![[r#"
    Fixed entries/b/b.example.json: reformatted
  Checked 2 entries in [..] s: no findings

"#]])
        .prints(str![]);
    assert_eq!(read(&directory, FILE), reordered);
    let run = directory.run(&["fmt"]).ends_with(0).reports(str![[r#"
Formatted 2 entries, 0 changed

"#]]);
    assert_eq!(
        (run.stdout.as_str(), read(&directory, FILE)),
        ("", reordered)
    );
    directory
        .run(&["fmt", "--reorder", "--check"])
        .ends_with(1)
        .prints(str![[r#"
note[member-order]: `tfa` belongs before `categories`
 --> entries/b/b.example.json:6:5
  |
6 |     "tfa": [
  |     ^^^^^
  |
  = help: Fields have a fixed order, so that reviewers find them quickly.
  = help: To reorder its fields, run `tfadir check --unsafe-fixes entries/b/b.example.json`; this changes what is published.


"#]])
        .reports(str![[r#"
  Checked 2 entries: 1 note in 1 file

"#]]);
    directory
        .run(&["fmt", "--reorder"])
        .ends_with(0)
        .reports(str![[r#"
    Fixed entries/b/b.example.json: reordered its fields
Formatted 2 entries, 1 changed
Reordered fields of 1 entry: this changes what version 3 publishes

"#]])
        .prints(str![]);
    assert_eq!(read(&directory, FILE), text);
}

const COMMENTED: &str =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"><!-- x --></svg>";

/// An icon that only has warnings is published as it is.
#[test]
fn an_icon_without_errors_is_changed_only_by_unsafe_fixes() {
    let icon = "img/g/good.example.svg";
    let directory = Directory::new().file(icon, COMMENTED);
    let run = directory.run(&["check", "--fix"]).ends_with(0);
    run.prints(str![[r#"
warning[svg-comment]: this SVG contains a comment
 --> img/g/good.example.svg:1:59
  |
1 | <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><!-- x --></svg>
  |                                                           ^^^^^^^^^^
  |
  = help: Remove it.
  = help: To remove the comment, run `tfadir check --unsafe-fixes img/g/good.example.svg`; this changes what is published.


"#]]).reports(str![[r#"
  Fixable 1 finding with `tfadir check --unsafe-fixes img/g/good.example.svg`
  Checked 1 entry in [..] s: 1 warning in 1 file

"#]]);
    assert_eq!(read(&directory, icon), COMMENTED);
    directory
        .run(&["check", "--unsafe-fixes", icon])
        .ends_with(0);
    assert!(!read(&directory, icon).contains("<!--"));
}

#[cfg(unix)]
#[test]
fn nothing_is_written_if_a_file_cannot_be_replaced_as_it_was_checked() {
    let directory = with(entry("B", "b.example").replace("  ", "\t"));
    let before = files(directory.path());
    directory
        .run(&["check", "--diff", FILE])
        .ends_with(1)
        .prints(str![[r#"
diff --git a/entries/b/b.example.json b/entries/b/b.example.json
--- a/entries/b/b.example.json
+++ b/entries/b/b.example.json
@@ -1,12 +1,12 @@
 {
-	"B": {
-		"domain": "b.example",
-		"tfa": [
-			"totp"
-		],
-		"documentation": "https://b.example/2fa",
-		"categories": [
-			"email"
-		]
-	}
+  "B": {
+    "domain": "b.example",
+    "tfa": [
+      "totp"
+    ],
+    "documentation": "https://b.example/2fa",
+    "categories": [
+      "email"
+    ]
+  }
 }

"#]]);
    assert!(files(directory.path()) == before);
}

#[test]
fn files_that_should_take_each_others_paths_are_exchanged() {
    let names = ["a.example", "b.example", "c.example"];
    let path = |name: &str| format!("entries/{}/{name}.json", &name[..1]);
    let mut directory = Directory::empty();
    for (index, name) in names.iter().enumerate() {
        let other = names[(index + 1) % names.len()];
        directory = directory.file(&path(name), entry(&other.to_uppercase(), other));
    }
    directory
        .run(&["check", "--fix", "entries"])
        .ends_with(0)
        .reports(str![[r#"
    Fixed entries/a/a.example.json: renamed it to `entries/b/b.example.json`
    Fixed entries/b/b.example.json: renamed it to `entries/c/c.example.json`
    Fixed entries/c/c.example.json: renamed it to `entries/a/a.example.json`
  Checked 3 entries in [..] s: no findings

"#]])
        .prints(str![]);
    for name in names {
        assert_eq!(
            read(&directory, &path(name)),
            entry(&name.to_uppercase(), name)
        );
    }
}

#[test]
fn a_misnamed_file_is_renamed_and_fixed_at_once() {
    let text = entry("B", "b.example").replace("  ", "\t");
    let directory = Directory::new().file("entries/b/b.example.JSON.txt", text);
    directory.run(&["check", "--fix", "entries/b"]).ends_with(0);
    assert_eq!(read(&directory, FILE), entry("B", "b.example"));
    assert!(
        !directory
            .path()
            .join("entries/b/b.example.JSON.txt")
            .exists()
    );
}

#[test]
fn the_command_for_other_fixes_names_a_renamed_file() {
    let renamed = "entries/b/b.example.JSON.txt";
    let url = "\"url\": \"https://b.example/\", \"tfa\"";
    let text = entry("B", "b.example").replace("\"tfa\"", url);
    let directory = Directory::new().file(renamed, text);
    directory
        .run(&["check", "--fix", renamed])
        .reports(str![[r#"
    Fixed entries/b/b.example.JSON.txt: named it `entries/b/b.example.json`; reformatted
  Fixable 1 finding with `tfadir check --unsafe-fixes entries/b/b.example.json`
  Checked 2 entries in [..] s: 1 error in 1 file

"#]])
        .prints(str![[r#"
error[redundant-url]: `url` only repeats the domain: `https://b.example/`
 --> entries/b/b.example.json:4:5
  |
4 |     "url": "https://b.example/",
  |     ^^^^^
  |
  = help: Remove `url`. Without it, websites link to `https://` and the domain.
  = help: To remove `url`, run `tfadir check --unsafe-fixes entries/b/b.example.json`; this changes what is published.


"#]]);
    directory
        .run(&["check", "--unsafe-fixes", FILE])
        .ends_with(0);
    assert_eq!(read(&directory, FILE), entry("B", "b.example"));
}

#[test]
fn fmt_formats_the_given_files_only_even_if_the_rule_is_off() {
    let bad = |name: &str, domain: &str| entry(name, domain).replace("  ", "\t");
    let directory = with(bad("B", "b.example"))
        .file("entries/c/c.example.json", bad("C", "c.example"))
        .file("directory.toml", "[check.rules]\nformatting = 'off'\n");
    directory
        .run(&["check", "--fix"])
        .ends_with(0)
        .says("no findings");
    directory
        .run(&["fmt", FILE])
        .ends_with(0)
        .says("1 entry, 1 changed");
    assert_eq!(read(&directory, FILE), entry("B", "b.example"));
    assert_eq!(
        read(&directory, "entries/c/c.example.json"),
        bad("C", "c.example")
    );
}

#[test]
fn fmt_reports_files_that_cannot_be_formatted_and_formats_the_rest() {
    let directory = with("{").file(
        "entries/c/c.example.json",
        entry("C", "c.example").replace("  ", "\t"),
    );
    directory
        .run(&["fmt"])
        .ends_with(1)
        .says("error[json-syntax]");
    assert_eq!(
        read(&directory, "entries/c/c.example.json"),
        entry("C", "c.example")
    );
    assert_eq!(read(&directory, FILE), "{");
}

#[test]
fn files_of_killed_runs_are_removed_or_reported() {
    let directory = with(entry("B", "b.example").replace("  ", "\t"))
        .file(".tfadir/staged-abcdef", "{")
        .file(".tfadir/development-key.asc", "precious");
    directory.run(&["fmt"]).ends_with(0);
    let names = crate::common::names(&directory.path().join(".tfadir"));
    assert_eq!(names, [".gitignore", "development-key.asc"]);
    let directory = directory
        .file("entries/b/.b.example.json.tfadir-new-abcdef", "{")
        .file("entries/b/.tmpAb12Cd", "{")
        .file("img/b/.tmpAb12Cd", "<svg")
        .file("entries/b/.keep", "");
    let run = directory.run(&["check"]).ends_with(1);
    assert_eq!(
        run.stdout.matches("was stopped left this file").count(),
        3,
        "{}",
        run.stdout
    );
    directory.run(&["build", "--unsigned"]).ends_with(0);
}

#[cfg(unix)]
#[test]
fn no_file_is_staged_behind_a_link() {
    let outside = temporary_folder();
    let directory = with(entry("B", "b.example").replace("  ", "\t"));
    std::os::unix::fs::symlink(outside.path(), directory.path().join(".tfadir")).unwrap();
    directory.run(&["fmt"]).ends_with(0);
    assert_eq!(read(&directory, FILE), entry("B", "b.example"));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let directory = with(entry("B", "b.example").replace("  ", "\t"));
    let folder = directory.path().join("entries/b");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let run = directory.run_unprivileged(&["check", "--fix"]);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    run.ends_with(2)
        .says("cannot fix `entries/b/b.example.json`");
}

#[test]
fn repetitions_are_removed_and_two_fields_do_not_become_one() {
    let text = entry("B", "b.example");
    let methods = format!("{}\"totp\"", "\"sms\", ".repeat(15));
    let directory = with(text.replace("\"totp\"", &methods));
    directory.run(&["check", "--fix"]).ends_with(0);
    assert_eq!(read(&directory, FILE).matches("sms").count(), 1);

    let both = text.replace(
        "\"tfa\": [\n      \"totp\"\n    ]",
        r#""Tfa": ["sms"], "TFA": ["totp"]"#,
    );
    let directory = with(&both);
    directory
        .run(&["check", "--fix"])
        .ends_with(1)
        .says("unknown field `TFA`");
    assert_eq!(read(&directory, FILE).matches("\"tfa\"").count(), 1);
}

#[cfg(unix)]
#[test]
fn fixes_are_tried_with_settings_that_are_a_link() {
    let text = entry("B", "b.example").replace("  ", " ");
    let directory = Directory::empty()
        .file("data/b/b.example.json", text)
        .file("conf/directory.toml", "[paths]\nentries = 'data'\n");
    let link = directory.path().join("directory.toml");
    std::os::unix::fs::symlink("conf/directory.toml", link).unwrap();
    directory
        .run(&["check", "--diff"])
        .ends_with(1)
        .says("+++ b/data/b/b.example.json");
}

#[test]
fn a_diff_in_json_is_one_document() {
    let directory = with(entry("B", "b.example").replace("  ", " "));
    let run = directory.run(&["check", "--diff", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["fixed"][0]["path"], FILE);
    assert!(report["diff"].as_str().unwrap().starts_with("diff --git "));
}

#[cfg(unix)]
#[test]
fn git_apply_makes_the_changes_of_a_diff() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new()
        .file(".gitignore", "/.tfadir/\n")
        .file(
            "entries/b/moved.example.json",
            entry("Moved", "moved.example"),
        )
        .file(FILE, entry("B", "b.example").replace("  ", "\t"))
        .file("entries/p/p.example.json", entry("P", "p.example"));
    let program = directory.path().join("entries/p/p.example.json");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    git(directory.path(), &["init", "--quiet"]);
    commit(&directory);
    let diff = directory.run(&["check", "--diff"]).ends_with(1).stdout;
    directory.run(&["check", "--fix"]).ends_with(0);
    git(directory.path(), &["add", "--all"]);
    git(directory.path(), &["stash", "--quiet"]);
    let patch = directory.path().join("entries.patch");
    fs::write(&patch, diff).unwrap();
    git(directory.path(), &["apply", "--index", "entries.patch"]);
    fs::remove_file(patch).unwrap();
    // Both changes are the same, so nothing is left of the one when the other is undone.
    git(directory.path(), &["diff", "--exit-code", "stash@{0}"]);
}
