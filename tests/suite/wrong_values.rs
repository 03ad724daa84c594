//! Values that contributors write, and what `check --fix` makes of them.

use serde_json::{Value, json};
use snapbox::str;

use crate::common::{Directory, entry};
use crate::git::{commit, init};

const PATH: &str = "entries/e/example.com.json";

/// The entry in which each value is written.
fn good() -> Value {
    json!({ "Example": {
        "domain": "example.com",
        "tfa": ["totp"],
        "documentation": "https://example.com/help",
        "categories": ["email"],
    }})
}

/// An entry with other values of some fields; `null` removes a field.
fn with(values: &Value) -> Value {
    let mut entry = good();
    let Some(fields) = entry["Example"].as_object_mut() else {
        return entry;
    };
    for (name, value) in values.as_object().into_iter().flatten() {
        match value {
            Value::Null => fields.remove(name),
            value => fields.insert(name.clone(), value.clone()),
        };
    }
    entry
}

fn directory(entry: &Value) -> Directory {
    Directory::empty().file(PATH, serde_json::to_string_pretty(entry).unwrap())
}

fn fixed(entry: &Value, option: &str) -> Value {
    let directory = directory(entry);
    directory.run(&["check", option]);
    let text = std::fs::read_to_string(directory.path().join(PATH)).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn what_has_one_right_form_is_fixed() {
    for (wrong, right) in [
        (
            json!({ "documentation": "https//example.com/help" }),
            json!({}),
        ),
        (
            json!({ "documentation": "htps:/example.com/help" }),
            json!({}),
        ),
        (
            json!({ "documentation": "<https://example.com/help>" }),
            json!({}),
        ),
        (
            json!({ "recovery": "https://example.com/für dich" }),
            json!({ "recovery": "https://example.com/f%C3%BCr%20dich" }),
        ),
        (
            json!({ "notes": "Only for\u{ad} business\u{200b}  accounts.\n" }),
            json!({ "notes": "Only for business accounts." }),
        ),
        (
            json!({ "tfa": null, "documentation": null, "contact": { "form": "help@example.com" } }),
            json!({ "tfa": null, "documentation": null, "contact": { "email": "help@example.com" } }),
        ),
        (
            json!({ "tfa": null, "documentation": null, "contact": { "email": "Help <help@example.com>" } }),
            json!({ "tfa": null, "documentation": null, "contact": { "email": "help@example.com" } }),
        ),
        (
            json!({ "tfa": null, "documentation": null, "contact": { "twitter": "example", "language": "German" } }),
            json!({ "tfa": null, "documentation": null, "contact": { "twitter": "example", "language": "de" } }),
        ),
        (json!({ "domain": "www.example.com" }), json!({})),
        (json!({ "domain": "example.c" }), json!({})),
        (json!({ "domain": "example." }), json!({})),
        (
            json!({ "categories": ["utility"] }),
            json!({ "categories": ["utilities"] }),
        ),
        (
            json!({ "documentation": null, "doc_url": "https://example.com/help" }),
            json!({}),
        ),
    ] {
        assert_eq!(fixed(&with(&wrong), "--fix"), with(&right), "{wrong}");
    }
}

#[test]
fn what_a_fix_would_drop_needs_unsafe_fixes() {
    for (wrong, right) in [
        (json!({ "contact": { "twitter": "example" } }), json!({})),
        (json!({ "linkedin": "example" }), json!({})),
        (
            json!({ "img": "https://example.com/fw5ET8A.png" }),
            json!({}),
        ),
        (
            json!({ "tfa": null, "documentation": null, "contact": { "twitter": "example" }, "notes": "Promised for May." }),
            json!({ "tfa": null, "documentation": null, "contact": { "twitter": "example" } }),
        ),
    ] {
        assert_eq!(fixed(&with(&wrong), "--fix"), with(&wrong), "{wrong}");
        assert_eq!(
            fixed(&with(&wrong), "--unsafe-fixes"),
            with(&right),
            "{wrong}"
        );
    }
}

#[test]
fn what_has_several_meanings_is_left_to_a_person() {
    for (wrong, findings) in [
        (
            json!({ "domain": "example.com, example.org" }),
            str![[r#"
error[schema]: `example.com, example.org` is more than one domain
 --> entries/e/example.com.json:3:15
  |
3 |     "domain": "example.com, example.org",
  |               ^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: Write only `example.com` in `domain`, and the others in `additional-domains`.


"#]],
        ),
        (
            json!({ "domain": "example.com github.io" }),
            str![[r#"
error[schema]: `example.com github.io` is more than one domain
 --> entries/e/example.com.json:3:15
  |
3 |     "domain": "example.com github.io",
  |               ^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: Write only `example.com` in `domain`, and the others in `additional-domains`.


"#]],
        ),
        (
            json!({ "tfa": ["otp"] }),
            str![[r#"
error[schema]: unknown method `otp`; did you mean `totp`, `sms`, `email` or `call`?
 --> entries/e/example.com.json:5:7
  |
5 |       "otp"
  |       ^^^^^
  |
  = help: A one-time password comes from an authenticator app (`totp`), in a text message (`sms`), in an e-mail (`email`) or in a phone call (`call`). Write those that the site offers.


"#]],
        ),
        (
            json!({ "tfa": ["app"] }),
            str![[r#"
error[schema]: unknown method `app`; did you mean `totp` or `custom-software`?
 --> entries/e/example.com.json:5:7
  |
5 |       "app"
  |       ^^^^^
  |
  = help: Write `totp` if any authenticator app works, and `custom-software` if the site needs its own app.


"#]],
        ),
        (
            json!({ "tfa": ["token"] }),
            str![[r#"
error[schema]: unknown method `token`; did you mean `u2f`, `totp`, `custom-hardware` or `custom-software`?
 --> entries/e/example.com.json:5:7
  |
5 |       "token"
  |       ^^^^^^^
  |
  = help: Write `u2f` for security keys, `totp` for codes from an authenticator app, `custom-hardware` for the site's own device, and `custom-software` for its own app.


"#]],
        ),
        (
            json!({ "img": "fw5ET8A.png" }),
            str![[r#"
error[schema]: `fw5ET8A.png` is not an icon file name
  --> entries/e/example.com.json:11:12
   |
11 |     "img": "fw5ET8A.png"
   |            ^^^^^^^^^^^^^
   |
   = help: Use the name of an SVG or PNG file. SVG is preferred. Example: `example.svg`.


"#]],
        ),
        (
            json!({ "documentation": "https://a.com/x, https://b.com/x" }),
            str![[r#"
error[invalid-url]: `documentation` contains several URLs: `https://a.com/x, https://b.com/x`
 --> entries/e/example.com.json:7:22
  |
7 |     "documentation": "https://a.com/x, https://b.com/x",
  |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: Keep the one that helps most users.


"#]],
        ),
        (
            json!({ "documentation": "https://example.com:99999/" }),
            str![[r#"
error[invalid-url]: `documentation` has the invalid port `99999`
 --> entries/e/example.com.json:7:22
  |
7 |     "documentation": "https://example.com:99999/",
  |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: Remove the port, or use one from 1 to 65535.

warning[formatting]: the final newline is missing
--> entries/e/example.com.json
 = help: Only the formatting differs; the content is fine.
 = help: To reformat it, run `tfadir check --fix entries/e/example.com.json`.


"#]],
        ),
        (
            json!({ "categories": ["identity-solutions"] }),
            str![[r#"
error[unknown-category]: unknown category `identity-solutions`; did you mean `identity`?
 --> entries/e/example.com.json:9:7
  |
9 |       "identity-solutions"
  |       ^^^^^^^^^^^^^^^^^^^^
  |
  = help: Use one of these:
          `identity`: Identity management


"#]],
        ),
    ] {
        let entry = with(&wrong);
        directory(&entry)
            .run(&["check"])
            .ends_with(1)
            .prints(findings);
        assert_eq!(fixed(&entry, "--unsafe-fixes"), entry, "{wrong}");
    }
}

#[test]
fn a_wrong_domain_has_one_finding() {
    for domain in [
        "",
        " ",
        "example",
        "example.",
        "Example.com",
        "www.example.com",
        "https://example.com/",
        "example.com/login",
        "example.com, example.org",
        "example.com example.org",
        "example com",
        "exämple.com",
        "-",
        "-example.com",
        "exam_ple.com",
        "xn--zz.com",
        "192.0.2.1",
        "@example",
        "help@example.com",
        "example.org",
    ] {
        let found = directory(&with(&json!({ "domain": domain }))).run(&["check"]);
        let at_domain = found.stdout.matches("example.com.json:3:15").count();
        assert_eq!(at_domain, 1, "{domain:?}:\n{}", found.stdout);
    }
}

#[test]
fn a_wrong_value_has_one_error() {
    for wrong in [
        json!({ "tfa": ["custom-softwear"], "custom-software": ["Example App"] }),
        json!({ "tfa": "custom-software", "custom-software": ["Example App"] }),
        json!({ "custom-software": [] }),
        json!({ "tfa": ["totp", "totp"] }),
        json!({ "categories": ["Email"] }),
        json!({ "regions": ["usa"] }),
        json!({ "documentation": "example.com/help" }),
        json!({ "additional-domains": ["else"] }),
        json!({ "additional-domains": [""] }),
    ] {
        let others = entry("Other", "other.example").replace(
            "\"tfa\"",
            "\"additional-domains\": [\n      \"\",\n      \"else\"\n    ],\n    \"tfa\"",
        );
        let directory = directory(&with(&wrong)).file("entries/o/other.example.json", others);
        let found = directory.run(&["check", PATH]);
        assert_eq!(
            found.stdout.matches("error[").count(),
            1,
            "{wrong}:\n{}",
            found.stdout
        );
    }
}

#[test]
fn an_entry_without_its_extension_is_renamed_and_then_fixed() {
    let text = good().to_string().replace("\"totp\"", "\"topt\"");
    let directory = Directory::empty().file("entries/e/example.com", text);
    directory.run(&["check", "--fix"]);
    let fixed = std::fs::read_to_string(directory.path().join(PATH)).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&fixed).unwrap(), good());
}

#[test]
fn a_thousand_additional_domains_are_allowed() {
    let domains =
        |count: usize| -> Value { (0..count).map(|index| format!("a{index}.com")).collect() };
    directory(&with(&json!({ "additional-domains": domains(1000) })))
        .run(&["check"])
        .ends_with(0);
    directory(&with(&json!({ "additional-domains": domains(1001) })))
        .run(&["check"])
        .ends_with(1)
        .prints(str![[r#"
error[schema]: `additional-domains` has 1,001 values; the maximum is 1,000
--> entries/e/example.com.json:11:5
 = help: Other domains where users sign in with the same account. Leave out the main domain and its subdomains, which are covered already. At most 1,000, because version 4 of the API repeats the entry for each domain, and its users limit the size of the file.


"#]])
        .reports(str![[r#"
  Checked 1 entry in [..] s: 1 error in 1 file

"#]]);
}

#[test]
fn the_file_that_git_does_not_have_is_blamed_for_a_name() {
    for (committed, added) in [("a", "b"), ("b", "a")] {
        let path = |letter: &str| format!("entries/{letter}/{letter}.example.json");
        let directory = Directory::empty().file(
            &path(committed),
            entry("Café", &format!("{committed}.example")),
        );
        init(directory.path());
        commit(&directory);
        let directory = directory.file(
            &path(added),
            entry("Cafe\u{301}", &format!("{added}.example")),
        );
        let run = directory
            .run(&["check", "--rule", "duplicate-name"])
            .ends_with(1)
            .prints(str![[r#"
error[duplicate-name]: two sites are named `Caf[..]` and `Caf[..]`, which look the same
 --> entries/[..].example.json:2:3
  |
2 |   "Caf[..]": {
  |   ^^^^^^
  |
  = note: the other site: entries/[..].example.json:2:3
  = help: If the sites differ, add what tells them apart, such as the country: `Café (Canada)`. If they are one site, keep one entry.


"#]]);
        assert!(
            run.stdout.contains(&format!("--> {}", path(added))),
            "{}",
            run.stdout
        );
    }
}
