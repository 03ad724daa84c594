//! The pages: their links work, they load nothing from elsewhere, and they are correct.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

use crate::common::{Directory, Tfadir, entry, files, project, temporary_folder};
use crate::git::commit;
use crate::history::over_time;

type Files = BTreeMap<String, Vec<u8>>;

/// A signed build of a small directory that is not served at the root of its host. It is built once; each call returns a copy.
fn signed() -> (Directory, Files) {
    static BUILT: LazyLock<Files> = LazyLock::new(|| {
        let directory = Directory::new()
            .file("entries/o/old.example.json", r#"{"Old":{"domain":"old.example","contact":{"twitter":"old"},"categories":["other"]}}"#)
            .file("directory.toml", "api = 'https://api.example/2fa/'\n[security]\nexpires = 2030-01-31T00:00:00Z\n");
        directory.run(&["build"]).ends_with(0);
        files(directory.path())
    });
    let directory = Directory::with(&BUILT);
    let files = files(&directory.dist());
    (directory, files)
}

fn pages(files: &Files) -> impl Iterator<Item = (&String, String)> {
    let pages = files.iter().filter(|(path, _)| path.ends_with(".html"));
    pages.map(|(path, bytes)| (path, String::from_utf8(bytes.clone()).unwrap()))
}

fn page(files: &Files, path: &str) -> String {
    unescaped(&String::from_utf8(files[path].clone()).unwrap())
}

/// A page without the elements that colour code.
fn code(files: &Files, path: &str) -> String {
    let page = page(files, path);
    let parts = page
        .split("</span>")
        .map(|part| match part.rsplit_once("<span class=\"") {
            Some((before, rest)) => format!("{before}{}", rest.split_once("\">").unwrap().1),
            None => part.to_owned(),
        });
    parts.collect()
}

/// The tags of a page, without the angle brackets.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<')
        .skip(1)
        .map(|tag| tag.split('>').next().unwrap())
}

/// The values of an attribute.
fn values(page: &str, attribute: &str) -> Vec<String> {
    let start = format!(" {attribute}=\"");
    let values = tags(page).flat_map(|tag| tag.split(&start).skip(1).take(1));
    values
        .map(|rest| unescaped(rest.split('"').next().unwrap()))
        .collect()
}

/// Whether a tag has an attribute that begins like this.
fn has_attribute(tag: &str, start: &str) -> bool {
    let outside = tag.split('"').step_by(2);
    outside
        .flat_map(str::split_whitespace)
        .skip(1)
        .any(|it| it.starts_with(start))
}

fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (escaped, char) in [
        ("&#x2f;", "/"),
        ("&#x27;", "'"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        text = text.replace(escaped, char);
    }
    text
}

