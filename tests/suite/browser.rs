//! The pages in a browser: runs the tests in `tests/browser/` on builds of this program.

use std::path::Path;
use std::process::Command;

use sequoia_openpgp::types::KeyFlags;

use crate::common::{Directory, Tfadir, entry, project};
use crate::history::over_time;
use crate::keys::{publisher, secret};
use crate::serve::Server;

/// A directory with each kind of site: listed twice, with an international name, without methods, below a domain that is
/// not listed, without an icon.
fn plain() -> Directory {
    let good = r#"{"Good":{"domain":"good.example","tfa":["totp","custom-software"],"custom-software":["Good App"],"documentation":"https://good.example/2fa","recovery":"http://good.example/lost","notes":"Only for accounts that pay.","categories":["email"],"additional-domains":["further.example"]}}"#;
    let old =
        r#"{"Old":{"domain":"old.example","contact":{"twitter":"old"},"categories":["other"]}}"#;
    let abroad = r#"{"München":{"domain":"xn--mnchen-3ya.example","tfa":["sms"],"documentation":"https://xn--mnchen-3ya.example/2fa","categories":["other"]}}"#;
    let icon = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>"#;
    let excluded =
        r#"{"authy.com":{"reason":"Authy provides two-factor authentication to other sites."}}"#;
    Directory::empty()
        .file("schemas/excluded.json", excluded)
        .file("img/g/good.example.svg", icon)
        .file("img/o/old.example.svg", icon)
        .file("img/x/xn--mnchen-3ya.example.svg", icon)
        .file("img/t/tasks.test.svg", icon)
        .file("entries/t/tasks.test.json", entry("Any.do", "tasks.test"))
        .file(
            "entries/n/north.bank.test.json",
            entry("North Bank", "north.bank.test"),
        )
        .file(
            "entries/s/south.bank.test.json",
            entry("South Bank", "south.bank.test"),
        )
        .file("entries/g/good.example.json", good)
        .file("entries/o/old.example.json", old)
        .file("entries/x/xn--mnchen-3ya.example.json", abroad)
}

/// A directory in which every string tries to inject markup, as far as the schemas allow it.
fn hostile() -> Directory {
    let evil = r#"{"</code></pre><script>hacked=1</script>\"onmouseover=\"hacked=1{{7*7}}":{"domain":"evil.example","url":"https://evil.example/%22onclick=hacked=1","tfa":["custom-software"],"custom-software":["<b>App</b>","</script><img src=x onerror=hacked=1>"],"documentation":"https://evil.example/?a='&b%22","notes":"{{7*7}} {% raw %} <script>hacked=1</script> <!-- ]]> ${hacked=1} &Auml; \u0645\u0631\u062d\u0628\u0627","categories":["other"]}}"#;
    let settings = r#"
name = "</title><script src=x>"
api = "https://api.example/2fa/"
repository = "https://github.com/a/b"
attribution = "<img src=x onerror=hacked=1>\" onfocus=\"hacked=1"
[wording]
question = "</h1><script>hacked=1</script>"
singular = "\" onfocus=\"hacked=1"
plural = "<img src=x onerror=hacked=1>"
[publisher]
name = "</a></footer><script>hacked=1</script>"
"#;
    Directory::empty()
        .file("entries/e/evil.example.json", evil)
        .file("directory.toml", settings)
}

/// Builds as a publisher does, with a key that is not a development key.
fn publish(directory: &Directory) {
    let args = [
        "key",
        "generate",
        "--email",
        "security@2fa.directory",
        "--no-passphrase",
    ];
    directory
        .run(&[&args[..], &["--out", "k.asc"]].concat())
        .ends_with(0);
    let args = [
        "build",
        "--release",
        "--key",
        "k.asc",
        "--serial",
        "1700000000",
    ];
    directory.run(&args).ends_with(0);
}

/// Builds that show notices which a publisher's builds do not: a folder, and the pages.
fn unusual(directory: &Directory) -> [(&'static str, &'static str); 3] {
    directory
        .run(&["build", "--unsigned", "--out", "unsigned"])
        .ends_with(0);
    directory
        .run(&["build", "--out", "development"])
        .ends_with(0);
    // A roll-over in which a subkey of the first certificate signs.
    let flags = KeyFlags::empty().set_certification();
    let (new, _) = publisher()
        .set_primary_key_flags(flags)
        .add_signing_subkey()
        .generate()
        .unwrap();
    std::fs::write(directory.path().join("new.asc"), secret(&new)).unwrap();
    let (old, _) = publisher().generate().unwrap();
    std::fs::write(directory.path().join("old.asc"), secret(&old)).unwrap();
    let keys = [
        "build",
        "--key",
        "new.asc",
        "--key",
        "old.asc",
        "--out",
        "roll-over",
    ];
    directory.run(&keys).ends_with(0);
    let page = std::fs::read_to_string(directory.path().join("roll-over/verify/index.html"));
    assert_eq!(page.unwrap().matches("class=\"fingerprint\"").count(), 3);
    [
        ("unsigned", " verify/"),
        ("development", " verify/"),
        ("roll-over", "verify/"),
    ]
}

