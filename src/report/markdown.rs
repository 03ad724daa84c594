//! Findings as Markdown, for the summary of a GitHub job and for comments on pull requests.
//!
//! The format is [GitHub Flavored Markdown](https://github.github.com/gfm/).

use std::fmt::Write;
use std::path::Path;

use super::inline::{cell, code, plain, truncated};
use super::{Located, Position, Proposals, Renderer, Tally, View};
use super::{counted, fix_command, located_of, location_text, slashed, uri};
use crate::finding::Severity;
use crate::fix::Fixed;
use crate::source::Kind;
use crate::text::{count, masked, visible, without_commands};

/// What GitHub accepts as a comment is 65,536 characters; the rest is for the workflow.
const MAX_COMMENT_BYTES: usize = 60_000;

/// A comment on a pull request.
pub(crate) struct Markdown;

impl Renderer for Markdown {
    fn render(&self, view: &View<'_>) -> String {
        render(view, MAX_COMMENT_BYTES)
    }

    fn max_proposed_bytes(&self) -> usize {
        MAX_COMMENT_BYTES
    }
}

/// Renders findings as Markdown: a table for each severity, the most severe first, and the files
/// that fixes would change, as they would be afterwards. Nothing in a file becomes Markdown or HTML.
pub(super) fn render(view: &View<'_>, max_bytes: usize) -> String {
    if view.findings.is_empty() {
        return "tfadir found no problems.\n".to_owned();
    }
    let tally = Tally::of(view.findings);
    let mut page = format!("## tfadir check: {tally}\n");
    for severity in Severity::ALL {
        if tally.number(severity) > 0 {
            // A third is for the fixed files.
            push_table(
                &mut page,
                max_bytes / 3 * 2,
                view,
                severity,
                tally.number(severity),
            );
        }
    }
    push_proposals(&mut page, max_bytes, view);
    page
}

/// Adds a table of the findings of one severity.
fn push_table(
    page: &mut String,
    max_bytes: usize,
    view: &View<'_>,
    severity: Severity,
    number: usize,
) {
    let heading = counted(number, severity);
    // Writing into a string does not fail.
    let _ = writeln!(
        page,
        "\n### {heading}\n\n| Location | Problem | Rule |\n| --- | --- | --- |"
    );
    let located = located_of(view.findings, severity, view.texts);
    let rows = located.map(|finding| row(&finding, view));
    let more = number - push_while(page, max_bytes, rows);
    if more > 0 {
        let _ = writeln!(
            page,
            "\n{} not shown: run `tfadir check`.",
            counted(more, severity)
        );
    }
}

/// Adds the files that fixes would change, each as it would be afterwards.
fn push_proposals(page: &mut String, max_bytes: usize, view: &View<'_>) {
    let Proposals { fixed, more } = &view.detail.proposals;
    if fixed.is_empty() {
        return;
    }
    page.push_str(
        "\n### Fixes\n\nRun the command, or replace the content of each file with the text below \
         it.\n",
    );
    let blocks = fixed.iter().map(|file| proposed(file, view));
    let more = more + fixed.len() - push_while(page, max_bytes, blocks);
    if more > 0 {
        let _ = writeln!(
            page,
            "\n{} not shown.",
            count(more, "more file", "more files")
        );
    }
}

/// Adds parts as long as the page has at most this size; returns how many.
fn push_while(page: &mut String, max_bytes: usize, parts: impl Iterator<Item = String>) -> usize {
    let mut pushed = 0;
    for part in parts {
        if page.len() + part.len() > max_bytes {
            break;
        }
        page.push_str(&part);
        pushed += 1;
    }
    pushed
}

