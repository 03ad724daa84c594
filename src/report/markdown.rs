//! Findings as Markdown, for the summary of a GitHub job and for comments on pull requests.
//!
//! The format is [GitHub Flavored Markdown](https://github.github.com/gfm/).

use std::fmt::Write;
use std::path::Path;

use super::inline::{cell, code, plain, truncated};
use super::{Located, Position, Proposal, Renderer, Tally, View};
use super::{counted, location_text, slashed, uri, worst_first};
use crate::text::{count, masked, visible};

/// What GitHub accepts as a comment is 65,536 characters; the rest is for the workflow.
const MAX_COMMENT_BYTES: usize = 60_000;

/// A comment on a pull request.
pub(super) struct Markdown;

impl Renderer for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn render(&self, view: &View<'_>) -> String {
        render(view, MAX_COMMENT_BYTES)
    }
}

/// Renders findings as Markdown: a table for each severity, the most severe first, and the files
/// that fixes would change, as they would be afterwards. Nothing in a file becomes Markdown or HTML.
pub(super) fn render(view: &View<'_>, max_bytes: usize) -> String {
    if view.findings.is_empty() {
        return "tfadir found no problems.\n".to_owned();
    }
    let mut page = format!("## tfadir check: {}\n", Tally::of(view.findings));
    // A third is for the fixed files.
    let max_table_bytes = max_bytes / 3 * 2;
    let located = worst_first(view.findings, view.texts);
    for of_severity in located.chunk_by(|a, b| a.finding.severity == b.finding.severity) {
        let severity = of_severity[0].finding.severity;
        let heading = counted(of_severity.len(), severity);
        // Writing into a string does not fail.
        let _ = writeln!(
            page,
            "\n### {heading}\n\n| Location | Problem | Rule |\n| --- | --- | --- |"
        );
        let rows = of_severity.iter().map(|located| row(located, view));
        let shown = push_while(&mut page, max_table_bytes, rows);
        let more = of_severity.len() - shown;
        if more > 0 {
            let _ = writeln!(
                page,
                "\n{} not shown: run `tfadir check`.",
                counted(more, severity)
            );
        }
    }
    let proposals = &view.detail.proposals;
    if !proposals.is_empty() {
        page.push_str(
            "\n### Fixes\n\nRun `tfadir check --fix`, or replace the content of each file with the \
             text below.\n",
        );
        let blocks = proposals
            .iter()
            .map(|proposal| proposed(proposal, view.base));
        let more = proposals.len() - push_while(&mut page, max_bytes, blocks);
        if more > 0 {
            let _ = writeln!(
                page,
                "\n{} not shown.",
                count(more, "more file", "more files")
            );
        }
    }
    // The runner of GitHub Actions obeys `##[command]` anywhere in a line of a log.
    page.replace("##[", "##(")
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
fn proposed(proposal: &Proposal, base: &Path) -> String {
    let fixed = &proposal.fixed;
    let path = plain(&visible(&slashed(base, &fixed.path)));
    let titles: Vec<String> = fixed
        .titles
        .iter()
        .map(|title| format!("- {}\n", cell(title)))
        .collect();
    let titles = titles.concat();
    let mut block = format!("\n<details><summary>{path}</summary>\n\n{titles}\n");
    if let Some(text) = proposal.text.as_deref().filter(|text| can_be_copied(text)) {
        let runs = text.split(|char| char != '`').map(str::len);
        let fence = "`".repeat(runs.max().unwrap_or_default().max(2) + 1);
        let language = if fixed
            .path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            "json"
        } else {
            "xml"
        };
        let _ = writeln!(block, "{fence}{language}\n{}\n{fence}\n", text.trim_end());
    }
    block + "</details>\n"
}

/// Whether a text can be shown unchanged: it hides no character, and no line of it is a command to
/// the runner of GitHub Actions.
fn can_be_copied(text: &str) -> bool {
    let is_command = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    masked(text) == text && !text.contains('\r') && !text.lines().any(is_command)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use pulldown_cmark::{CowStr, Event, Options, Parser, Tag};

    use super::{MAX_COMMENT_BYTES, render};
    use crate::finding::{Finding, Related, Severity};
    use crate::fix::Fixed;
    use crate::report::samples::{Sample, finding, view};
    use crate::report::{Detail, Proposal, View};
    use crate::source::Location;

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

    fn with_fixes(text: Option<&str>, path: &str) -> String {
        let titles = vec!["add the comma".to_owned(), "move it to `a.json`".to_owned()];
        let fixed = Fixed {
            path: path.into(),
            moved_to: None,
            titles,
        };
        let proposals = vec![Proposal {
            fixed,
            text: text.map(str::to_owned),
        }];
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
        let page = with_fixes(Some("{\n  \"a\": 1\n}\n"), "entries/x.json");
        let block = "\n<details><summary>entries/x.json</summary>\n\n\
                     - add the comma\n- move it to `a.json`\n\n\
                     ```json\n{\n  \"a\": 1\n}\n```\n\n</details>\n";
        assert!(page.ends_with(block), "{page}");
    }

    #[test]
    fn a_fixed_file_does_not_end_its_block_and_hides_nothing() {
        let text = "```\n</details>\n<script>\n~~~~\n";
        let page = with_fixes(Some(text), "<b>\n`x.svg");
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
        for text in [
            None,
            Some("a\u{202e}b"),
            Some("::error::x"),
            Some("x ##[group]"),
            Some("a\rb"),
        ] {
            let page = with_fixes(text, "entries/x.json");
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

        let page = with_fixes(Some(&"x".repeat(MAX_COMMENT_BYTES)), "entries/x.json");
        assert!(page.ends_with("\n1 more file not shown.\n"), "{page}");
    }
}
