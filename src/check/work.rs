//! The work of each rule grows linearly with its file: instructions are counted, not seconds.

use std::env;
use std::fmt::Write;
use std::process::Command;
use std::sync::Arc;

use rayon::prelude::*;

use super::context::EntryContext;
use super::rule::Check;
use super::{Checker, RULES, Selection};
use crate::schema::ENTRY;
use crate::source::{Kind, SourceFile, Tree};

/// The size of the largest file, in bytes.
const MAX: u64 = 1 << 20;

/// The largest file is this many times as large as the one that it is compared with.
const FACTOR: u64 = 16;

/// Less work than this is noise.
const MIN: u64 = 20_000_000;

const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg'>";

/// Parts of a file that are repeated to fill it: the name, the start, one part, which may contain
/// its number as `#`, and the end.
const KINDS: &[(&str, &str, &str, &str)] = &[
    (
        "domains",
        r#"{"E":{"domain":"e.example","additional-domains":["x.example""#,
        r#","a.d#.example""#,
        "]}}",
    ),
    (
        "subdomains",
        r#"{"E":{"domain":"e.example","additional-domains":["x.example""#,
        r#","d#.a.b.c.d.e.f.g.h.x.example""#,
        "]}}",
    ),
    (
        "repeated-domains",
        r#"{"E":{"domain":"e.example","additional-domains":["x.example""#,
        r#","x.example""#,
        "]}}",
    ),
    (
        "methods",
        r#"{"E":{"domain":"e.example","tfa":["totp""#,
        r#","m#""#,
        "]}}",
    ),
    (
        "products",
        r#"{"E":{"domain":"e.example","tfa":["custom-software"],"custom-software":["x""#,
        r#","p&amp;#""#,
        r#"],"categories":["email"]}}"#,
    ),
    (
        "regions",
        r#"{"E":{"domain":"e.example","regions":["us""#,
        r#","-x#""#,
        "]}}",
    ),
    (
        "region",
        r#"{"E":{"domain":"e.example","regions":[""#,
        "x",
        r#""]}}"#,
    ),
    ("field", r#"{"E":{"domain":"e.example",""#, "x", r#"":1}}"#),
    (
        "fields",
        r#"{"E":{"domain":"e.example""#,
        r#","f#":1"#,
        "}}",
    ),
    (
        "names",
        r#"{"E":{}"#,
        r#","S#":{"domain":"d#.example"}"#,
        "}",
    ),
    (
        "ampersands",
        r#"{"E":{"domain":"e.example","tfa":["totp"],"notes":""#,
        "&",
        r#"","categories":["email"]}}"#,
    ),
    (
        "addresses",
        r#"{"E":{"domain":"e.example","url":"https://e.example/?""#,
        "@.:/&a",
        r#""}}"#,
    ),
    ("commas", "{", r#""a":,,"#, "}"),
    ("quotes", "", "\"", ""),
    ("brackets", "", "[", ""),
    (
        "curly-quotes",
        r#"{"E":{"domain":"e.example","notes":"#,
        "“a”,",
        "",
    ),
    (
        "line-breaks",
        r#"{"E":{"domain":"e.example","notes":"a"#,
        "\n",
        "",
    ),
    (
        "controls",
        r#"{"E":{"domain":"e.example","notes":""#,
        "\u{1}",
        r#""}}"#,
    ),
    (
        "missing-commas",
        r#"{"E":{"domain":"e.example","additional-domains":["x.example""#,
        "\n\"d#.example\"",
        "]}}",
    ),
    (
        "invisible",
        r#"{"E":{"domain":"e.example""#,
        "\u{200b}",
        "}}",
    ),
    ("fences", r#"{"E":{"domain":"e.example""#, "```\n", "}}"),
    (
        "elements",
        "<svg xmlns='http://www.w3.org/2000/svg'>",
        "<g id='a#' style='x' onload='y'><use href='#a#'/></g>",
        "</svg>",
    ),
    (
        "comments",
        "<svg xmlns='http://www.w3.org/2000/svg' id='a'>",
        "<!-- a.b url(#a) -->\n",
        "</svg>",
    ),
    ("mixed-instructions", SVG, "<?a?><!---->", "</svg>"),
    (
        "mixed-styles",
        SVG,
        "<style>url(#a</style><script/>",
        "</svg>",
    ),
    (
        "mixed-texts",
        SVG,
        "<text>\n</text><![CDATA[]]>\n",
        "</svg>",
    ),
    (
        "open-urls",
        "<svg xmlns='http://www.w3.org/2000/svg' style='",
        "url(#",
        "'/>",
    ),
    (
        "breaks",
        "<svg xmlns='http://www.w3.org/2000/svg' style='",
        "\n   ",
        "'/>",
    ),
    (
        "path",
        "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'><path d='",
        "data: url( ",
        "'/></svg>",
    ),
    (
        "empty-comments",
        "<svg xmlns='http://www.w3.org/2000/svg'>",
        "<!---->",
        "</svg>",
    ),
    (
        "instructions",
        "<svg xmlns='http://www.w3.org/2000/svg'>",
        "<?a?>",
        "</svg>",
    ),
    (
        "paths",
        "<svg xmlns='http://www.w3.org/2000/svg'>",
        "<path fill='#000' d='a'/>",
        "</svg>",
    ),
    (
        "closed-styles",
        "<svg xmlns='http://www.w3.org/2000/svg'>",
        "<style>url(#a</style>",
        "</svg>",
    ),
    (
        "styles",
        "<svg xmlns='http://www.w3.org/2000/svg'>",
        "<style/>",
        "</svg>",
    ),
    (
        "scripts",
        "<svg xmlns='http://www.w3.org/2000/svg'>",
        "<script/>",
        "</svg>",
    ),
    (
        "sections",
        "<svg xmlns='http://www.w3.org/2000/svg'>",
        "<![CDATA[]]>\n",
        "</svg>",
    ),
    (
        "links",
        "<svg xmlns='http://www.w3.org/2000/svg'>",
        "\n<a href='http:'/>",
        "</svg>",
    ),
    (
        "texts",
        "<svg xmlns='http://www.w3.org/2000/svg'>",
        "<text>\n</text>",
        "</svg>",
    ),
    (
        "entities",
        "<svg xmlns='http://www.w3.org/2000/svg'>",
        "&#10;",
        "</svg>",
    ),
    (
        "style",
        "<svg xmlns='http://www.w3.org/2000/svg'><style>",
        "url(#",
        "</style></svg>",
    ),
    (
        "urls",
        "<svg xmlns='http://www.w3.org/2000/svg'><a style='",
        "url(#",
        "'/></svg>",
    ),
    (
        "lines",
        "<svg xmlns='http://www.w3.org/2000/svg'><a style='",
        "\n   ",
        "'/></svg>",
    ),
    (
        "data",
        "<svg xmlns='http://www.w3.org/2000/svg'><a style='",
        "data:",
        "'/></svg>",
    ),
    (
        "spaces",
        "<svg xmlns='http://www.w3.org/2000/svg'><a",
        "\n",
        "/></svg>",
    ),
];

fn text_of(kind: &str, bytes: usize) -> String {
    let (_, start, part, end) = KINDS.iter().find(|known| known.0 == kind).unwrap();
    let mut text = (*start).to_owned();
    for number in 0.. {
        if text.len() + part.len() + end.len() + 12 > bytes {
            break;
        }
        write!(text, "{}", part.replace('#', &number.to_string())).unwrap();
    }
    text + end
}

/// Runs every rule on one file; even those that a check would skip because of other errors.
fn run_all(kind: &str, bytes: usize) {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("entries")).unwrap();
    let directory = crate::session::open(Some(root.path())).unwrap();
    let validator = directory.schemas.validator(ENTRY).unwrap();
    let checker = Checker::new(&directory, &validator, Selection::Enabled);

    let text = text_of(kind, bytes);
    let is_icon = text.starts_with('<');
    let (path, of) = match is_icon {
        true => ("img/e/e.example.svg", Kind::Icon),
        false => ("entries/e/e.example.json", Kind::Entry),
    };
    let file = SourceFile::from_bytes(path.into(), of, text.as_bytes(), None);
    if is_icon {
        checker.icon(&file);
        return;
    }
    let result = checker.file(&file);
    if let Some(entry) = &result.entry {
        let context = EntryContext {
            file: &file,
            entry,
            is_valid: result.is_valid,
            directory: &directory,
        };
        for rule in RULES {
            if let Check::Entry(check) = rule.check {
                check(&context);
            }
        }
    }
    let files = vec![Arc::new(file)];
    let tree = Tree {
        files: files.clone(),
        icons: Some(Vec::new()),
        outside: files,
        ..Tree::default()
    };
    checker.whole(&tree, &[&result]);
}

/// The instructions that all rules execute on one file, counted by valgrind.
fn instructions(kind: &str, bytes: u64) -> u64 {
    let output = Command::new("valgrind")
        .args([
            "--tool=cachegrind",
            "--cache-sim=no",
            "--cachegrind-out-file=/dev/null",
        ])
        .arg(env::current_exe().unwrap())
        .args([
            "--exact",
            "check::work::the_work_of_each_rule_is_linear",
            "--ignored",
        ])
        .env("WORK", format!("{kind} {bytes}"))
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    let count = log
        .split("refs:")
        .nth(1)
        .and_then(|rest| rest.lines().next())
        .unwrap();
    count.trim().replace(',', "").parse().unwrap()
}

#[test]
fn each_kind_has_a_name_of_its_own() {
    let mut names: Vec<&str> = KINDS.iter().map(|kind| kind.0).collect();
    names.sort_unstable();
    for pair in names.windows(2) {
        assert_ne!(pair[0], pair[1]);
    }
}

#[test]
#[ignore = "needs valgrind, which .ci/run installs"]
fn the_work_of_each_rule_is_linear() {
    if let Ok(work) = env::var("WORK") {
        let (kind, bytes) = work.split_once(' ').unwrap();
        return run_all(kind, bytes.parse().unwrap());
    }
    KINDS.par_iter().for_each(|(kind, ..)| {
        let sizes = [0, MAX / FACTOR, MAX];
        let [start, small, large] = sizes.map(|bytes| instructions(kind, bytes));
        println!("{kind}: {start} {small} {large}");
        // If every part is compared with every other, the work grows with the square of the factor.
        let [small, large] = [small, large].map(|count| count.saturating_sub(start));
        assert!(
            large < 2 * FACTOR * small.max(MIN),
            "{kind}: {small}, then {large} instructions"
        );
    });
}
