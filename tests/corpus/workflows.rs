//! The workflows in `docs/workflows/`, step by step, on the real directory.

use std::fs;
use std::path::Path;
use std::process::Command;

use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{Run, Tfadir};
use crate::root;
use crate::runner::Runner;

fn git(root: &Path, args: &[&str]) -> Run {
    let identity = ["-c", "user.name=T", "-c", "user.email=t@test.example"];
    Run::of(Command::new("git").args(identity).args(args), root).ends_with(0)
}

fn commit(root: &Path) {
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "--message", "Change"]);
}

/// The corpus in a repository, with a key and settings, in a folder that also holds the secret key.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let api = folder.path().join("api");
    fs::create_dir(&api).unwrap();
    let mut copy = Command::new("cp");
    Run::of(
        copy.arg("-r").arg(root().join("entries")).arg("api"),
        folder.path(),
    )
    .ends_with(0);
    fs::create_dir(api.join("schemas")).unwrap();
    fs::copy(
        root().join("categories.json"),
        api.join("schemas/categories.json"),
    )
    .unwrap();
    fs::write(
        api.join("directory.toml"),
        "api = 'https://api.directory.example/'\n[publisher]\nemail = 'security@directory.example'\n",
    )
    .unwrap();
    fs::write(api.join(".gitignore"), "/dist/\n/.tfadir/\n").unwrap();
    fs::write(folder.path().join("passphrase"), "swordfish").unwrap();
    let generate = ["key", "generate", "--email", "security@directory.example"];
    let files = ["--password-file", "passphrase", "--out", "key.asc"];
    Tfadir::new(&[&generate[..], &files].concat())
        .folder(folder.path())
        .run()
        .ends_with(0);
    fs::copy(folder.path().join("key.pub.asc"), api.join("key.pub.asc")).unwrap();
    git(&api, &["init", "--quiet"]);
    commit(&api);
    folder
}

/// Adds a method to a site.
fn change(root: &Path) {
    let path = root.join("entries/g/github.com.json");
    let text = fs::read_to_string(&path).unwrap();
    let changed = match text.contains("\"call\",") {
        false => text.replacen("\"sms\",", "\"sms\",\n      \"call\",", 1),
        true => text.replacen("\"call\",", "", 1),
    };
    fs::write(path, changed).unwrap();
    commit(root);
}

