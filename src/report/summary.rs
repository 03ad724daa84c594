//! Findings as Markdown, for the summary of a GitHub job.
//!
//! GitHub reads up to 1 MiB that a step appends to the file named by `GITHUB_STEP_SUMMARY`
//! ([documentation][docs]). The format is [GitHub Flavored Markdown][gfm].
//!
//! [docs]: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
//! [gfm]: https://github.github.com/gfm/

use std::fmt::Write;
use std::path::Path;

use super::{Located, Tally, View, location_text, worst_first};
use crate::text::{count, visible};

const MAX_ROWS: usize = 200;

/// Half of what GitHub accepts, to leave the rest for other steps of the job.
const MAX_BYTES: usize = 512 * 1024;

/// How many characters of a string are shown.
const MAX_TEXT_CHARS: usize = 500;

/// Renders findings as Markdown: a heading, a sentence, and a table, the most severe first, at most
/// 200 rows and about 512 KiB. Nothing in a file becomes Markdown or HTML.
pub(crate) fn render(view: &View<'_>) -> String {
    if view.findings.is_empty() {
        return "tfadir found no problems.\n".to_owned();
    }
    let mut page = format!("## tfadir check\n\ntfadir found {}.\n\n", Tally::of(view.findings));
    page.push_str("| Severity | Location | Rule | Problem |\n| --- | --- | --- | --- |\n");
    let mut rows = 0;
    for located in worst_first(view.findings, view.texts).iter().take(MAX_ROWS) {
        let row = row(located, view.base);
        if page.len() + row.len() > MAX_BYTES {
            break;
        }
        page.push_str(&row);
        rows += 1;
    }
    let more = view.findings.len() - rows;
    if more > 0 {
        let more = count(more, "more finding", "more findings");
        // Writing into a string does not fail.
        let _ = writeln!(page, "\n{more}: run `tfadir check` to see them.");
    }
    page
}

fn row(located: &Located<'_>, base: &Path) -> String {
    let finding = located.finding;
    let mut text = cell(&finding.message);
    if let Some(help) = &finding.help {
        text.push_str("<br>");
        text.push_str(&cell(help));
    }
    let location = cell(&location_text(base, &finding.path, located.position.as_ref()));
    let rule = cell(finding.rule);
    format!("| {} | {location} | {rule} | {text} |\n", finding.severity.name())
}