/// Where a link leads in the build, if it stays there: the file and the anchor.
fn target(page: &str, link: &str) -> Option<(String, Option<String>)> {
    let (address, anchor) = match link.split_once('#') {
        Some((address, anchor)) => (address, Some(anchor.to_owned())),
        None => (link, None),
    };
    if address.is_empty() {
        return Some((page.to_owned(), anchor));
    }
    let inside = ["https://api.example/2fa/", "/2fa/"]
        .iter()
        .find_map(|it| address.strip_prefix(it));
    let mut parts: Vec<&str> = match inside {
        Some(_) => Vec::new(),
        None if address.contains(':') => return None,
        None => {
            assert!(
                page != "404.html",
                "{link} of a page that answers at any depth"
            );
            page.split('/')
                .rev()
                .skip(1)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect()
        }
    };
    for part in inside.unwrap_or(address).split('/') {
        match part {
            ".." => assert!(parts.pop().is_some(), "{page}: {link} leads out"),
            "." => {}
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    let is_folder = path.is_empty() || path.ends_with('/');
    Some((
        if is_folder {
            format!("{path}index.html")
        } else {
            path
        },
        anchor,
    ))
}

#[test]
fn every_link_and_every_anchor_has_a_target() {
    let (_directory, files) = signed();
    let mut followed = 0;
    for (path, html) in pages(&files) {
        let ids = values(&html, "id");
        let unique: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{path}: an id twice in {ids:?}");
        for attribute in ["href", "src", "data-source", "data-index", "data-manifest"] {
            for link in values(&html, attribute) {
                let Some((target, anchor)) = target(path, &link) else {
                    let is_safe = ["https://", "mailto:"]
                        .iter()
                        .any(|it| link.starts_with(it));
                    assert!(is_safe, "{path}: {link}");
                    continue;
                };
                let found = files
                    .get(&target)
                    .unwrap_or_else(|| panic!("{path}: {link}"));
                if let Some(anchor) = anchor {
                    let found = String::from_utf8_lossy(found);
                    assert!(values(&found, "id").contains(&anchor), "{path}: {link}");
                }
                followed += 1;
            }
        }
        for attribute in ["aria-labelledby", "for"] {
            for id in values(&html, attribute).iter().flat_map(|it| it.split(' ')) {
                assert!(unique.contains(&id.to_owned()), "{path}: {id}");
            }
        }
    }
    assert!(followed > 200, "{followed} links");
}

#[test]
fn the_sitemap_lists_every_page_by_its_canonical_url() {
    let (_directory, files) = signed();
    let map = String::from_utf8(files["sitemap.xml"].clone()).unwrap();
    for (path, html) in pages(&files).filter(|(path, _)| *path != "404.html") {
        let address = format!(
            "https://api.example/2fa/{}",
            path.strip_suffix("index.html").unwrap()
        );
        assert!(
            values(&html, "href").contains(&address),
            "{path}: canonical"
        );
        assert!(
            map.contains(&format!("<loc>{address}</loc>")),
            "{path}: map"
        );
    }
    assert!(!map.contains("404"), "{map}");
    let robots = String::from_utf8(files["robots.txt"].clone()).unwrap();
    assert!(
        robots.contains("\nSitemap: https://api.example/2fa/sitemap.xml\n"),
        "{robots}"
    );
}

#[test]
fn urls_in_the_sitemap_are_escaped() {
    let directory = Directory::new().file("directory.toml", "api = 'https://api.example/a&b/'\n");
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let map = String::from_utf8(files(&directory.dist())["sitemap.xml"].clone()).unwrap();
    assert!(
        map.contains("<loc>https://api.example/a&amp;b/v4/</loc>"),
        "{map}"
    );
}

#[test]
fn the_index_links_the_api_description_and_gives_the_reasons_for_exclusions() {
    let directory = Directory::new().file(
        "schemas/excluded.json",
        r#"{"left-out.example": {"reason": "Because <b>."}}"#,
    );
    directory.run(&["build"]).ends_with(0);
    let index = String::from_utf8(files(&directory.dist())["index.html"].clone()).unwrap();
    let row = "<dt>left-out.example</dt><dd>Because &lt;b&gt;.</dd>";
    assert!(index.contains(row), "{index}");
    let links = [
        "openapi.json",
        "openapi.json.sig",
        "https://2fa.directory/",
        "https://github.com/2factorauth",
    ];
    for link in links {
        assert!(values(&index, "href").contains(&link.to_owned()), "{link}");
    }
    let credit = "by <a href=\"https://github.com/2factorauth\">2factorauth</a></p></blockquote>";
    assert!(index.contains(credit), "{index}");
    let none = Directory::new().file("schemas/excluded.json", "{}");
    none.run(&["build", "--unsigned"]).ends_with(0);
    assert!(!page(&files(&none.dist()), "index.html").contains("id=\"excluded\""));
}

/// A strict `Content-Security-Policy` must not block anything.
#[test]
fn pages_are_small_and_load_nothing_inline_and_nothing_from_elsewhere() {
    let (_directory, files) = signed();
    for (path, html) in pages(&files) {
        assert!(html.len() < 80_000, "{path}: {} bytes", html.len());
        assert!(!html.contains("<style"), "{path}");
        for tag in tags(&html) {
            assert!(
                !has_attribute(tag, "on") && !has_attribute(tag, "style"),
                "{path}: {tag}"
            );
        }
        for script in html.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            let source = values(&format!("<script{tag}>"), "src");
            let ours = ["site.js", "contribute.js"];
            let is_data = ["ld+json", "json"]
                .iter()
                .any(|kind| tag.contains(&format!("type=\"application/{kind}\"")));
            let is_ours =
                |it: &str| ours.iter().any(|name| it.ends_with(name)) && !it.contains(':');
            let is_ours = source.iter().any(|it| is_ours(it));
            assert!(is_ours || is_data, "{path}: {tag}");
        }
    }
    assert!(files["style.css"].len() < 15_000);
    assert!(files["contribute.js"].len() < 32_000);
}

#[test]
fn no_text_of_an_entry_becomes_markup() {
    let hostile = r#"{"</code></script><img src=x onerror=alert(1)>":{"domain":"evil.example","tfa":["custom-software"],"custom-software":["<b>App</b>"],"documentation":"https://evil.example/?a='&b","notes":"{{ settings.name }} <script>alert(1)</script> {% raw %}","categories":["other"]}}"#;
    let name = "name = '</script><script>alert(1)</script>'\n";
    let directory = Directory::empty()
        .file("entries/e/evil.example.json", hostile)
        .file("directory.toml", name);
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let files = files(&directory.dist());
    for (path, html) in pages(&files) {
        for markup in ["<script>", "<img", "<b>"] {
            assert!(!html.contains(markup), "{path}: {markup}");
        }
    }
    let shown = page(&files, "v3/index.html");
    assert!(
        shown.contains("{{ settings.name }} <script>alert(1)</script> {% raw %}"),
        "{shown}"
    );
    let index = String::from_utf8(files["index.html"].clone()).unwrap();
    let data = index
        .split("application/ld+json\">")
        .nth(1)
        .unwrap()
        .split("</script>")
        .next()
        .unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["name"], "</script><script>alert(1)</script>");
    assert_eq!(data["@type"], "Dataset");
}