fn row(located: &Located<'_>, view: &View<'_>) -> String {
    let finding = located.finding;
    let mut text = cell(&finding.message);
    for help in finding.help.iter().flat_map(|help| help.lines()) {
        let _ = write!(text, "<br>{}", cell(help));
    }
    for (related, position) in &located.related {
        let location = location(view, &related.path, position.as_ref());
        let _ = write!(text, "<br>{}: {location}", cell(&related.message));
    }
    let location = location(view, &finding.path, located.position.as_ref());
    let page = view
        .detail
        .rules_page
        .as_ref()
        .map(|page| format!("{page}{}", finding.rule));
    format!(
        "| {location} | {text} | {} |\n",
        link(&code(finding.rule), page)
    )
}

/// A location as code, which links to the line in the repository.
fn location(view: &View<'_>, path: &Path, position: Option<&Position>) -> String {
    let text = code(&truncated(&location_text(view.base, path, position)));
    let lines = match position {
        Some(at) if at.line == at.end_line => format!("#L{}", at.line),
        Some(at) => format!("#L{}-L{}", at.line, at.end_line),
        None => String::new(),
    };
    link(
        &text,
        view.sources
            .map(|sources| format!("{sources}{}{lines}", uri(view.base, path))),
    )
}

fn link(text: &str, address: Option<String>) -> String {
    match address {
        Some(address) => format!("[{text}]({address})"),
        None => text.to_owned(),
    }
}

/// A file after its fixes as a collapsed block, or only what the fixes do.
fn proposed(fixed: &Fixed, view: &View<'_>) -> String {
    let path = plain(&visible(&slashed(view.base, fixed.path())));
    let titles: Vec<String> = fixed.infinitives().into_iter().map(cell).collect();
    let list = titles.join("\n- ");
    let command = code(&visible(&fix_command(
        &fixed.fixes,
        fixed.path(),
        view.detail,
    )));
    let mut block = format!("\n<details><summary>{path}</summary>\n\n- {list}\n\n{command}\n\n");
    let text = &fixed.after.text;
    if !text.is_empty() && can_be_copied(text) {
        let runs = text.split(|char| char != '`').map(str::len);
        let fence = "`".repeat(runs.max().unwrap_or_default().max(2) + 1);
        let language = match fixed.after.kind {
            Kind::Entry => "json",
            Kind::Icon => "xml",
        };
        let _ = writeln!(block, "{fence}{language}\n{}\n{fence}\n", text.trim_end());
    }
    block + "</details>\n"
}

