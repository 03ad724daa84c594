//! `check`: what it reports, how strictly, and its exit codes.

use snapbox::str;
use tfadir::check::RULES;

use crate::common::{Directory, Tfadir, entry};
use crate::git::{commit, git};

const BAD: &str = "entries/b/bad.example.json";

/// A root with an error in `bad.example` and a warning in `warned.example`.
fn mixed() -> Directory {
    let bad = entry("Bad", "bad.example").replace("totp", "topt");
    let warned = entry("Warned", "warned.example").replace("https:", "http:");
    Directory::new()
        .file(BAD, bad)
        .file("entries/w/warned.example.json", warned)
}

#[test]
fn a_report_ends_with_one_line_that_counts() {
    let run = mixed().run(&["check"]).ends_with(1);
    let last = run.stderr.lines().last().unwrap();
    assert!(last.starts_with("  Checked 3 entries in "), "{last}");
    assert!(
        last.ends_with(" s: 1 error and 1 warning in 2 files"),
        "{last}"
    );
    // It is the last line even if there is more output.
    let fixable = mixed().file("entries/x/x.json", entry("X", "x.example"));
    let run = fixable
        .run(&["check", "entries/x"])
        .ends_with(1)
        .says("Fixable 1 finding with")
        .says("in other files: run");
    assert!(
        run.stderr
            .lines()
            .last()
            .unwrap()
            .starts_with("  Checked 4 entries")
    );
    let clean = Directory::new().run(&["check"]).ends_with(0);
    assert_eq!(clean.stdout, "");
    clean.says("1 entry").says("no findings");
}

#[test]
fn warnings_end_with_code_1_only_where_they_are_denied() {
    let warned = entry("Warned", "warned.example").replace("https:", "http:");
    let directory = Directory::new().file("entries/w/warned.example.json", warned);
    directory
        .run(&["check"])
        .ends_with(0)
        .says("warning[insecure-link]");
    directory
        .run(&["check", "--deny", "warnings"])
        .ends_with(1)
        .says("warning[insecure-link]");
    directory
        .run(&["build", "--unsigned"])
        .ends_with(0)
        .says("no errors");
}

#[test]
fn only_the_given_files_and_folders_are_reported() {
    let directory = mixed();
    let run = directory
        .run(&["check", BAD])
        .ends_with(1)
        .says("Also 1 warning in other files: run `tfadir check`");
    assert!(!run.stdout.contains("insecure-link"), "{}", run.stdout);
    let run = directory
        .run(&["check", "entries/w", "entries/g"])
        .ends_with(0);
    assert!(!run.stdout.contains("topt") && run.stdout.contains("insecure-link"));

    // Paths are relative to the current folder, not to the root.
    let root = directory.path().to_str().unwrap();
    let args = ["check", "--root", root, "bad.example.json"];
    Tfadir::new(&args)
        .folder(&directory.path().join("entries/b"))
        .run()
        .ends_with(1);
}

#[test]
fn a_path_to_nothing_or_out_of_the_root_is_a_failure() {
    let directory = mixed();
    directory
        .run(&["check", "entries/x.json"])
        .ends_with(2)
        .says("cannot find `entries/x.json`");
    let elsewhere = Directory::new();
    let path = elsewhere.path().join("entries/g/good.example.json");
    directory
        .run(&["check", path.to_str().unwrap()])
        .ends_with(2)
        .says("is not in the root");
}

#[test]
fn a_path_to_no_entry_names_the_right_path() {
    let directory = Directory::new()
        .file("example.com.json", entry("Example", "example.com"))
        .file("other/broken.example.json", "{")
        .file("other/x.json", entry("X", "x.example"))
        .file("Logo.svg", ICON)
        .file("package.json", "{}")
        .file("img/g/good.example.svg", ICON);
    for (path, help) in [
        (
            "example.com.json",
            "help: move it to `entries/e/example.com.json`",
        ),
        (
            "other/broken.example.json",
            "help: move it to `entries/b/broken.example.json`",
        ),
        (
            "other/x.json",
            "help: move it to `entries/x/x.example.json`",
        ),
        ("Logo.svg", "help: move it to `img/l/logo.svg`"),
        (
            "package.json",
            "help: entries are in `entries/`, icons in `img/`",
        ),
        ("other", "help: entries are in `entries/`, icons in `img/`"),
    ] {
        let run = directory.run(&["check", path]).ends_with(2).says(help);
        run.says(&format!("`{path}` is neither an entry nor an icon"));
    }
    for (path, meant) in [
        ("entries/g/god.example.json", "entries/g/good.example.json"),
        ("good.example.json", "entries/g/good.example.json"),
        ("img/x/good.example.svg", "img/g/good.example.svg"),
    ] {
        directory
            .run(&["check", path])
            .ends_with(2)
            .says(&format!("did you mean `{meant}`?"));
    }
    for path in [".", "entries", "img", "entries/g", "img/g/good.example.svg"] {
        directory.run(&["check", path]).ends_with(0);
    }
}