#[test]
fn examples_are_real_sites_with_and_without_two_factor_authentication() {
    let (_directory, files) = signed();
    let v4 = code(&files, "v4/index.html");
    assert!(
        v4.contains("{\n  \"good.example\": {\n    \"methods\": [\n"),
        "{v4}"
    );
    assert!(v4.contains("{\n  \"old.example\": {}\n}"), "{v4}");
    let v3 = code(&files, "v3/index.html");
    assert!(
        v3.contains("    \"Good\",\n    {\n      \"domain\": \"good.example\","),
        "{v3}"
    );
    assert!(v3.contains("    \"Old\",\n"), "{v3}");
    // Without such a site, the heading is left out.
    let directory = Directory::new();
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let files = crate::common::files(&directory.dist());
    assert!(!values(&page(&files, "v4/index.html"), "id").contains(&"example-without".to_owned()));
}

#[test]
fn files_are_listed_with_their_hashes_and_both_signatures() {
    let (_directory, files) = signed();
    for (path, bytes) in files
        .iter()
        .filter(|(path, _)| path.starts_with('v') && path.ends_with(".json"))
    {
        let version = page(
            &files,
            &format!("{}/index.html", path.split('/').next().unwrap()),
        );
        assert!(version.contains(&tfadir::artifact::sha256(bytes)), "{path}");
        for ending in ["", ".sig", ".gpg"] {
            let link = format!("../{path}{ending}");
            assert!(values(&version, "href").contains(&link), "{link}");
        }
    }
}

