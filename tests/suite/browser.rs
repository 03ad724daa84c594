//! The pages in a browser: what `tests/browser/` asks of them, on builds of this program.

use std::path::Path;
use std::process::Command;

use crate::common::{Directory, Tfadir, project};

/// A directory with each kind of site: listed twice, with an international name, without methods.
fn plain() -> Directory {
    let good = r#"{"Good":{"domain":"good.example","tfa":["totp","custom-software"],"custom-software":["Good App"],"documentation":"https://good.example/2fa","recovery":"http://good.example/lost","notes":"Only for accounts that pay.","categories":["email"],"additional-domains":["further.example"]}}"#;
    let old =
        r#"{"Old":{"domain":"old.example","contact":{"twitter":"old"},"categories":["other"]}}"#;
    let abroad = r#"{"München":{"domain":"xn--mnchen-3ya.example","tfa":["sms"],"documentation":"https://xn--mnchen-3ya.example/2fa","categories":["other"]}}"#;
    Directory::empty()
        .file("entries/g/good.example.json", good)
        .file("entries/o/old.example.json", old)
        .file("entries/x/xn--mnchen-3ya.example.json", abroad)
}

/// A directory whose every text tries to be more than text, as far as the schemas let it.
fn hostile() -> Directory {
    let evil = r#"{"</code></pre><script>hacked=1</script>\"onmouseover=\"hacked=1{{7*7}}":{"domain":"evil.example","url":"https://evil.example/%22onclick=hacked=1","tfa":["custom-software"],"custom-software":["<b>App</b>","</script><img src=x onerror=hacked=1>"],"documentation":"https://evil.example/?a='&b%22","notes":"{{7*7}} {% raw %} <script>hacked=1</script> <!-- ]]> ${hacked=1} &lt;i&gt; \u200f\u0645\u0631\u062d\u0628\u0627\u061c","categories":["other"]}}"#;
    let settings = r#"
name = "</title><script src=x>"
api = "https://api.example/2fa/"
attribution = "<img src=x onerror=hacked=1>\" onfocus=\"hacked=1"
[publisher]
name = "</a></footer><script>hacked=1</script>"
"#;
    Directory::empty().file("entries/e/evil.example.json", evil).file("directory.toml", settings)
}

/// Builds as a publisher does, with a key that is none for development.
fn publish(directory: &Directory) {
    let args = ["key", "generate", "--email", "security@2fa.directory", "--no-passphrase"];
    directory.run(&[&args[..], &["--out", "k.asc"]].concat()).ends_with(0);
    let args = ["build", "--release", "--key", "k.asc", "--serial", "1700000000"];
    directory.run(&args).ends_with(0);
}

/// Runs a file of tests on a build that is served below a path.
#[track_caller]
fn passes(tests: &str, site: &Path, path: &str) {
    assert!(std::env::var_os("BROWSER_NODE_MODULES").is_some(), "see .ci/run");
    let output = Command::new("node")
        .args(["--test", "--test-reporter=spec"])
        .arg(project().join("tests/browser").join(tests))
        .env("SITE", site)
        .env("SITE_PATH", path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let passed = said.lines().find_map(|line| line.strip_prefix("ℹ pass "));
    assert!(passed.is_some_and(|it| it != "0"), "{said}");
}

#[test]
#[ignore = "needs chromium and node; .ci/run installs them and runs this"]
fn pages_are_accessible_fit_every_screen_and_ask_nothing_of_others() {
    let directory = plain();
    publish(&directory);
    passes("pages.test.mjs", &directory.dist(), "/");
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
fn hostile_entries_and_settings_stay_text_in_a_browser() {
    let directory = hostile();
    publish(&directory);
    passes("hostile.test.mjs", &directory.dist(), "/2fa/");
    passes("markup.test.mjs", &directory.dist(), "/2fa/");
}

#[test]
#[ignore = "needs node; .ci/run installs it and runs this"]
fn pages_are_valid_and_small_signed_and_unsigned() {
    let directory = plain();
    publish(&directory);
    passes("markup.test.mjs", &directory.dist(), "/");
    directory.run(&["build", "--unsigned", "--out", "unsigned"]).ends_with(0);
    passes("markup.test.mjs", &directory.path().join("unsigned"), "/");
    // With a notice that the key is for development, and this project's own entries.
    let ours = directory.path().join("ours");
    Tfadir::new(&["build", "--unsigned", "--out", ours.to_str().unwrap()]).run().ends_with(0);
    passes("markup.test.mjs", &ours, "/");
}

/// A link that would run a script is refused before it gets anywhere.
#[test]
fn an_address_that_is_a_script_is_refused() {
    for address in ["javascript:alert(1)", "data:text/html,x", "//evil.example/", "https:///x"] {
        let entry = format!(
            r#"{{"E":{{"domain":"e.example","tfa":["totp"],"documentation":"{address}","categories":["other"]}}}}"#
        );
        let directory = Directory::empty().file("entries/e/e.example.json", entry);
        directory.run(&["build", "--unsigned"]).ends_with(1).says("documentation");
    }
}