const ICON: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>";

#[test]
fn the_icon_of_a_given_entry_is_reported_too() {
    let named = entry("B", "b.example").replace("\"tfa\"", "\"img\": \"x.svg\",\n    \"tfa\"");
    let comment = ICON.replace("/>", "><!-- x --></svg>");
    let directory = Directory::new()
        .file("entries/b/b.example.json", named)
        .file("img/x/x.svg", &comment)
        .file("img/g/good.example.svg", &comment);
    for (path, icon, other) in [
        (
            "entries/b/b.example.json",
            "img/x/x.svg",
            "img/g/good.example.svg",
        ),
        ("entries/g", "img/g/good.example.svg", "img/x/x.svg"),
    ] {
        let run = directory
            .run(&["check", path])
            .ends_with(0)
            .says("warning[svg-comment]");
        assert!(
            run.stdout.contains(icon) && !run.stdout.contains(other),
            "{}",
            run.stdout
        );
    }
    directory
        .run(&["check", "--unsafe-fixes", "entries/g"])
        .ends_with(0);
    directory
        .run(&["check"])
        .says("warning[svg-comment]")
        .says("1 warning in 1 file");
}

/// `check ENTRY` also reports icons that the entry no longer names, or that have its name.
#[test]
fn icons_that_may_belong_to_a_given_entry_are_reported_too() {
    let path = "entries/b/b.example.json";
    let named = entry("B", "b.example").replace("\"tfa\"", "\"img\": \"x.svg\",\n    \"tfa\"");
    let directory = Directory::new()
        .file(path, &named)
        .file("img/x/x.svg", ICON);
    let directory = directory.file("img/g/good.example.svg", ICON);
    git(directory.path(), &["init", "--quiet"]);
    commit(&directory);
    let unnamed = directory
        .file(path, entry("B", "b.example"))
        .file("img/b/b.example.svg", ICON);
    unnamed
        .run(&["check", path])
        .ends_with(1)
        .says("[icon-unused]")
        .says("--> img/x/x.svg");
    let both = unnamed.file(path, named);
    both.run(&["check", path])
        .ends_with(1)
        .says("--> img/b/b.example.svg");

    let capitals = Directory::new().file("img/g/good.example.SVG", ICON);
    let capitals = capitals.file("img/x/.keep", "");
    capitals
        .run(&["check", "--fix", "entries/g/good.example.json"])
        .ends_with(0);
    assert!(capitals.path().join("img/g/good.example.svg").is_file());
}

#[test]
fn only_what_is_severe_enough_is_fixed() {
    let text = entry("B", "b.example")
        .replace("  ", "\t")
        .replace("totp", "topt");
    let directory = Directory::new().file("entries/b/b.example.json", &text);
    let error = ["check", "--severity", "error"];
    directory
        .run(&error)
        .says("`tfadir check --severity error --fix entries/b/b.example.json`");
    directory
        .run(&[&error[..], &["--fix"]].concat())
        .ends_with(0);
    let fixed = std::fs::read_to_string(directory.path().join("entries/b/b.example.json")).unwrap();
    assert_eq!(fixed, text.replace("topt", "totp"));
}

#[test]
fn an_empty_icon_folder_is_as_good_as_none() {
    Directory::new()
        .file("img/.gitkeep", "")
        .run(&["check"])
        .ends_with(0)
        .says("no findings");
}

#[test]
fn every_message_ends_with_the_address_of_its_rule() {
    let settings = "api = 'https://api.directory.example/'\n";
    let run = mixed().file("directory.toml", settings).run(&["check"]);
    for rule in ["schema", "insecure-link"] {
        let end = format!("= note: https://api.directory.example/rules/#{rule}\n\n");
        assert!(run.stdout.contains(&end), "{}", run.stdout);
    }
    assert!(!mixed().run(&["check"]).stdout.contains("rules/#"));
}