/// `tfadir serve` on a directory full of errors, and its server.
fn failed() -> (Directory, Server) {
    let wrong = entry("Wrong", "wrong.example").replace("email", "unheard-of");
    let insecure = entry("Old", "old.example").replace("https", "http");
    let directory = Directory::new()
        .file("entries/w/wrong.example.json", wrong)
        .file("entries/o/old.example.json", insecure);
    let server = Server::on(&directory);
    assert_eq!(server.get("/").status, 500);
    (directory, server)
}

/// Runs a test file on a build that is served below a path.
#[track_caller]
fn passes(tests: &str, site: &Path, path: &str) {
    passes_with(
        tests,
        &[("SITE", site.to_str().unwrap()), ("SITE_PATH", path)],
    );
}

/// Runs a test file on the site that the environment variables name.
#[track_caller]
fn passes_with(tests: &str, environment: &[(&str, &str)]) {
    assert!(
        std::env::var_os("BROWSER_NODE_MODULES").is_some(),
        "see .ci/run"
    );
    let output = Command::new("node")
        .args(["--test", "--test-reporter=spec"])
        .arg(project().join("tests/browser").join(tests))
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let passed = said.lines().find_map(|line| line.strip_prefix("ℹ pass "));
    assert!(passed.is_some_and(|it| it != "0"), "{said}");
}

#[test]
#[ignore = "needs chromium and node; .ci/run installs them and runs this"]
fn pages_are_accessible_fit_every_screen_and_request_nothing_from_elsewhere() {
    let directory = plain();
    publish(&directory);
    passes("pages.test.mjs", &directory.dist(), "/");
}

#[test]
#[ignore = "needs chromium and node; .ci/run installs them and runs this"]
fn notices_a_second_key_and_a_subkey_are_accessible() {
    let directory = plain();
    for (folder, pages) in unusual(&directory) {
        let site = directory.path().join(folder);
        let site = ("SITE", site.to_str().unwrap());
        passes_with("pages.test.mjs", &[site, ("SITE_PAGES", pages)]);
    }
}

#[test]
#[ignore = "needs chromium, node and git; .ci/run installs them and runs this"]
fn the_pages_of_changes_and_statistics_are_accessible_and_valid() {
    let directory = over_time(60);
    publish(&directory);
    let dist = directory.dist();
    passes_with(
        "pages.test.mjs",
        &[
            ("SITE", dist.to_str().unwrap()),
            ("SITE_PAGES", "changes/ stats/"),
        ],
    );
    passes("markup.test.mjs", &dist, "/2fa/");
}

#[test]
#[ignore = "needs chromium and node; .ci/run installs them and runs this"]
fn the_page_of_findings_is_accessible_and_valid() {
    let (directory, server) = failed();
    let address = format!("http://{}/", server.address);
    passes_with(
        "pages.test.mjs",
        &[("SITE_FAILED", &address), ("SITE_PAGES", "")],
    );
    // To validate its markup, the page and its style sheet are stored in a folder like a build.
    let directory = directory
        .file("page/index.html", server.get("/").body)
        .file("page/style.css", server.get("/.tfadir/findings.css").body);
    passes("markup.test.mjs", &directory.path().join("page"), "/");
}

#[test]
#[ignore = "needs chromium and node; .ci/run installs them and runs this"]
fn look_up_tabs_and_copying_work_by_mouse_and_by_keyboard() {
    let directory = plain();
    publish(&directory);
    passes("parts.test.mjs", &directory.dist(), "/");
}

#[test]
#[ignore = "needs chromium and node; .ci/run installs them and runs this"]
fn the_form_writes_what_the_program_writes_and_reports_what_it_reports() {
    let settings = "repository = 'https://github.com/example/directory'\n";
    let directory = plain().file("directory.toml", settings);
    publish(&directory);
    passes_with(
        "form.test.mjs",
        &[
            ("SITE", directory.dist().to_str().unwrap()),
            ("ROOT", directory.path().to_str().unwrap()),
            ("TFADIR", env!("CARGO_BIN_EXE_tfadir")),
        ],
    );
}

#[test]
#[ignore = "needs chromium and node; .ci/run installs them and runs this"]
fn hostile_entries_and_settings_stay_text_in_a_browser() {
    let directory = hostile();
    publish(&directory);
    passes("hostile.test.mjs", &directory.dist(), "/2fa/");
    passes("markup.test.mjs", &directory.dist(), "/2fa/");
}

#[test]
#[ignore = "needs node; .ci/run installs it and runs this"]
fn pages_are_valid_and_small_whichever_keys_sign() {
    let directory = plain();
    publish(&directory);
    passes("markup.test.mjs", &directory.dist(), "/");
    for (folder, _) in unusual(&directory) {
        passes("markup.test.mjs", &directory.path().join(folder), "/");
    }
    // This project's own entries.
    let ours = directory.path().join("ours");
    Tfadir::new(&["build", "--unsigned", "--out", ours.to_str().unwrap()])
        .run()
        .ends_with(0);
    passes("markup.test.mjs", &ours, "/");
}

/// A link that would run a script is refused at build time.
#[test]
fn a_javascript_url_is_refused() {
    for address in [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/",
        "https:///x",
    ] {
        let entry = format!(
            r#"{{"E":{{"domain":"e.example","tfa":["totp"],"documentation":"{address}","categories":["other"]}}}}"#
        );
        let directory = Directory::empty().file("entries/e/e.example.json", entry);
        directory
            .run(&["build", "--unsigned"])
            .ends_with(1)
            .says("documentation");
    }
}