pub(crate) fn a_pull_request_is_checked_and_gets_one_comment() {
    let folder = repository();
    let api = folder.path().join("api");
    // The report shows a file after its fixes.
    let path = api.join("entries/g/gitlab.com.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen('{', "{ ", 1)).unwrap();
    change(&api);
    let mut runner = Runner::new(&api);
    runner.run("pull_request.yml");
    assert!(api.join("dist/v3/all.json").exists());
    let written = runner.read("artifacts/comment/comment.md");
    assert!(written.contains("1 site changed"), "{written}");
    assert!(
        written.contains("</details>\n\n## What changes"),
        "{written}"
    );

    // The artifact is hostile. It tries to make a block of code seem to end or begin.
    let file = "```json\n{ \"email\": \"me@bank.example\", \"notes\": \"<b>![\" }\n```\n";
    let image = "<b>![x](https://t.example/x.png)";
    let hostile = [
        &format!("<script>x</script> {image} @someone <details>kept</details>\n\n{file}"),
        &format!("   ```\n\n```\n{image}\n```\n"),
        &format!("~~~\n\n```\n~~~\n{image}\n"),
        &format!("- x\n  ```\n\n```\n{image}\n````\n"),
        &format!("\n````\n```\n{image}\n````\n{image}\n"),
        &format!("\n```\n\r```\r{image}\n``` x\n```\t\n{image}\n"),
        &"!![x](y) !!![x](y) &#64;someone &#x040;someone &commat;someone\n".to_owned(),
        &"`<?xml version=\"1.0\"?>`\n".to_owned(),
        // GitHub draws these blocks.
        &"\n```mermaid\ngraph TD; a-->b\n```\n\n```geojson\n{}\n```\n\n```MATH\nx\n```\n"
            .to_owned(),
        &format!("\n``` `\n{image}\n\n    ```\n{image}\n\n<!--\n\n```\n-->{image}\n```\n"),
    ];
    let hostile = hostile.map(String::as_str).concat();
    fs::write(
        runner.path("artifacts/comment/comment.md"),
        hostile + &written,
    )
    .unwrap();
    for (name, value) in [
        ("github.event.workflow_run.id", "1"),
        ("github.token", "token"),
        ("github.repository", "directory/api"),
        (
            "github.event.workflow_run.head_repository.owner.login",
            "contributor",
        ),
        ("github.event.workflow_run.head_branch", "main; echo $(id)"),
        ("github.event.workflow_run.head_sha", "abc"),
    ] {
        runner.set(name, value);
    }
    let pulls = json!([
        { "number": 6, "head": { "sha": "other" } },
        { "number": 7, "head": { "sha": "abc" } },
    ]);
    let body = "<!-- tfadir -->\nold";
    let comments = |login: &str| json!([{ "id": 70, "user": { "login": login }, "body": body }]);
    runner.answer("pulls.json", pulls);
    runner.answer("comments.json", comments("someone-else"));
    runner.run("comment.yml");
    let asked = runner.read("gh.log");
    assert!(
        asked.contains("head=contributor:main; echo $(id)"),
        "{asked}"
    );
    assert!(
        asked.contains("--method POST repos/directory/api/issues/7/comments"),
        "{asked}"
    );
    let posted = runner.read("body.md");
    assert!(posted.contains("1 site changed") && posted.contains("<details>kept</details>"));
    assert!(
        posted.contains(file) && !posted.contains("@someone"),
        "{posted}"
    );
    let (mut links, mut text, mut code) = (0, String::new(), String::new());
    for drawn in ["```mermaid", "```geojson", "```MATH"] {
        assert!(!posted.contains(drawn), "{posted}");
    }
    for event in Parser::new_ext(&posted, Options::ENABLE_TABLES) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let kept = [
                    "<!-- tfadir -->",
                    "<details>",
                    "</details>",
                    "<summary>",
                    "</summary>",
                ];
                let rest = kept
                    .iter()
                    .fold(html.to_string(), |html, it| html.replace(it, ""));
                assert!(!rest.replace("<br>", "").contains('<'), "{html}");
            }
            Event::Start(Tag::Image { .. }) => panic!("{posted}"),
            Event::Start(Tag::Link { dest_url, .. }) if *dest_url == *"https://github.com" => {
                links += 1;
            }
            Event::Text(part) => text.push_str(&part),
            Event::Code(part) => code.push_str(&part),
            _ => {}
        }
    }
    let code = code.replace('\u{200b}', "");
    assert!(code.contains("<?xml version=\"1.0\"?>"), "{code}");
    assert_eq!(links, 1, "{posted}");
    assert!(
        text.contains("someone") && !text.contains("@someone"),
        "{text}"
    );

    // The next run replaces the comment.
    runner.answer("comments.json", comments("github-actions[bot]"));
    runner.run("comment.yml");
    assert!(
        runner
            .read("gh.log")
            .contains("--method PATCH repos/directory/api/issues/comments/70")
    );

    // Another commit has been pushed since.
    runner.answer(
        "pulls.json",
        json!([{ "number": 7, "head": { "sha": "newer" } }]),
    );
    let before = runner.read("gh.log").lines().count();
    runner.run("comment.yml");
    assert_eq!(runner.read("gh.log").lines().count(), before + 1);
}

pub(crate) fn a_broken_entry_fails_once_and_is_described_once() {
    for (path, text, words) in [
        ("entries/g/github.com.json", "{", "missing closing brace"),
        ("directory.toml", "nmae = 'X'\n", "unknown field `nmae`"),
    ] {
        let folder = repository();
        let api = folder.path().join("api");
        fs::write(api.join(path), text).unwrap();
        commit(&api);
        let mut runner = Runner::new(&api);
        let failures = runner.failures("pull_request.yml");
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert!(failures[0].starts_with("tfadir check "), "{failures:?}");
        let written = runner.read("artifacts/comment/comment.md");
        assert!(written.contains(words), "{written}");
        assert_eq!(
            written
                .lines()
                .filter(|line| line.starts_with("## "))
                .count(),
            1,
            "{written}"
        );
    }
}

fn serial(runner: &Runner) -> u64 {
    let manifest: Value = serde_json::from_str(&runner.read("site/manifest.json")).unwrap();
    manifest["serial"].as_u64().unwrap()
}