/// A text as plain text in a cell.
///
/// ASCII punctuation becomes numeric entities, which are text to every Markdown parser. GitHub then
/// searches the rendered page for mentions (`@user`), references (`#1`, `GH-1`), addresses
/// (`a@b.example`), emoji (`:tada:`) and formulas (`$x$`), but not across the end of an element, so
/// an empty element follows each such character.
pub(crate) fn cell(text: &str) -> String {
    let mut safe = String::new();
    for char in visible(text).trim().chars().take(MAX_TEXT_CHARS) {
        if char.is_ascii_punctuation() {
            let _ = write!(safe, "&#{};", u32::from(char));
        } else {
            safe.push(char);
        }
        if matches!(char, '@' | '#' | '-' | ':' | '$') {
            safe.push_str("<wbr>");
        }
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        safe.push('…');
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::render;
    use crate::finding::{Finding, Severity};
    use crate::report::samples::{Sample, finding, view};
    use crate::source::Location;

    fn rendered(findings: &[Finding]) -> String {
        render(&view(findings, &Sample("{\"é\": 1}"), Path::new("data")))
    }

    /// The texts of the cells of all rows, and the names of all other events outside the heading
    /// and the two sentences.
    fn cells(page: &str) -> (Vec<String>, Vec<String>) {
        let mut cells = Vec::new();
        let mut others = Vec::new();
        for event in Parser::new_ext(page, Options::all()) {
            match event {
                Event::Start(Tag::TableCell) => cells.push(String::new()),
                Event::Text(text) => {
                    if let Some(cell) = cells.last_mut() {
                        cell.push_str(&text);
                    }
                }
                Event::InlineHtml(html) if &*html == "<wbr>" => {}
                Event::InlineHtml(html) if &*html == "<br>" => {
                    cells.last_mut().unwrap().push('\n');
                }
                Event::Start(Tag::Table(_) | Tag::TableHead | Tag::TableRow)
                | Event::End(
                    TagEnd::TableCell | TagEnd::Table | TagEnd::TableHead | TagEnd::TableRow,
                ) => {}
                other => others.push(format!("{other:?}")),
            }
        }
        (cells, others)
    }

    #[test]
    fn a_finding_is_a_row_under_a_sentence_that_counts() {
        let mut warning = finding(Location::File, "could be better");
        warning.severity = Severity::Warning;
        let page = rendered(&[warning, finding(Location::Value("/é".to_owned()), "is wrong")]);
        assert!(page.starts_with(
            "## tfadir check\n\ntfadir found 1 error and 1 warning in 1 file.\n\n| Severity"
        ));
        let (cells, _) = cells(&page);
        assert_eq!(
            cells[4..],
            [
                "error",
                "data/entries/e/x.json:1:7",
                "sample",
                "is wrong\nFix it.",
                "warning",
                "data/entries/e/x.json",
                "sample",
                "could be better\nFix it.",
            ]
        );
    }

    #[test]
    fn no_finding_is_one_line() {
        assert_eq!(rendered(&[]), "tfadir found no problems.\n");
    }

    #[test]
    fn hostile_strings_stay_plain_text() {
        let hostile = [
            "[a](https://evil.example) ![b](https://evil.example/x.png) <https://evil.example>",
            "| a | b |",
            "\\| `a` ``b`` *c* __d__ ~~e~~ ~f~ ^g^ $h$ $$i$$ ==j==",
            "<script>alert(1)</script> <!-- x --> </td></table> &lt;b&gt; &#60;i&#62;",
            "@somebody org/repo#1 GH-1 #2 :tada: https://evil.example www.evil.example a@b.example",
            "# heading",
            "[^1]: note [^1] [x]: https://evil.example [[wiki]] {#id} - [ ] task",
        ];
        for text in hostile {
            let mut found = finding(Location::File, text);
            found.help = Some(text.to_owned());
            found.path = PathBuf::from(format!("x {text}"));
            let page = rendered(&[found]);
            let (cells, others) = cells(&page);
            assert_eq!(cells.len(), 8, "{page}");
            assert_eq!(cells[5].replace('/', ""), format!("datax {text}").replace('/', ""));
            assert_eq!(cells[7], format!("{text}\n{text}"));
            let (_, of_a_harmless_page) = self::cells(&rendered(&[finding(Location::File, "x")]));
            assert_eq!(others, of_a_harmless_page);
        }
    }

    #[test]
    fn line_breaks_and_hidden_characters_are_shown() {
        let page = rendered(&[finding(Location::File, "a\n\n# b\r\u{202e}c")]);
        let (cells, _) = cells(&page);
        assert_eq!(cells[7], "a\\n\\n# b\\r\\u{202e}c\nFix it.");
        assert_eq!(page.lines().count(), 7);
    }

    #[test]
    fn github_references_are_broken_up() {
        let page = rendered(&[finding(Location::File, "@me #1 GH-1 :tada: a@b.example $x$")]);
        let text = page.replace("&#64;", "@").replace("&#35;", "#").replace("&#45;", "-");
        let text = text.replace("&#58;", ":").replace("&#36;", "$").replace("&#46;", ".");
        let broken = "@<wbr>me #<wbr>1 GH-<wbr>1 :<wbr>tada:<wbr> a@<wbr>b.example $<wbr>x$<wbr>";
        assert!(text.contains(broken), "{text}");
    }

    #[test]
    fn the_page_is_limited_and_says_what_it_leaves_out() {
        let page = rendered(&vec![finding(Location::File, "x"); 1201]);
        assert_eq!(page.matches("| error |").count(), 200);
        let end = "\n\n1,001 more findings: run `tfadir check` to see them.\n";
        assert!(page.ends_with(end), "{page}");

        let mut endless = finding(Location::File, &"@".repeat(1 << 20));
        endless.help = Some("#".repeat(1 << 20));
        endless.path = PathBuf::from("-".repeat(4000));
        let page = rendered(&vec![endless; 200]);
        assert!((400_000..600_000).contains(&page.len()), "{}", page.len());
        let rows = page.matches("| error |").count();
        let end = format!("\n\n{} more findings: run `tfadir check` to see them.\n", 200 - rows);
        assert!(rows > 10 && page.ends_with(&end), "{rows}");
    }
}