/// Whether a text can be shown unchanged: it hides no character, and no line of it is a command to
/// the runner of GitHub Actions.
fn can_be_copied(text: &str) -> bool {
    masked(text) == text && !text.contains('\r') && without_commands(text) == text
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use pulldown_cmark::{CowStr, Event, Options, Parser, Tag};

    use super::{MAX_COMMENT_BYTES, render};
    use crate::finding::{Change, Finding, Fix, Related, Severity};
    use crate::fix::Fixed;
    use crate::report::samples::{Sample, finding, view};
    use crate::report::{Detail, Proposals, View};
    use crate::source::{Kind, Location, SourceFile, Verb};

    fn rendered(findings: &[Finding]) -> String {
        let base = Path::new("data");
        render(
            &view(findings, &Sample("{\"é\": 1}"), base),
            MAX_COMMENT_BYTES,
        )
    }

    fn events(page: &str) -> impl Iterator<Item = Event<'_>> {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_MATH
            | Options::ENABLE_GFM;
        Parser::new_ext(page, options)
    }

    /// The texts of the cells below the headings, without markup.
    fn cells(page: &str) -> Vec<String> {
        let mut cells: Vec<String> = Vec::new();
        let mut is_in_cell = false;
        for event in events(page) {
            match event {
                Event::Start(Tag::TableCell) => {
                    cells.push(String::new());
                    is_in_cell = true;
                }
                Event::End(pulldown_cmark::TagEnd::TableCell) => is_in_cell = false,
                Event::Text(text) | Event::Code(text) if is_in_cell => {
                    cells.last_mut().unwrap().push_str(&text);
                }
                Event::InlineHtml(html) if is_in_cell && &*html == "<br>" => {
                    cells.last_mut().unwrap().push('\n');
                }
                _ => {}
            }
        }
        cells
    }

    const HEADINGS: usize = 3;

    #[test]
    fn each_severity_has_a_table_the_most_severe_first() {
        let mut warning = finding(Location::File, "could be better");
        warning.severity = Severity::Warning;
        let page = rendered(&[
            warning,
            finding(Location::Value("/é".to_owned()), "`x` is wrong"),
        ]);
        assert_eq!(
            page,
            "## tfadir check: 1 error and 1 warning in 1 file\n\
             \n### 1 error\n\n| Location | Problem | Rule |\n| --- | --- | --- |\n\
             | `data/entries/e/x.json:1:7` | `x` is wrong<br>Fix it. | `sample` |\n\
             \n### 1 warning\n\n| Location | Problem | Rule |\n| --- | --- | --- |\n\
             | `data/entries/e/x.json` | could be better<br>Fix it. | `sample` |\n"
        );
        assert_eq!(rendered(&[]), "tfadir found no problems.\n");
    }

    #[test]
    fn locations_link_to_their_lines_and_rules_to_their_pages() {
        let mut found = finding(Location::Value("/é".to_owned()), "is wrong");
        found.related = vec![Related {
            path: PathBuf::from("entries/a b.json"),
            location: Location::File,
            message: "also here".to_owned(),
        }];
        let detail = Detail {
            rules_page: Some("https://a.example/rules/#".into()),
            ..Detail::default()
        };
        let (findings, texts) = ([found], Sample("{\"é\": 1}"));
        let sources = Some("https://git.example/o/r/blob/c/");
        let view = View {
            sources,
            detail: &detail,
            ..view(&findings, &texts, Path::new("data"))
        };
        let page = render(&view, MAX_COMMENT_BYTES);
        for link in [
            "[`data/entries/e/x.json:1:7`](https://git.example/o/r/blob/c/data/entries/e/x.json#L1)",
            "<br>also here: [`data/entries/a b.json`](https://git.example/o/r/blob/c/data/entries/a%20b.json)",
            "[`sample`](https://a.example/rules/#sample)",
        ] {
            assert!(page.contains(link), "{page}");
        }
    }

    const HOSTILE: [&str; 10] = [
        "[a](https://evil.example) ![b](https://evil.example/x.png) <https://evil.example>",
        "| a | b |",
        r"\| `a|b` \`a\` ``b`` `c|` *c* __d__ ~~e~~ ~f~ $h$ $$i$$ ` | `",
        "<script>alert(1)</script> <!-- x --> </td></table> &lt;b&gt; &#60;i&#62;",
        "@somebody org/repo#1 GH-1 #2 :tada: https://evil.example www.evil.example a@b.example",
        "# heading",
        "[^1]: note [^1] [x]: https://evil.example [[wiki]] - [ ] task",
        "`unclosed [a](https://evil.example)",
        "a ` `` ``` ```` | ` [a](b) `",
        "</code></details> <a href=x> \\",
    ];

    #[test]
    fn hostile_strings_stay_plain_text() {
        // Markup that is not there for a harmless finding.
        let markup = |page: &str| {
            let is_plain = |event: &Event<'_>| match event {
                Event::Text(_) | Event::Code(_) => true,
                Event::InlineHtml(html) => matches!(&**html, "<wbr>" | "<br>"),
                _ => false,
            };
            events(page)
                .filter(|event| !is_plain(event))
                .map(|event| format!("{event:?}"))
                .collect::<Vec<_>>()
        };
        let harmless = markup(&rendered(&[finding(Location::File, "x")]));
        for text in HOSTILE {
            let mut found = finding(Location::File, text);
            found.help = Some(text.to_owned());
            found.path = PathBuf::from(format!("x {text}"));
            let page = rendered(&[found]);
            assert_eq!(markup(&page), harmless, "{page}");
            let cells = cells(&page);
            let plain = |text: &str| text.replace(['`', ' ', '/'], "");
            assert_eq!(
                plain(&cells[HEADINGS]),
                plain(&format!("datax{text}")),
                "{page}"
            );
            assert_eq!(
                plain(&cells[HEADINGS + 1]),
                plain(&format!("{text}\n{text}")),
                "{page}"
            );
        }
    }

    #[test]
    fn line_breaks_and_hidden_characters_are_shown() {
        let page = rendered(&[finding(Location::File, "a\n\n# b\r\u{202e}c")]);
        assert_eq!(
            cells(&page)[HEADINGS + 1],
            "a\\n\\n# b\\r\\u{202e}c\nFix it."
        );
    }

    fn with_fixes(text: &str, path: &str, kind: Kind) -> String {
        let file = |text: &str| {
            let file = SourceFile::from_bytes(path.into(), kind, text.as_bytes(), None);
            Arc::new(file)
        };
        let fix = |title| Fix {
            title,
            change: Change::Format,
            alters_output: false,
        };
        let fixed = Fixed {
            before: file(""),
            after: file(text),
            fixes: vec![
                fix(Verb::Add.title("the comma")),
                fix(Verb::Move.title("it to `a.json`")),
            ],
        };
        let proposals = Proposals {
            fixed: vec![fixed],
            more: 0,
        };
        let detail = Detail {
            proposals,
            ..Detail::default()
        };
        let (findings, texts) = ([finding(Location::File, "x")], Sample(""));
        let view = View {
            detail: &detail,
            ..view(&findings, &texts, Path::new(""))
        };
        render(&view, MAX_COMMENT_BYTES)
    }

    #[test]
    fn a_fixed_file_can_be_copied_from_a_collapsed_block() {
        let page = with_fixes("{\n  \"a\": 1\n}\n", "entries/x.json", Kind::Entry);
        let block = "\n<details><summary>entries/x.json</summary>\n\n\
                     - add the comma\n- move it to `a.json`\n\n\
                     `tfadir check --fix entries/x.json`\n\n\
                     ```json\n{\n  \"a\": 1\n}\n```\n\n</details>\n";
        assert!(page.ends_with(block), "{page}");
    }

    #[test]
    fn a_fixed_file_does_not_end_its_block_and_hides_nothing() {
        let text = "```\n</details>\n<script>\n~~~~\n";
        let page = with_fixes(text, "<b>\n`x.svg", Kind::Icon);
        let code: String = events(&page)
            .filter_map(|event| match event {
                Event::Text(text) if text.contains("script") || text.contains('`') => Some(text),
                _ => None,
            })
            .collect::<Vec<CowStr<'_>>>()
            .concat();
        assert!(
            page.contains("````xml\n") && code.contains("<script>"),
            "{page}"
        );
        assert!(
            page.contains("<summary>&#60;b&#62;&#92;n&#96;x.svg</summary>"),
            "{page}"
        );
        for text in ["", "a\u{202e}b", "::error::x", "x ##[group]", "a\rb"] {
            let page = with_fixes(text, "entries/x.json", Kind::Entry);
            assert!(
                page.contains("- add the comma\n") && !page.contains("```"),
                "{page}"
            );
        }
    }

    #[test]
    fn the_page_is_limited_and_says_what_it_leaves_out() {
        let page = rendered(&vec![finding(Location::File, "x"); 2000]);
        let rows = page.matches("`sample`").count();
        let end = format!(
            "\n{} errors not shown: run `tfadir check`.\n",
            crate::text::thousands(2000 - rows)
        );
        assert!(
            (100..2000).contains(&rows) && page.ends_with(&end),
            "{page}"
        );

        let mut endless = finding(Location::File, &"@".repeat(1 << 20));
        endless.help = Some("#".repeat(1 << 20));
        endless.path = PathBuf::from("-".repeat(4000));
        assert!(rendered(&vec![endless; 200]).len() < MAX_COMMENT_BYTES);

        let page = with_fixes(
            &"x".repeat(MAX_COMMENT_BYTES),
            "entries/x.json",
            Kind::Entry,
        );
        assert!(page.ends_with("\n1 more file not shown.\n"), "{page}");
    }
}
