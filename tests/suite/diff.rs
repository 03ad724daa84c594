//! `tfadir diff`: what differs between two states of a directory.

use std::fs;

use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Value, json};

use crate::common::{Directory, Run, entry, project};

pub(crate) fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The earlier and the later state of the examples. Only the layout of `same.example` differs.
pub(crate) fn states() -> (Directory, Directory) {
    let same = entry("Same", "same.example");
    let old = entry("Old", "old.example");
    let from = Directory::empty()
        .file("entries/g/gone.example.json", entry("Gone", "gone.example"))
        .file(
            "entries/m/moved.example.json",
            entry("Moved", "moved.example"),
        )
        .file(
            "entries/n/named.example.json",
            entry("Named", "named.example"),
        )
        .file("entries/o/old.example.json", &old)
        .file("entries/s/same.example.json", &same);
    let old = old
        .replace("\"totp\"", "\"sms\",\"totp\"")
        .replace("2fa\"", "help\"");
    let same = parsed(&same)
        .to_string()
        .replace(r#","categories":["email"]"#, "");
    let same = same.replace(r#"{"domain""#, r#"{"categories":["email"],"domain""#);
    let moved = entry("Moved", "new.example").replace("new.example/2fa", "moved.example/2fa");
    let to = Directory::empty()
        .file(
            "entries/a/added.example.json",
            entry("Added", "added.example"),
        )
        .file("entries/n/new.example.json", moved)
        .file(
            "entries/n/named.example.json",
            entry("Renamed", "named.example"),
        )
        .file("entries/o/old.example.json", old)
        .file("entries/s/same.example.json", same);
    (from, to)
}

/// `tfadir diff` in the later state.
pub(crate) fn diff(from: &Directory, to: &Directory, args: &[&str]) -> Run {
    to.run(&[&["diff", from.path().to_str().unwrap()], args].concat())
}

#[test]
fn sites_and_published_files_that_differ_are_listed() {
    let (from, to) = states();
    let run = diff(&from, &to, &[]).ends_with(0);
    let (sites, files) = run.stdout.split_once("\n\n").unwrap();
    assert_eq!(
        sites,
        "+ Added (added.example): totp\n\
         − Gone (gone.example): totp\n\
         → Renamed (named.example), was Named (named.example)\n\
         → Moved (new.example), was Moved (moved.example)\n\
         ~ Old (old.example)\n  \
             • tfa: +sms\n  \
             • documentation: https://old.example/2fa → https://old.example/help"
    );
    assert_eq!(
        files,
        "v4/all.json +2 −2 ~1\n\
         v4/sms.json +1 −0 ~0\n\
         v4/totp.json +2 −2 ~1\n\
         v3/all.json +2 −2 ~2\n\
         v3/tfa.json +2 −2 ~2\n\
         v3/sms.json +1 −0 ~0\n\
         v3/totp.json +2 −2 ~2\n"
    );
    let summary = "1 site added, 1 site removed, 2 sites renamed and 1 site changed";
    assert!(
        run.stderr.ends_with(&format!("{summary}\n")),
        "{}",
        run.stderr
    );
}

#[test]
fn another_order_is_said_only_of_the_same_elements() {
    for (before, after, words) in [
        (json!(["a", "b"]), json!(["b", "a"]), "another order"),
        (json!(["a"]), json!(["a", "a"]), r#"["a"] → ["a","a"]"#),
        (Value::Null, json!([]), "+[]"),
        (json!([]), Value::Null, "−[]"),
        (Value::Null, json!(["a"]), "+a"),
    ] {
        let state = |regions: &Value| {
            let fields = json!({ "domain": "good.example", "regions": regions });
            let text = json!({ "Good": fields }).to_string();
            Directory::empty().file("entries/g/good.example.json", text)
        };
        let run = diff(&state(&before), &state(&after), &[]).ends_with(0);
        let line = run
            .stdout
            .lines()
            .find_map(|it| it.trim().strip_prefix("• regions: "));
        assert_eq!(line, Some(words), "{}", run.stdout);
    }
}

#[test]
fn the_json_form_says_everything_and_meets_its_schema() {
    let (from, to) = states();
    let told = parsed(&diff(&from, &to, &["--format", "json"]).ends_with(0).stdout);
    let schema = fs::read_to_string(project().join("schemas/diff.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&parsed(&schema)).unwrap();
    assert!(validator.is_valid(&told), "{told:#}");
    let failure = parsed(
        &to.run(&["diff", "nothing", "--format", "json"])
            .ends_with(2)
            .stdout,
    );
    assert!(validator.is_valid(&failure), "{failure:#}");

    assert_eq!(
        told["added"][0]["entry"],
        parsed(&entry("A", "added.example"))["A"]
    );
    assert_eq!(
        (&told["removed"][0]["domain"], &told["removed"][0]["name"]),
        (&json!("gone.example"), &json!("Gone"))
    );
    assert_eq!(
        told["renamed"],
        json!([
            { "domain": "named.example", "name": "Renamed", "was": { "domain": "named.example", "name": "Named" } },
            { "domain": "new.example", "name": "Moved", "was": { "domain": "moved.example", "name": "Moved" } },
        ])
    );
    let documentation =
        json!({ "before": "https://old.example/2fa", "after": "https://old.example/help" });
    let tfa = json!({ "before": ["totp"], "after": ["sms", "totp"] });
    let fields = json!({ "tfa": tfa, "documentation": documentation });
    assert_eq!(
        told["changed"],
        json!([{ "domain": "old.example", "name": "Old", "fields": fields }])
    );
    let sms = json!({ "path": "v3/sms.json", "added": 1, "removed": 0, "changed": 0 });
    assert!(told["files"].as_array().unwrap().contains(&sms));
}

#[test]
fn layout_and_the_order_of_fields_are_no_change() {
    let one = Directory::new();
    let text = r#"{"Good":{"categories":["email"],"documentation":"https:\/\/good.example/2fa",
        "tfa":["totp"],"domain":"good.example"}}"#;
    let other = Directory::empty().file("entries/g/good.example.json", text.replace('\n', "\r\n"));
    let run = diff(&one, &other, &["--exit-code"])
        .ends_with(0)
        .says("no site changed");
    assert_eq!(run.stdout, "");
    let told = parsed(&diff(&one, &other, &["--format", "json"]).stdout);
    for list in ["added", "removed", "renamed", "changed", "files"] {
        assert_eq!(told[list], json!([]), "{list}");
    }
}

#[test]
fn only_exit_code_makes_a_difference_fail() {
    let (from, to) = states();
    for format in ["human", "markdown", "json", "algolia"] {
        diff(&from, &to, &["--format", format]).ends_with(0);
        diff(&from, &to, &["--format", format, "--exit-code"]).ends_with(1);
    }
}

#[test]
fn the_comment_shows_each_change_with_its_evidence() {
    let (from, to) = states();
    let page = diff(&from, &to, &["--format", "markdown"])
        .ends_with(0)
        .stdout;
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, Parser::new_ext(&page, Options::all()));
    let html = html.replace("<wbr>", "");
    for shown in [
        "<td>Old (old.example)</td><td>tfa: +sms<br>documentation: https://old.example/2fa → https://old.example/help</td>",
        r#"<td><a href="https://old.example/help">documentation</a> <a href="https://old.example">site</a></td>"#,
        "<td>Moved (new.example)</td><td>renamed, was Moved (moved.example)</td>",
        "<li><code>v3/sms.json +1 −0 ~0</code></li>",
        "<details><summary>",
        "\"before\": \"https://old.example/2fa\"",
    ] {
        assert!(html.contains(shown), "{shown}\n{html}");
    }
    let page = diff(&to, &to, &["--format", "markdown"]).stdout;
    assert_eq!(page, "## What changes\n\nNo site changes.\n");
}

#[test]
fn hostile_texts_stay_inert() {
    let evil =
        "::error::<b>|\n\u{1b}[31m\u{202e}##[error]\n::error::x\n```\n</details>@me #1 [a](b) `c";
    let fields = json!({
        "domain": "evil.example", "tfa": [evil], "notes": evil, "documentation": "javascript:alert(1)",
        "url": "https://evil.example/>)|`<b>\"](x", evil: [evil], "categories": ["email"],
    });
    // The rules allow this text, but not the other one.
    let allowed = "::error::<b>| ##[error] ``` </details>@me #1 [a](b) `c";
    let mut good = parsed(&entry("Good", "good.example"));
    good["Good"]["notes"] = json!(allowed);
    let to = Directory::new()
        .file(
            "entries/e/evil.example.json",
            json!({ evil: fields }).to_string(),
        )
        .file("entries/g/good.example.json", good.to_string());
    let human = diff(&Directory::new(), &to, &[]).ends_with(0).stdout;
    assert!(
        !human.contains(['\u{1b}', '\u{202e}']) && !human.contains("##["),
        "{human}"
    );
    assert!(
        human
            .lines()
            .all(|line| !line.trim_start().starts_with("::")),
        "{human}"
    );

    // Once as a new site, once with fields that change.
    let before = json!({ evil: { "domain": "evil.example", "tfa": ["totp"] } }).to_string();
    let before = Directory::new().file("entries/e/evil.example.json", before);
    for from in [&Directory::new(), &before] {
        let page = diff(from, &to, &["--format", "markdown"])
            .ends_with(0)
            .stdout;
        assert!(!page.contains(['\u{1b}', '\u{202e}']), "{page}");
        let mut blocks = 0;
        let mut cells = 0;
        for event in Parser::new_ext(&page, Options::all()) {
            match event {
                Event::Html(html) => assert!(html.contains("details>"), "{html}"),
                Event::InlineHtml(html) => assert!(["<wbr>", "<br>"].contains(&&*html), "{html}"),
                Event::Start(Tag::Link { dest_url, .. }) => {
                    let own = ["https://good.example", "https://good.example/2fa"];
                    assert!(own.contains(&&*dest_url), "{dest_url}");
                }
                Event::Start(Tag::CodeBlock(_)) => blocks += 1,
                Event::Start(Tag::TableCell) => cells += 1,
                Event::Start(Tag::Emphasis | Tag::Strong | Tag::Image { .. }) => panic!("{page}"),
                _ => {}
            }
        }
        assert_eq!((blocks, cells), (1, 6), "{page}");
        assert!(!page.contains("javascript"), "{page}");
        assert!(page.contains("\n1 site is not shown, because"), "{page}");
    }
}

#[test]
fn a_comment_fits_into_what_github_accepts() {
    let mut to = Directory::new();
    for number in 0..400 {
        let domain = format!("site{number}.example");
        let name = format!("{number} {}", "@".repeat(150));
        to = to.file(&format!("entries/s/{domain}.json"), entry(&name, &domain));
    }
    let page = diff(&Directory::new(), &to, &["--format", "markdown"])
        .ends_with(0)
        .stdout;
    assert!((30_000..65_000).contains(&page.len()), "{}", page.len());
    assert!(page.contains("more changes: run `tfadir diff`") && page.contains("v3/totp.json +400"));
}

#[test]
fn the_search_index_gets_what_changed_or_everything() {
    let (from, to) = states();
    let body = parsed(
        &diff(&from, &to, &["--format", "algolia"])
            .ends_with(0)
            .stdout,
    );
    let requests: Vec<String> = body["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| {
            format!(
                "{} {}",
                request["action"].as_str().unwrap(),
                request["body"]["objectID"].as_str().unwrap()
            )
        })
        .collect();
    let expected = [
        "deleteObject gone.example",
        "deleteObject moved.example",
        "addObject added.example",
        "addObject named.example",
        "addObject new.example",
        "addObject old.example",
    ];
    assert_eq!(requests, expected);
    let record = json!({
        "objectID": "added.example", "name": "Added", "domain": "added.example", "2fa": ["totp"],
        "documentation": "https://added.example/2fa", "category": ["email"],
    });
    assert_eq!(body["requests"][2]["body"], record);

    let all = parsed(
        &to.run(&["diff", "--all", "--format", "algolia"])
            .ends_with(0)
            .stdout,
    );
    assert_eq!(all["requests"].as_array().unwrap().len(), 5);
    to.run(&["diff", "--all"])
        .ends_with(2)
        .says("add --format algolia");
}

#[test]
fn added_links_are_listed_as_text() {
    let (from, to) = states();
    let lines = diff(&from, &to, &["--format", "lines"]).ends_with(0).stdout;
    let expected = "https://added.example/\nhttps://added.example/2fa\nhttps://new.example/\nhttps://old.example/help\n";
    assert_eq!(lines, expected);
    let page = diff(&from, &to, &["--format", "markdown"])
        .ends_with(0)
        .stdout;
    let list = "\nAdded links:\n\n- `https://added.example/`\n- `https://added.example/2fa`\n";
    assert!(page.contains(list), "{page}");
    assert_eq!(diff(&to, &to, &["--format", "lines"]).stdout, "");
}

#[test]
fn a_format_of_another_command_is_refused() {
    let directory = Directory::new();
    directory
        .run(&["diff", "--format", "sarif"])
        .ends_with(2)
        .says("has no format `sarif`");
    directory
        .run(&["check", "--format", "algolia"])
        .ends_with(2)
        .says("no format `algolia`");
}

#[test]
fn a_published_folder_is_a_state_if_its_manifest_fits() {
    let (from, to) = states();
    to.run(&["build", "--unsigned", "--pretty"]).ends_with(0);
    let dist = to.dist();
    for state in ["dist", "dist/manifest.json"] {
        to.run(&["diff", state, "--exit-code"])
            .ends_with(0)
            .says("no site changed");
        to.run(&["diff", state, from.path().to_str().unwrap(), "--exit-code"])
            .ends_with(1);
    }
    let all = fs::read_to_string(dist.join("v3/all.json")).unwrap();
    fs::write(dist.join("v3/all.json"), all.replace("Old", "New")).unwrap();
    to.run(&["diff", "dist"])
        .ends_with(2)
        .says("`dist/v3/all.json` does not match `dist/manifest.json`");
    // Downloaded alone, it counts as it is.
    fs::remove_file(dist.join("manifest.json")).unwrap();
    to.run(&["diff", "dist", "--exit-code"])
        .ends_with(1)
        .says("Old (old.example), was New (old.example)");
    for (text, problem) in [
        ("[", "this file is not"),
        ("{}", "not a list"),
        (r#"[["A",1]]"#, "not a list"),
        (r#"[["A",{}]]"#, "has no domain"),
    ] {
        fs::write(dist.join("v3/all.json"), text).unwrap();
        let run = to.run(&["diff", "dist"]).ends_with(2);
        assert!(
            run.stderr.contains(problem) || text == "[",
            "{}",
            run.stderr
        );
    }
    fs::write(dist.join("manifest.json"), "{}").unwrap();
    to.run(&["diff", "dist"])
        .ends_with(2)
        .says("is not a manifest");
    fs::remove_file(dist.join("manifest.json")).unwrap();
    fs::remove_file(dist.join("v3/all.json")).unwrap();
    fs::write(dist.join("other"), "").unwrap();
    to.run(&["diff", "dist/other"])
        .ends_with(2)
        .says("help: specify a manifest.json");
}

#[test]
fn a_published_state_is_verified_with_the_keys_at_hand() {
    let (_, to) = states();
    to.run(&["build", "--unsigned"]).ends_with(0);
    to.run(&["diff", "dist"])
        .ends_with(0)
        .says("it comes from an unsigned build");
    to.run(&["diff", "dist", "--cert", "dist/key.asc"])
        .ends_with(2);

    to.run(&["build"]).ends_with(0);
    let own = to.run(&["diff", "dist", "--exit-code"]).ends_with(0);
    own.says(", if key.asc is the publisher's");
    let trusted = to
        .run(&["diff", "dist", "--cert", "dist/key.asc"])
        .ends_with(0);
    assert!(!trusted.stderr.contains("publisher's") && trusted.stderr.contains(": signed by "));
    let args = [
        "key",
        "generate",
        "--email",
        "security@2fa.directory",
        "--no-passphrase",
    ];
    to.run(&[&args[..], &["--out", "other.asc"]].concat())
        .ends_with(0);
    let other = ["diff", "dist", "--cert", "other.pub.asc"];
    to.run(&other)
        .ends_with(2)
        .says("`dist/manifest.json` is not signed by a trusted key");
    let wrong = [
        "diff",
        "dist",
        "--fingerprint",
        "0123456789012345678901234567890123456789",
    ];
    to.run(&wrong).ends_with(2).says("does not contain the key");

    let manifest = to.dist().join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"serial\": ", "\"serial\": 1")).unwrap();
    to.run(&["diff", "dist"])
        .ends_with(2)
        .says("is not signed by the key.asc next to it");
    fs::write(&manifest, text).unwrap();
    fs::remove_file(to.dist().join("manifest.json.sig")).unwrap();
    to.run(&["diff", "dist"])
        .ends_with(0)
        .says("there is no signature next to it");
    to.run(&["diff", "dist", "--cert", "dist/key.asc"])
        .ends_with(2)
        .says("cannot verify");
    // The signed message is enough.
    to.run(&["diff", "dist/manifest.json.gpg"])
        .ends_with(0)
        .says("signed by");
    fs::remove_file(to.dist().join("key.asc")).unwrap();
    to.run(&["diff", "dist/manifest.json.gpg"])
        .ends_with(0)
        .says("there is no key.asc next to it");
    fs::remove_file(to.dist().join("manifest.json")).unwrap();
    to.run(&["stats", "dist"])
        .ends_with(0)
        .says("it does not exist");
}

#[test]
fn a_state_that_cannot_be_read_is_named_with_its_file() {
    let good = Directory::new();
    for (text, problem) in [
        ("{\n,", "this file is not JSON"),
        ("{}", "must contain exactly one site"),
        (r#"{"A":{}}"#, "this entry has no domain"),
        (
            r#"{"A":{"domain":"good.example"}}"#,
            "both have the domain `good.example`",
        ),
    ] {
        let bad = Directory::new().file("entries/b/bad.example.json", text);
        let run = diff(&bad, &good, &[]).ends_with(2).says(problem);
        assert!(
            run.stderr.contains("entries/b/bad.example.json"),
            "{}",
            run.stderr
        );
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn statistics_count_sites_by_method_category_and_region() {
    let (_, to) = states();
    let fields = json!({
        "domain": "z.example", "contact": { "email": "help@z.example" },
        "categories": ["email", "other"], "regions": ["us"],
    });
    let to = to.file(
        "entries/z/z.example.json",
        json!({ "Z": fields }).to_string(),
    );
    let to = to.file(
        "entries/y/y.example.json",
        entry("Y", "y.example").replace("\"categories\"", "\"regions\": [\"-us\"], \"categories\""),
    );
    let run = to.run(&["stats"]).ends_with(0);
    assert!(
        run.stdout.starts_with("7 sites: 6 with 2FA, 1 without\n"),
        "{}",
        run.stdout
    );
    let rows: Vec<Vec<&str>> = run
        .stdout
        .lines()
        .map(|it| it.split_whitespace().collect())
        .collect();
    for row in [
        vec!["1", "sms"],
        vec!["6", "totp"],
        vec!["6", "1", "email"],
        vec!["0", "1", "other"],
        vec!["0", "1", "us"],
    ] {
        assert!(rows.contains(&row), "{row:?} is not in {}", run.stdout);
    }
    let told = parsed(&to.run(&["stats", "--format", "json"]).ends_with(0).stdout);
    assert_eq!(
        told["regions"],
        json!({ "us": { "with": 0, "without": 1 } })
    );
    assert_eq!(
        (&told["methods"]["totp"], &told["methods"]["u2f"]),
        (&json!(6), &json!(0))
    );
}