#[test]
fn the_quick_start_shows_what_its_own_command_prints() {
    let (_directory, files) = signed();
    let index = code(&files, "index.html");
    assert!(
        index.contains("jq '.[\"good.example\"]' all.json"),
        "{index}"
    );
    let all: serde_json::Value = serde_json::from_slice(&files["v4/all.json"]).unwrap();
    let printed = serde_json::to_string_pretty(&all["good.example"]).unwrap();
    assert!(index.contains(&printed), "{index}");
    let directory =
        Directory::new().file("entries/g/github.com.json", entry("GitHub", "github.com"));
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let index = code(&crate::common::files(&directory.dist()), "index.html");
    assert!(index.contains("jq '.[\"github.com\"]' all.json"), "{index}");
}

#[test]
fn each_file_of_a_version_is_shown_with_its_first_entries() {
    let (_directory, files) = signed();
    let v4 = code(&files, "v4/index.html");
    assert!(
        v4.contains("{\n  \"good.example\": {\n    \"methods\""),
        "{v4}"
    );
    assert!(v4.contains("GET <a href=\"../v4/totp.json\">/v4/totp.json</a>"));
    for status in ["200", "304", "404", "429"] {
        assert!(v4.contains(&format!("<code>{status}</code>")), "{status}");
    }
}

/// The index of an unsigned build.
fn index(directory: &Directory) -> String {
    directory.run(&["build", "--unsigned"]).ends_with(0);
    page(&files(&directory.dist()), "index.html")
}

#[test]
fn the_index_says_when_an_entry_last_changed_with_and_without_a_feed() {
    let directory = over_time(3);
    let with_feed = index(&directory);
    let changes = fs::read(directory.dist().join("changes.json")).unwrap();
    let changes: serde_json::Value = serde_json::from_slice(&changes).unwrap();
    let time = changes["changes"][0]["time"].as_str().unwrap();
    let time = format!("<time datetime=\"{time}\">");
    assert!(with_feed.contains(&time), "{with_feed}");
    let directory = directory.file("directory.toml", "").file("README.md", "");
    commit(&directory);
    let without_feed = index(&directory);
    assert!(!directory.dist().join("changes.json").exists());
    assert!(without_feed.contains(&time), "{without_feed}");
    // Outside a repository, nobody knows.
    assert!(!index(&Directory::new()).contains("The entries last changed"));
}

#[test]
fn regions_are_in_the_order_of_their_names_with_their_codes() {
    let site = |domain: &str, region: &str| {
        entry(domain, domain).replace(
            "\"categories\"",
            &format!("\"regions\": [\"{region}\"], \"categories\""),
        )
    };
    let directory = Directory::new()
        .file("entries/z/z.example.json", site("z.example", "zw"))
        .file("entries/a/a.example.json", site("a.example", "ax"))
        .file("entries/b/b.example.json", site("b.example", "al"));
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let page = page(&files(&directory.dist()), "stats/index.html");
    let regions = ["Åland Islands", "Albania", "Zimbabwe"];
    let places = regions.map(|region| page.find(region).unwrap());
    assert!(places.is_sorted(), "{places:?}");
    assert!(page.contains("Zimbabwe <small><code>zw</code></small>"));
}

#[test]
fn no_term_is_listed_twice() {
    let consumers = "consumers = [{ name = 'App', url = 'https://a.example/' }, { name = 'App', url = 'https://b.example/' }]\n";
    let versions = "[[versions]]\nnumber = 4\n[[versions]]\nnumber = 3\nends = 2031-05-01\n";
    let change = "[[change]]\ndate = '2031-05-01'\ntext = 'x'\n";
    let directory = Directory::new()
        .file("directory.toml", format!("{consumers}{versions}"))
        .file(
            "schemas/excluded.json",
            r#"{"left-out.example": {"reason": "Because."}}"#,
        )
        .file("templates/changes.toml", [change, change].concat());
    for directory in [Directory::new(), directory] {
        directory.run(&["build", "--unsigned"]).ends_with(0);
        let files = files(&directory.dist());
        let mut lists = 0;
        for (path, html) in pages(&files) {
            for list in html.split("<dl").skip(1) {
                let list = list.split("</dl>").next().unwrap();
                let terms = list.split("<dt>").skip(1);
                let terms: Vec<&str> = terms
                    .map(|term| term.split("</dt>").next().unwrap())
                    .collect();
                let unique: BTreeSet<&&str> = terms.iter().collect();
                assert_eq!(terms.len(), unique.len(), "{path}: {terms:?}");
                lists += 1;
            }
        }
        assert!(lists > 5, "{lists} lists");
    }
}

