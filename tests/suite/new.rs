//! `tfadir new`: entries from options and answers.

use std::fs;

use crate::common::{Directory, Run, files, temporary_folder};

const BANK: &[&str] = &[
    "new",
    "bank.example",
    "--name",
    "Bank",
    "--categories",
    "banking",
];

fn read(directory: &Directory, path: &str) -> String {
    fs::read_to_string(directory.path().join(path)).unwrap()
}

/// Runs `tfadir new` with more options for a bank.
fn bank(directory: &Directory, more: &[&str]) -> Run {
    directory.run(&[BANK, more].concat())
}

#[test]
fn options_become_a_canonical_entry_that_passes_all_checks() {
    let directory = Directory::new();
    let link = "https://bank.example/2fa";
    let more = [
        "--tfa",
        "totp,custom-software",
        "--custom-software",
        "Bank, the App",
    ];
    let rest = [
        "--documentation",
        link,
        "--regions",
        "-us,-ca",
        "--notes",
        "Only for companies.",
    ];
    bank(&directory, &[&more[..], &rest[..]].concat())
        .ends_with(0)
        .says("Wrote entries/b/bank.example.json")
        .says("no findings");
    let text = read(&directory, "entries/b/bank.example.json");
    let expected = r#"{
  "Bank": {
    "domain": "bank.example",
    "tfa": [
      "totp",
      "custom-software"
    ],
    "custom-software": [
      "Bank, the App"
    ],
    "documentation": "https://bank.example/2fa",
    "notes": "Only for companies.",
    "categories": [
      "banking"
    ],
    "regions": [
      "-us",
      "-ca"
    ]
  }
}
"#;
    assert_eq!(text, expected);
    directory.run(&["fmt", "--check"]).ends_with(0);
    directory.run(&["check", "--deny", "warnings"]).ends_with(0);
}

#[test]
fn common_words_and_spellings_are_understood() {
    let directory = Directory::new();
    let run = directory
        .run(&[
            "new",
            "https://www.Bank.Example/",
            "--name=Bank",
            "--categories=bank",
            "--tfa=Google Authenticator,Security Key",
            "--documentation=bank.example/2fa",
            "--regions=UK",
            "--url=https://bank.example",
        ])
        .ends_with(0)
        .says("replaced `Google Authenticator` with `totp`");
    assert_eq!(run.stderr.matches("Fixed").count(), 1, "{}", run.stderr);
    let text = read(&directory, "entries/b/bank.example.json");
    let compact: String = text.split_whitespace().collect();
    assert_eq!(
        compact,
        r#"{"Bank":{"domain":"bank.example","tfa":["totp","u2f"],"documentation":"https://bank.example/2fa","categories":["banking"],"regions":["gb"]}}"#
    );
}

#[test]
fn missing_options_are_listed_and_nothing_is_written() {
    let directory = Directory::new();
    let before = files(directory.path());
    directory
        .run(&["new", "bank.example"])
        .ends_with(2)
        .says("missing options: --name, --categories and one of --tfa, --contact-email,")
        .says("in a terminal");
    bank(&directory, &["--tfa", "custom-hardware"])
        .ends_with(2)
        .says("missing options: --custom-hardware\n");
    assert!(files(directory.path()) == before);
}

#[test]
fn wrong_values_are_explained_and_nothing_is_written() {
    let directory = Directory::new();
    let before = files(directory.path());
    for (more, says) in [
        (
            &["--tfa", "fingerprint"][..],
            "unknown method `fingerprint`",
        ),
        (&["--tfa", "push"], "did you mean `custom-software`?"),
        (
            &["--tfa", "sms", "--regions", "eu"],
            "unknown country code `eu`",
        ),
        (&["--tfa", "sms", "--regions", "us,-ca"], "regions"),
        (
            &["--tfa", "sms", "--documentation", "javascript:alert(1)"],
            "starts with `javascript:`",
        ),
        (
            &["--tfa", "sms", "--contact-twitter", "bank"],
            "the entry has both `tfa` and `contact`",
        ),
        (
            &[
                "--contact-twitter",
                "bank",
                "--notes",
                "Only for companies.",
            ],
            "`notes` requires `tfa`",
        ),
        (
            &["--tfa", "sms", "--img", "../../x.gif"],
            "is not an icon file name",
        ),
    ] {
        let run = bank(&directory, more).ends_with(2).says(says);
        assert!(run.stderr.contains("nothing was written"), "{}", run.stderr);
    }
    // A language alone is not a contact.
    let run = bank(&directory, &["--contact-language", "de"]).ends_with(2);
    run.says("missing options: one of --tfa, --contact-email");
    for domain in [
        "bank",
        "../x.example",
        "192.0.2.1",
        "a/../../b.example",
        "-",
        "",
    ] {
        let run = directory.run(&[
            "new",
            "--name=Bank",
            "--tfa=sms",
            "--categories=other",
            domain,
        ]);
        assert_eq!(run.code, Some(2), "{domain}: {}{}", run.stdout, run.stderr);
    }
    assert!(files(directory.path()) == before);
}