#[test]
fn lists_in_messages_fit_into_80_columns() {
    let wrong = entry("B", "b.example")
        .replace("totp", "pigeon")
        .replace("\"email\"", "\"xxxxxx\"")
        .replace("documentation", "xxxxxx");
    let run = Directory::new()
        .file("entries/b/b.example.json", wrong)
        .run(&["check"]);
    let is_list = |line: &&str| line.starts_with("         ") && line.contains('`');
    let widest = run
        .stdout
        .lines()
        .filter(is_list)
        .map(|line| line.chars().count())
        .max();
    assert!(widest.unwrap() <= 80, "{}", run.stdout);
    run.ends_with(1)
        .says("`sms`: a code in a text message\n")
        .says("`backup` (Backup and sync), ")
        .says("`additional-domains`, ");
    let run = Directory::new()
        .file(
            "entries/b/b.example.json",
            entry("B", "b.example").replace("totp", "pigeon"),
        )
        .run(&["check", "--format", "github"]);
    run.says("Use one of these:%0A`sms`: a code in a text message%0A`call`: ");
}

#[test]
fn a_collision_is_reported_for_both_files() {
    let directory = Directory::new()
        .file("entries/a/a.example.json", entry("Same", "a.example"))
        .file("entries/b/b.example.json", entry("SAME", "b.example"));
    for file in ["entries/a/a.example.json", "entries/b/b.example.json"] {
        let run = directory.run(&["check", file]).ends_with(1);
        run.says("error[duplicate-name]")
            .says(&format!("--> {file}:2:3"));
    }
    directory.run(&["check", "entries/g"]).ends_with(0);
}

#[test]
fn a_build_stops_only_at_errors_that_guard_output() {
    let other_case = entry("GOOD", "b.example");
    let review = Directory::new()
        .file("entries/b/b.example.json", &other_case)
        .file("entries/x/x.json", entry("X", "x.example"));
    review
        .run(&["check"])
        .ends_with(1)
        .says("2 errors in 2 files");
    let run = review.run(&["build", "--unsigned"]).ends_with(0);
    run.says(": 2 errors that do not stop a build; run `tfadir check`\n");
    assert_eq!(review.run(&["build", "--unsigned"]).stdout, "");

    let strict = review.file("directory.toml", "[build]\nrefuse = 'errors'\n");
    let run = strict
        .run(&["build", "--unsigned"])
        .ends_with(1)
        .says("error[duplicate-name]");
    run.says("error[file-name]")
        .says("Build failed; nothing was written");

    let same_name = Directory::new().file("entries/b/b.example.json", entry("Good", "b.example"));
    same_name
        .run(&["build", "--unsigned"])
        .ends_with(1)
        .says("error[duplicate-name]");
    let same_domain = Directory::new().file("entries/x/x.json", entry("X", "good.example"));
    let run = same_domain.run(&["build", "--unsigned"]).ends_with(1);
    run.says("error[duplicate-domain]");
    assert!(
        !same_domain
            .run(&["build", "--unsigned"])
            .stdout
            .contains("file-name")
    );
}

#[test]
fn a_name_is_compared_with_every_earlier_name_ignoring_case() {
    let directory = Directory::new()
        .file("entries/a/a.example.json", entry("MAX", "a.example"))
        .file("entries/b/b.example.json", entry("Max", "b.example"))
        .file("entries/c/c.example.json", entry("Max", "c.example"));
    let run = directory.run(&["build", "--unsigned"]).ends_with(1);
    assert_eq!(
        run.stdout.matches("error[duplicate-name]").count(),
        1,
        "{}",
        run.stdout
    );
    run.says("--> entries/c/c.example.json:2:3")
        .says("entries/b/b.example.json:2:3");
}

#[test]
fn no_setting_hides_an_error_that_guards_output() {
    let path = "entries/b/b.example.json";
    let settings = format!(
        "[check.rules]\nduplicate-name = 'off'\nduplicate-domain = 'warn'\n\
         [[check.allow]]\nrule = 'duplicate-name'\npath = '{path}'\nreason = 'Both are good.'\n"
    );
    let same_name = Directory::new()
        .file(path, entry("Good", "b.example"))
        .file(
            "directory.toml",
            settings.replace("duplicate-domain = 'warn'\n", ""),
        );
    for command in [&["check"][..], &["build", "--unsigned"]] {
        same_name
            .run(command)
            .ends_with(1)
            .says("error[duplicate-name]");
    }
    let same_domain = Directory::new()
        .file("entries/x/x.json", entry("X", "good.example"))
        .file(
            "directory.toml",
            "[check.rules]\nduplicate-domain = 'warn'\n",
        );
    same_domain
        .run(&["build", "--unsigned"])
        .ends_with(1)
        .says("error[duplicate-domain]");
    // Names that differ only in case guard review.
    let other_case = Directory::new()
        .file(path, entry("GOOD", "b.example"))
        .file("directory.toml", "[check.rules]\nduplicate-name = 'off'\n");
    other_case.run(&["check"]).ends_with(0).says("no findings");
}