/// The callers that `tfadir init --from-2factorauth` writes, with their settings.
fn adopt(api: &Path) {
    fs::remove_file(api.join("directory.toml")).unwrap();
    Tfadir::new(&["init", "--from-2factorauth"])
        .folder(api)
        .run()
        .ends_with(0);
    let settings = fs::read_to_string(api.join("directory.toml")).unwrap();
    let settings = settings
        .replace(
            "https://api.2fa.directory/",
            "https://api.directory.example/",
        )
        .replace("security@2fa.directory", "security@directory.example");
    fs::write(api.join("directory.toml"), settings).unwrap();
    commit(api);
}

pub(crate) fn each_release_follows_the_previous_one() {
    let folder = repository();
    let api = folder.path().join("api");
    let mut runner = Runner::new(&api);
    let key = fs::read_to_string(folder.path().join("key.asc")).unwrap();
    for (name, value) in [
        ("secrets.PGP_KEY", key.as_str()),
        ("secrets.PGP_PASSWORD", "swordfish"),
        ("secrets.ALGOLIA_APP_ID", "app"),
        ("vars.ALGOLIA_INDEX_NAME", "sites"),
        ("secrets.ALGOLIA_API_KEY", "search-key"),
    ] {
        runner.set(name, value);
    }
    // Without a previous manifest, only a run that says so publishes.
    let failures = runner.failures("publish.yml");
    assert!(failures[0].contains("404"), "{failures:?}");
    assert!(!runner.path("site").exists());
    runner.set("inputs.first", "true");
    for (passphrase, problem) in [("hunter2", "wrong passphrase"), ("", "passphrase")] {
        runner.set("secrets.PGP_PASSWORD", passphrase);
        let failures = runner.failures("publish.yml");
        assert!(failures[0].contains(problem), "{failures:?}");
        assert!(!runner.path("site").exists());
    }
    runner.set("secrets.PGP_PASSWORD", "swordfish");
    runner.run("publish.yml");
    runner.api.serve(&runner.path("site"));
    let first = serial(&runner);

    std::thread::sleep(std::time::Duration::from_millis(1100));
    change(&api);
    runner.set("inputs.first", "");
    runner.run("publish.yml");
    assert!(serial(&runner) > first);
    assert!(!runner.path("batch.json").exists());

    // The existing directory has other file extensions, and a search index.
    adopt(&api);
    runner.set("inputs.first", "true");
    let caller = api.join(".github/workflows/publish.yml");
    assert_eq!(runner.failures_of(&caller), Vec::<String>::new());
    runner.api.serve(&runner.path("site"));
    let before = serial(&runner);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    change(&api);
    runner.set("inputs.first", "");
    assert_eq!(runner.failures_of(&caller), Vec::<String>::new());
    assert!(serial(&runner) > before);
    let batch: Value = serde_json::from_str(&runner.read("batch.json")).unwrap();
    assert_eq!(batch["requests"].as_array().unwrap().len(), 1);
    let sent = runner.read("curl.log");
    assert!(sent.contains("https://app.algolia.net/1/indexes/sites/batch"));
    assert!(!sent.contains("search-key"));
    let secret = runner.read("curl.config");
    assert!(secret.contains("x-algolia-api-key: search-key"));
}

pub(crate) fn dead_links_become_one_issue() {
    let folder = repository();
    let mut runner = Runner::new(&folder.path().join("api"));
    runner.set("github.token", "token");
    runner.set("github.repository", "directory/api");
    runner.answer("issues.json", json!([]));
    runner.answer("report.json", json!({ "error_map": {} }));
    runner.run("links.yml");
    assert_eq!(runner.read("gh.log").lines().count(), 1);

    runner.answer(
        "report.json",
        json!({ "error_map": { "links.txt": [
            { "url": "https://github.com/", "status": { "code": 404 } },
            { "url": "https://unknown.example/", "status": { "code": 404 } },
        ] } }),
    );
    runner.run("links.yml");
    assert!(runner.read("gh.log").contains("issue create"));
    let told = runner.read("body.md");
    assert!(
        told.contains("https://github.com/\tentries/g/github.com.json\tdomain"),
        "{told}"
    );
    assert!(told.contains("https://unknown.example/\n"), "{told}");

    runner.answer("issues.json", json!([{ "number": 5 }]));
    runner.run("links.yml");
    assert!(
        runner
            .read("gh.log")
            .contains("issue edit 5 --body-file issue.md")
    );
}