#[test]
fn settings_say_how_many_requests_are_too_many_and_who_uses_the_data() {
    let settings = "limits = 'More than *60* a minute are refused.'\nconsumers = [{ name = '<App>', url = 'https://app.example/', about = 'shows `totp`' }]\n";
    let directory = Directory::new().file("directory.toml", settings);
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let files = files(&directory.dist());
    let index = page(&files, "index.html");
    assert!(
        index.contains("More than <em>60</em> a minute are refused."),
        "{index}"
    );
    let consumers = String::from_utf8(files["consumers/index.html"].clone()).unwrap();
    assert!(consumers.contains(">&lt;App&gt;</a>"), "{consumers}");
    assert!(consumers.contains("shows <code>totp</code>"), "{consumers}");
}

#[test]
fn pages_have_the_question_and_the_noun_of_the_settings() {
    let settings = "[wording]\nquestion = 'Which <b>apps</b>?'\nsingular = 'app \"<i>\"'\nplural = 'apps <i>'\n";
    let directory = Directory::new().file("directory.toml", settings);
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let files = files(&directory.dist());
    let read = |path: &str| String::from_utf8(files[path].clone()).unwrap();
    let index = read("index.html");
    assert!(
        index.contains("<h1>Which &lt;b&gt;apps&lt;/b&gt;?</h1>"),
        "{index}"
    );
    assert!(
        index.contains("Look up an app &quot;&lt;i&gt;&quot; by name or domain"),
        "{index}"
    );
    assert!(
        index.contains("data-one=\"app &quot;&lt;i&gt;&quot;\" data-many=\"apps &lt;i&gt;\""),
        "{index}"
    );
    assert!(
        read("contribute/index.html")
            .contains("<h1>Add or correct an app &quot;&lt;i&gt;&quot;</h1>")
    );
    assert!(read("stats/index.html").contains(">Apps &lt;i&gt;</th>"));
    for (path, html) in pages(&files) {
        assert!(!html.contains("<b>") && !html.contains("<i>"), "{path}");
    }
}

#[test]
fn without_wording_the_index_asks_about_sites() {
    let directory = Directory::new();
    for (settings, question) in [
        ("", "Which sites support two‑factor authentication?"),
        (
            "[wording]\nplural = 'services'\n",
            "Which services support two‑factor authentication?",
        ),
    ] {
        fs::write(directory.path().join("directory.toml"), settings).unwrap();
        directory.run(&["build", "--unsigned"]).ends_with(0);
        let index = fs::read_to_string(directory.dist().join("index.html")).unwrap();
        assert!(index.contains(&format!("<h1>{question}</h1>")), "{index}");
        assert_eq!(index.contains("data-many"), !settings.is_empty());
    }
}

#[test]
fn usage_terms_are_those_of_the_settings() {
    let terms = "Cache it for a *day*. <b>";
    let directory = Directory::new().file("directory.toml", format!("terms = '{terms}'\n"));
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let files = files(&directory.dist());
    let index = String::from_utf8(files["index.html"].clone()).unwrap();
    assert!(
        index.contains("Cache it for a <em>day</em>. &lt;b&gt;"),
        "{index}"
    );
    let openapi: serde_json::Value = serde_json::from_slice(&files["openapi.json"]).unwrap();
    assert!(
        openapi["info"]["description"]
            .as_str()
            .unwrap()
            .contains(terms)
    );
}