#[test]
fn findings_can_be_limited_to_one_rule() {
    let run = mixed()
        .run(&["check", "--rule", "insecure-link"])
        .ends_with(0);
    assert!(!run.stdout.contains("topt"));
    run.says("warning[insecure-link]");
    mixed()
        .run(&["check", "--rule", "insecure-lnik"])
        .ends_with(2)
        .says("insecure-link");
}

#[test]
fn every_rule_is_listed_and_explained() {
    let list = Tfadir::new(&["check", "--list-rules"])
        .run()
        .ends_with(0)
        .stdout;
    assert_eq!(list.lines().count(), RULES.len());
    for rule in RULES {
        let line = list
            .lines()
            .find(|line| line.split(' ').next() == Some(rule.id))
            .unwrap();
        assert!(
            line.contains(rule.severity.name()) && line.contains(rule.scope()),
            "{line}"
        );
        assert_eq!(line.ends_with("  fix"), rule.is_fixable(), "{line}");
        let page = Tfadir::new(&["explain", rule.id]).run().ends_with(0).stdout;
        assert!(page.starts_with(&format!("{}\n\n", rule.id)), "{page}");
        assert!(
            page.contains("\n## Why\n") && page.contains("\n## Good\n"),
            "{page}"
        );
    }
    let run = Tfadir::new(&["explain", "file-nmae"]).run().ends_with(2);
    assert!(
        RULES
            .iter()
            .all(|rule| run.stderr.contains(&format!("\n  {}\n", rule.id)))
    );
    run.says("Unknown rule `file-nmae`; did you mean `file-name`?");
    Tfadir::new(&["explain", "xyz"])
        .run()
        .ends_with(2)
        .says("Unknown rule `xyz`\n");
}

#[test]
fn many_warnings_of_a_whole_tree_are_a_table() {
    let mut directory = Directory::new();
    for number in 0..24 {
        let domain = format!("a{number}.example");
        let text = entry(&domain, &domain).replace("https:", "http:");
        directory = directory.file(&format!("entries/a/{domain}.json"), text);
    }
    let shown = |args: &[&str]| directory.run(args).stdout.matches("warning[").count();
    let run = directory.run(&["check"]).says("24 warnings in 24 files");
    assert_eq!(run.stdout.matches("warning[").count(), 0);
    run.says("24        0  tfadir check --rule insecure-link");
    assert_eq!(shown(&["check", "--rule", "insecure-link"]), 24);
    assert_eq!(shown(&["check", "--verbose"]), 24);
    assert_eq!(shown(&["check", "entries/a"]), 24);
    let errors = directory.run(&["check", "--severity", "error"]);
    assert_eq!(errors.ends_with(0).stdout, "");
    // `--quiet` only silences status lines.
    assert_eq!(shown(&["check", "--quiet", "entries/a"]), 24);
    let denied = directory.run(&["check", "--quiet", "--deny", "warnings", "entries/a"]);
    assert_eq!(denied.ends_with(1).stderr, "");
    let run = directory.run(&["check", "--statistics", "entries/a"]);
    assert_eq!(
        run.stdout.lines().filter(|line| !line.is_empty()).count(),
        2
    );
}

#[test]
fn the_closing_line_repeats_paths_and_options() {
    let directory = Directory::new().file(
        "entries/b/b.example.json",
        entry("B", "b.example").replace("  ", " "),
    );
    let run = directory.run(&["check", "--root", ".", "entries/b"]);
    run.says("with `tfadir check --root . --fix entries/b`");
}

fn with_settings(settings: &str) -> Directory {
    mixed().file("directory.toml", settings)
}