#[test]
fn a_site_that_is_listed_is_not_added_again() {
    let other = r#"{"Other":{"domain":"other.example","additional-domains":["bank.example"],"tfa":["sms"],"categories":["other"]}}"#;
    let directory = Directory::new().file("entries/o/other.example.json", other);
    let before = files(directory.path());
    bank(&directory, &["--tfa", "sms"])
        .ends_with(2)
        .says("already listed in `entries/o/other.example.json`")
        .says("tfadir check entries/o/other.example.json");
    // A file that cannot be read is not overwritten either.
    let broken = Directory::new().file("entries/b/bank.example.json", "{");
    bank(&broken, &["--tfa", "sms"])
        .ends_with(2)
        .says("already listed");
    assert_eq!(read(&broken, "entries/b/bank.example.json"), "{");
    assert!(files(directory.path()) == before);
}

#[test]
fn a_missing_icon_is_reported_with_its_path() {
    let icon =
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>"#;
    let directory = Directory::new().file("img/g/good.example.svg", icon);
    bank(&directory, &["--tfa", "sms"])
        .ends_with(1)
        .says("Wrote entries/b/bank.example.json")
        .says("the icon of `Bank` is missing")
        .says("img/b/bank.example.svg");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_symbolic_link() {
    use std::os::unix::fs::symlink;
    let elsewhere = temporary_folder();
    let directory = Directory::new();
    symlink(elsewhere.path(), directory.path().join("entries/b")).unwrap();
    bank(&directory, &["--tfa", "sms"])
        .ends_with(2)
        .says("symbolic link");
    assert!(crate::common::names(elsewhere.path()).is_empty());
}

#[test]
fn folders_and_categories_come_from_the_settings() {
    let directory = Directory::empty()
        .file("directory.toml", "[paths]\nentries = 'sites'\n")
        .file("schemas/categories.json", r#"{"toys": {"title": "Toys"}}"#);
    directory
        .run(&[
            "new",
            "bank.example",
            "--name=Bank",
            "--tfa=sms",
            "--categories=toys",
        ])
        .ends_with(0);
    assert!(read(&directory, "sites/b/bank.example.json").contains("\"toys\""));
    directory
        .run(&[
            "new",
            "b.example",
            "--name=B",
            "--tfa=sms",
            "--categories=email",
        ])
        .ends_with(2)
        .says("unknown category `email`");
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_new_asks_until_the_answers_are_right() {
    let directory = Directory::new();
    let lines = [
        "Bank",
        "",                                   // additional-domains
        "fingerprint",                        // tfa: unknown
        "authenticator app, custom-software", // tfa
        "",                                   // custom-software: required
        "Bank, the App",
        "",                       // the end of the list
        "ftp://bank.example/2fa", // documentation: not a web page
        "https://bank.example/2fa",
        "",      // recovery
        "short", // notes: too short
        "Only for companies.",
        "bank",   // categories
        "UK, ie", // regions
    ];
    let (is_success, said) = directory.run_on_a_terminal("new bank.example", &lines);
    assert!(is_success, "{said}");
    for part in [
        "name: The name of the site",
        "totp             a code from any authenticator app",
        "unknown method `fingerprint`",
        "This field is required.",
        "`documentation` starts with `ftp:`, not with `https://`",
        "replaced `authenticator app` with `totp`",
        "entries/b/bank.example.json",
    ] {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    assert!(!said.contains("contact-"), "{said}");
    let compact: String = read(&directory, "entries/b/bank.example.json")
        .split_whitespace()
        .collect();
    assert_eq!(
        compact,
        r#"{"Bank":{"domain":"bank.example","tfa":["totp","custom-software"],"custom-software":["Bank,theApp"],"documentation":"https://bank.example/2fa","notes":"Onlyforcompanies.","categories":["banking"],"regions":["gb","ie"]}}"#
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_site_without_methods_needs_a_contact() {
    let directory = Directory::new();
    let args = "bank.example --name Bank --categories banking --additional-domains b.example";
    // tfa, e-mail, Facebook, Twitter, form; once more from tfa, with a Twitter handle; language; regions
    let lines = ["", "", "", "", "", "", "", "", "", "@bank", "", "", ""];
    let (is_success, said) = directory.run_on_a_terminal(&format!("new {args}"), &lines);
    assert!(is_success, "{said}");
    assert!(
        said.contains("needs at least one field of `contact`"),
        "{said}"
    );
    let text = read(&directory, "entries/b/bank.example.json");
    assert!(text.contains("\"twitter\": \"bank\""), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_written_if_the_input_ends() {
    let directory = Directory::new();
    let before = files(directory.path());
    let (is_success, said) = directory.run_on_a_terminal("new bank.example", &["Bank"]);
    assert!(!is_success && said.contains("the input ended"), "{said}");
    assert!(files(directory.path()) == before);
}