#[test]
fn the_index_says_how_often_files_change_and_how_early_an_end_is_announced() {
    let settings = "updates = 'The files are updated once a *day*.'\nnotice = 6\n";
    let directory = Directory::new().file("directory.toml", settings);
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let index = page(&files(&directory.dist()), "index.html");
    assert!(
        index.contains("The files are updated once a <em>day</em>."),
        "{index}"
    );
    assert!(index.contains("at least 6 months in advance."), "{index}");
}

#[test]
fn the_index_states_headers_and_cache_times_as_hosts_send_them() {
    let (_directory, files) = signed();
    let index = page(&files, "index.html");
    let headers = String::from_utf8(files["_headers"].clone()).unwrap();
    for header in [
        "Access-Control-Allow-Origin: *",
        "Cache-Control: public, max-age=3600",
    ] {
        assert!(headers.contains(&format!("  {header}\n")), "{headers}");
        assert!(index.contains(&format!("{header}\n")), "{index}");
    }
    assert!(index.contains("at least 60 minutes"), "{index}");
}

#[test]
fn an_older_version_says_what_differs_and_when_it_ends() {
    let versions = "[[versions]]\nnumber = 4\n[[versions]]\nnumber = 3\nends = 2031-05-01\n";
    let directory = Directory::new().file("directory.toml", versions);
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let files = files(&directory.dist());
    let old = page(&files, "v3/index.html");
    let (_, differences) = old.split_once("id=\"migration\"").unwrap();
    let differences = differences.split("</ul>").next().unwrap();
    for text in [
        "Only version 3 has the fields <code>domain</code>, ",
        "<code>keywords</code>.",
        "Only version 4 has the fields <code>methods</code>.",
        "Only version 3 has the files <code>tfa.json</code>, <code>regions.json</code>.",
        "The field <code>tfa</code> is called <code>methods</code>.",
    ] {
        assert!(differences.contains(text), "{text} is not in {differences}");
    }
    assert!(
        !differences.contains("<code>recovery</code>"),
        "{differences}"
    );
    assert!(!page(&files, "v4/index.html").contains("id=\"migration\""));
    let date = "<time datetime=\"2031-05-01\">2031-05-01</time>";
    assert!(
        old.contains(&format!("The last day of this version is {date}.")),
        "{old}"
    );
    assert!(page(&files, "index.html").contains(&format!("until {date}")));
    let changes = page(&files, "changes/index.html");
    assert!(
        changes.contains("The last day of version 3.") && changes.contains(date),
        "{changes}"
    );
    // It is built until then.
    assert!(files.contains_key("v3/all.json"));
}

#[test]
fn long_pages_list_their_sections() {
    let (_directory, files) = signed();
    for path in [
        "index.html",
        "v4/index.html",
        "verify/index.html",
        "rules/index.html",
    ] {
        let html = page(&files, path);
        let (_, contents) = html.split_once("<nav class=\"toc\"").unwrap();
        let contents = contents.split("</nav>").next().unwrap();
        let sections = html
            .split("<h2 id=\"")
            .skip(1)
            .map(|it| it.split('"').next().unwrap());
        let sections: Vec<String> = sections.map(|id| format!("#{id}")).collect();
        assert!(sections.len() > 3, "{path}");
        assert_eq!(values(contents, "href"), sections, "{path}");
    }
}

#[test]
fn every_rule_has_a_row_that_shows_its_setting() {
    let directory = Directory::new().file("directory.toml", "[check.rules]\nsubdomain = 'off'\n");
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let rules = page(&files(&directory.dist()), "rules/index.html");
    let ids = values(&rules, "id");
    for line in directory.run(&["check", "--list-rules"]).stdout.lines() {
        let id = line.split(' ').next().unwrap().to_owned();
        assert!(ids.contains(&id), "{id}");
    }
    assert!(rules.contains("In this directory it is turned off."));
}