#[test]
fn settings_make_a_rule_stricter_or_turn_it_off() {
    let run = with_settings("[check.rules]\ninsecure-link = 'deny'\n").run(&["check"]);
    run.says("error[insecure-link]").says("2 errors in 2 files");
    let denied = with_settings("[check.rules]\ninsecure-link = 'deny'\n")
        .file(BAD, entry("Bad", "bad.example"));
    denied
        .run(&["build", "--unsigned"])
        .ends_with(0)
        .says("1 error that does not stop a build;");
    let denied = denied.file(
        "directory.toml",
        "[build]\nrefuse = 'errors'\n[check.rules]\ninsecure-link = 'deny'\n",
    );
    denied
        .run(&["build", "--unsigned"])
        .ends_with(1)
        .says("error[insecure-link]");

    let off = with_settings("[check.rules]\ninsecure-link = 'off'\n").run(&["check"]);
    assert!(!off.stdout.contains("insecure-link"));

    let lowered = Directory::new()
        .file("entries/x/x.json", entry("X", "x.example"))
        .file("directory.toml", "[check.rules]\nfile-name = 'warn'\n");
    lowered
        .run(&["check"])
        .ends_with(0)
        .says("warning[file-name]");
    let lowered = lowered.file("directory.toml", "[check.rules]\nfile-name = 'note'\n");
    lowered
        .run(&["check"])
        .ends_with(0)
        .says("note[file-name]")
        .says("1 note in 1 file");
}

#[test]
fn an_allowance_hides_what_one_rule_finds_in_one_file() {
    let allow = |rule: &str, path: &str| {
        format!("[[check.allow]]\nrule = '{rule}'\npath = '{path}'\nreason = 'It is so.....'\n")
    };
    let warned = "entries/w/warned.example.json";
    let run = with_settings(&allow("insecure-link", warned)).run(&["check"]);
    assert!(!run.stdout.contains("insecure-link"), "{}", run.stdout);
    with_settings(&allow("insecure-link", "entries/g/good.example.json"))
        .run(&["check"])
        .says("warning[insecure-link]")
        .says("error[unneeded-allowance]")
        .says("--> directory.toml:2:8");
}

#[test]
fn invalid_rule_settings_are_refused_with_their_location() {
    for (settings, location, message) in [
        (
            "[check.rules]\nfile-nmae = 'off'\n",
            ":2:1",
            "did you mean `file-name`?",
        ),
        (
            "[check.rules]\nfile-name = 'of'\n",
            ":2:13",
            "did you mean `off`?",
        ),
        (
            "[check.rules]\njson-syntax = 'off'\n",
            ":2:15",
            "`json-syntax` cannot be relaxed",
        ),
        (
            "[[check.allow]]\nrule = 'file-name'\npath = 'x'\n",
            ":1:1",
            "`reason` is missing",
        ),
        (
            "[[check.allow]]\nrule = 'schema'\npath = 'x'\nreason = 'Because I can.'\n",
            ":2:8",
            "`schema` cannot be relaxed",
        ),
    ] {
        let run = with_settings(settings)
            .run(&["check"])
            .ends_with(2)
            .says(message);
        assert!(
            run.stdout
                .contains(&format!("--> directory.toml{location}")),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn a_directory_can_have_its_own_exclusions() {
    let list = r#"{"good.example": {"reason": "It is too good."}}"#;
    let directory = Directory::new().file("schemas/excluded.json", list);
    directory
        .run(&["check"])
        .ends_with(1)
        .says("error[excluded-site]")
        .says("It is too good.");
    // A directory without a list of its own excludes nothing.
    let authy = entry("Authy", "authy.com");
    Directory::new()
        .file("entries/a/authy.com.json", authy)
        .run(&["check"])
        .ends_with(0);
    let directory = Directory::new().file("schemas/excluded.json", "{\"good.example\": 1}");
    directory
        .run(&["check"])
        .ends_with(2)
        .says("this is not an excluded site");
}

#[test]
fn a_path_relative_to_the_root_is_corrected_in_a_subfolder() {
    let directory = Directory::new();
    let path = "entries/g/good.example.json";
    Tfadir::new(&["check", path])
        .folder(&directory.path().join("entries"))
        .run()
        .ends_with(2)
        .reports(str![[r#"
error: cannot find `entries/g/good.example.json`: No such file or directory (os error 2)
 help: did you mean `[ROOT]/g/good.example.json`?

"#]]);
}

#[test]
fn a_suggested_path_is_in_the_root_and_not_in_the_current_folder() {
    let (here, root) = (Directory::new(), Directory::new());
    let root_path = root.path().canonicalize().unwrap();
    let root_path = root_path.to_str().unwrap();
    here.run(&["--root", root_path, "check", "entries/x/good.example.json"])
        .ends_with(2)
        .says(&format!(
            "did you mean `{root_path}/entries/g/good.example.json`?"
        ));
}