#[test]
fn a_root_can_replace_single_templates() {
    let directory = Directory::new()
        .file("templates/404.html", "{% extends 'base.html' %}\n{% block content %}<h1>{{ settings.name }}: gone</h1>{% endblock %}\n")
        .file("templates/style.css", "/* ours */\n")
        .file("templates/changes.toml", "[[change]]\ndate = '2031-05-01'\nversion = 4\ntext = 'Now *ours*.'\n");
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let files = files(&directory.dist());
    assert!(page(&files, "404.html").contains("<h1>2FA Directory: gone</h1>"));
    assert_eq!(files["style.css"], b"/* ours */\n");
    let changes = page(&files, "changes/index.html");
    assert!(changes.contains("Now <em>ours</em>."), "{changes}");
    // The ends of versions come from the settings.
    let ours = changes.find("2031-05-01").unwrap();
    assert!(
        changes.find("2023-08-01").unwrap() > ours,
        "the latest comes first"
    );
    assert!(page(&files, "index.html").contains("Which sites support"));
}

#[test]
fn an_error_in_a_template_of_the_root_is_shown_at_its_line() {
    for (file, text, location, message) in [
        (
            "index.html",
            "<p>\n{{ settings.name\n",
            "templates/index.html:",
            "cannot be used",
        ),
        (
            "index.html",
            "<p>\n  {{ 5|shout }}\n",
            "templates/index.html:2:3",
            "shout",
        ),
        (
            "macros.html",
            "<p>\n\n{{ sitings.name }}",
            "templates/macros.html:3:1",
            "undefined",
        ),
        (
            "macros.html",
            "{% macro code(text) %}{% endmacro %}",
            "templates/macros.html",
            "cannot be",
        ),
        (
            "robots.txt",
            "{% if %}",
            "templates/robots.txt:1:1",
            "unexpected",
        ),
        (
            "changes.toml",
            "\n[[change]]\ndate = 5\n",
            "templates/changes.toml:3:8",
            "is not valid",
        ),
        (
            "changes.toml",
            "[[change]]\ndate = 'May'\ntext = 'x'\n",
            "templates/changes.toml",
            "`May` is not a day",
        ),
    ] {
        let directory = Directory::new().file(&format!("templates/{file}"), text);
        let run = directory.run(&["build", "--unsigned"]).ends_with(2);
        run.says(location)
            .says(message)
            .says("help: ")
            .says("error[templates]");
        assert!(!directory.dist().exists(), "{text}");
    }
}

#[test]
fn a_file_that_replaces_no_template_gives_a_warning_with_the_nearest_name() {
    let sample = fs::read(project().join("templates/samples/lookup.py")).unwrap();
    let directory = Directory::new()
        .file("templates/indx.html", "never seen")
        .file("templates/pages/verify.html", "never seen")
        .file("templates/notes.md", "never seen")
        .file("templates/samples/verify.py", "import ours")
        .file("templates/samples/lookup.py", sample)
        .file("templates/.gitkeep", "")
        .file("templates/robots.txt", "User-agent: *\n");
    let run = directory.run(&["build", "--unsigned"]).ends_with(0);
    let warned: Vec<&str> = run
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("warning: "))
        .collect();
    assert_eq!(warned.len(), 4, "{}", run.stderr);
    for (line, path) in warned.iter().zip([
        "indx.html",
        "notes.md",
        "pages/verify.html",
        "samples/verify.py",
    ]) {
        assert!(
            line.starts_with(&format!(
                "`templates/{path}` is not used: it replaces no template"
            )),
            "{line}"
        );
    }
    let run = run.says("did you mean `templates/index.html`?");
    run.says("did you mean `templates/verify.html`?")
        .says("cannot be replaced");

    let mut directory = Directory::new();
    for number in 10..25 {
        directory = directory.file(&format!("templates/{number}.tmp"), "");
    }
    let run = directory.run(&["build", "--unsigned"]).ends_with(0);
    let run = run.says("warning: 5 more files in `templates/` replace no built-in template");
    assert_eq!(
        run.stderr.matches("warning: ").count(),
        11,
        "{}",
        run.stderr
    );
}

/// This project is a root whose `templates/` are the built-in ones.
#[test]
fn copies_of_built_in_files_give_no_warning() {
    let out = temporary_folder();
    let out = out.path().join("dist");
    let args = ["build", "--unsigned", "--out", out.to_str().unwrap()];
    let run = Tfadir::new(&args).run().ends_with(0);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
}

/// The names of files outside the root must not be shown.
#[cfg(unix)]
#[test]
fn a_templates_folder_that_links_out_of_the_root_is_not_listed() {
    let elsewhere = Directory::empty().file("swordfish", "");
    let directory = Directory::new();
    std::os::unix::fs::symlink(elsewhere.path(), directory.path().join("templates")).unwrap();
    let run = directory.run(&["build", "--unsigned"]).ends_with(0);
    assert!(!run.stderr.contains("swordfish"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_template_that_links_out_of_the_root_is_not_read() {
    let secret = Directory::empty().file("secret", "swordfish");
    let directory = Directory::new().file("templates/readme.txt", "");
    let link = directory.path().join("templates/index.html");
    std::os::unix::fs::symlink(secret.path().join("secret"), link).unwrap();
    let run = directory
        .run(&["build", "--unsigned"])
        .ends_with(2)
        .says("leads out of the directory");
    assert!(!run.stdout.contains("swordfish") && !run.stderr.contains("swordfish"));
}

#[test]
fn security_txt_is_published_if_the_settings_have_a_security_table() {
    let (_directory, files) = signed();
    let text = String::from_utf8(files[".well-known/security.txt"].clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "Contact: mailto:security@2fa.directory");
    assert_eq!(lines[1], "Expires: 2030-01-31T00:00:00Z");
    let directory = Directory::new();
    directory.run(&["build", "--unsigned"]).ends_with(0);
    assert!(!directory.dist().join(".well-known").exists());
}

/// A directory with version 3 only has no look-up, but still counts sites.
#[test]
fn pages_work_without_version_4() {
    let settings = "[[versions]]\nnumber = 4\nended = 2031-01-31\n[[versions]]\nnumber = 3\n";
    let directory = Directory::new()
        .file("directory.toml", settings)
        .file("entries/s/site.edu.au.json", entry("Site", "site.edu.au"));
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let files = files(&directory.dist());
    let index = page(&files, "index.html");
    // The form lists the suffixes below which anyone can register a domain.
    assert!(page(&files, "contribute/index.html").contains("\"edu.au\""));
    assert!(
        !index.contains("id=\"lookup\"") && index.contains("v3/totp.json"),
        "{index}"
    );
    assert!(page(&files, "v4/index.html").contains("has ended"));
}

#[test]
fn pages_are_the_same_at_every_thread_count() {
    let directory = Directory::new().file("entries/b/b.example.json", entry("B", "b.example"));
    let build = |threads: &str| {
        let args = ["build", "--unsigned"];
        Tfadir::new(&args)
            .folder(directory.path())
            .env("RAYON_NUM_THREADS", threads)
            .run()
            .ends_with(0);
        files(&directory.dist())
    };
    assert!(build("1") == build("5"));
}

#[test]
fn entries_link_to_the_repository_of_this_directory_only() {
    let address = |settings: &str| {
        let directory = Directory::new().file("directory.toml", settings);
        directory.run(&["build", "--unsigned"]).ends_with(0);
        let page = fs::read_to_string(directory.dist().join("index.html")).unwrap();
        let rest = page
            .split_once("data-repository=\"")
            .map(|(_, rest)| rest.to_owned());
        rest.map(|rest| rest.split_once('"').unwrap().0.to_owned())
    };
    assert_eq!(address("name = 'Mine'\n"), None);
    assert_eq!(address("repository = 'https://git.example/o/r'\n"), None);
    for ending in ["", "/", ".git"] {
        let settings = format!("repository = 'https://github.com/o/r{ending}'\n");
        assert_eq!(
            address(&settings).as_deref(),
            Some("https://github.com/o/r")
        );
    }
}
