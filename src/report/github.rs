//! Findings as GitHub annotations: workflow commands, which the runner reads in a step's output.
//!
//! The format follows [GitHub's documentation][docs] and `@actions/core`, which escapes what the
//! runner unescapes.
//!
//! [docs]: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands

use super::{Located, Renderer, Tally, View};
use super::{counted, how_to, located_of, location_text, markdown, slashed};
use crate::finding::Severity;
use crate::text::{visible, visible_lines};

/// GitHub shows this many annotations of each severity for a step and silently drops the others.
const MAX_ANNOTATIONS: usize = 10;

/// Half of what GitHub accepts as a step's part of the summary, 1 MiB.
const MAX_SUMMARY_BYTES: usize = 512 * 1024;

/// Workflow commands, and a summary of the job.
pub(crate) struct Github;

impl Renderer for Github {
    /// Workflow commands, one per line, the most severe first, at most ten of each severity; a last
    /// line counts the others. Nothing in a file starts or ends a command; the console removes commands
    /// in the older format.
    fn render(&self, view: &View<'_>) -> String {
        let tally = Tally::of(view.findings);
        let mut lines = Vec::new();
        let mut more = Vec::new();
        for severity in Severity::ALL {
            let located = located_of(view.findings, severity, view.texts);
            for finding in located.take(MAX_ANNOTATIONS) {
                lines.push(command(&finding, view));
            }
            let rest = tally.number(severity).saturating_sub(MAX_ANNOTATIONS);
            if rest > 0 {
                more.push(counted(rest, severity));
            }
        }
        if !more.is_empty() {
            lines.push(format!(
                "Not shown: {}. See the job summary.",
                more.join(", ")
            ));
        }
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn summary(&self, view: &View<'_>) -> Option<String> {
        Some(markdown::render(view, MAX_SUMMARY_BYTES))
    }

    fn max_proposed_bytes(&self) -> usize {
        MAX_SUMMARY_BYTES
    }
}

/// One finding as a command.
fn command(located: &Located<'_>, view: &View<'_>) -> String {
    let base = view.base;
    let finding = located.finding;
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = vec![("file", visible(&slashed(base, &finding.path)))];
    if let Some(position) = &located.position {
        properties.push(("line", position.line.to_string()));
        properties.push(("endLine", position.end_line.to_string()));
        // GitHub refuses columns if a finding spans several lines.
        if position.line == position.end_line {
            properties.push(("col", position.column.to_string()));
            properties.push(("endColumn", position.end_column.to_string()));
        }
    }
    properties.push(("title", finding.rule.to_owned()));
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", property(value)))
        .collect();
    format!(
        "::{name} {}::{}",
        properties.join(","),
        data(&message(located, view))
    )
}

/// The text of an annotation.
fn message(located: &Located<'_>, view: &View<'_>) -> String {
    let base = view.base;
    let finding = located.finding;
    let mut lines = vec![visible(&finding.message)];
    lines.extend(finding.help.as_deref().map(visible_lines));
    for (related, position) in &located.related {
        let location = location_text(base, &related.path, position.as_ref());
        lines.push(format!("{}: {location}", visible(&related.message)));
    }
    let fix = finding.fix.as_ref();
    lines.extend(fix.map(|fix| how_to(fix, &finding.path, view.detail)));
    lines.join("\n")
}

/// `escapeData` of `@actions/core`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// `escapeProperty` of `@actions/core`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::Github;
    use crate::finding::{Change, Fix, Related, Severity};
    use crate::report::Renderer;
    use crate::report::samples::{Sample, finding, view};
    use crate::source::{Location, Verb};

    fn rendered(findings: &[crate::finding::Finding], text: &'static str) -> String {
        Github.render(&view(findings, &Sample(text), Path::new("")))
    }

    #[test]
    fn a_finding_is_one_command_with_its_location() {
        let text = "{\"é\": \"x\",\n \"b\": 1}";
        let found = finding(Location::Value("/é".to_owned()), "`x` is wrong");
        assert_eq!(
            rendered(&[found], text),
            "::error file=entries/e/x.json,line=1,endLine=1,col=7,endColumn=10,title=sample::\
             `x` is wrong%0AFix it.\n"
        );
    }

    #[test]
    fn a_multiline_finding_has_no_columns_and_a_file_finding_no_lines() {
        let found = finding(Location::Value(String::new()), "wrong");
        let told = rendered(&[found], "{\n}");
        assert!(
            told.starts_with("::error file=entries/e/x.json,line=1,endLine=2,title="),
            "{told}"
        );
        let told = rendered(&[finding(Location::File, "wrong")], "");
        assert!(
            told.starts_with("::error file=entries/e/x.json,title=sample::wrong"),
            "{told}"
        );
    }

    #[test]
    fn the_path_begins_at_the_root_of_the_repository() {
        let found = [finding(Location::File, "wrong")];
        for (base, path) in [
            ("data/tfa", "data/tfa/entries/e/x.json"),
            (".", "entries/e/x.json"),
        ] {
            let told = Github.render(&view(&found, &Sample(""), Path::new(base)));
            assert!(told.starts_with(&format!("::error file={path},")), "{told}");
        }
    }

    #[test]
    fn related_locations_and_the_fix_have_their_own_lines() {
        let mut found = finding(Location::File, "wrong");
        found.severity = Severity::Warning;
        found.related = vec![Related {
            path: PathBuf::from("entries/e/x.json"),
            location: Location::Value("/a".to_owned()),
            message: "also here".to_owned(),
        }];
        let title = Verb::Remove.title("it");
        let change = Change::Remove("/a".to_owned());
        found.fix = Some(Fix {
            title,
            change,
            alters_output: false,
        });
        assert_eq!(
            rendered(&[found], r#"{"a": 1}"#),
            "::warning file=entries/e/x.json,title=sample::wrong%0AFix it.%0A\
             also here: entries/e/x.json:1:7%0ATo remove it, run `tfadir check --fix entries/e/x.json`.\n"
        );
    }

    #[test]
    fn nothing_hostile_ends_a_command_or_begins_another() {
        let mut found = finding(Location::File, "a\n::error::b\r%0Ax\u{202e}\u{1b}[31m");
        found.path = PathBuf::from("entries/e/a,line=9::x%\n.json");
        assert_eq!(
            rendered(&[found], ""),
            "::error file=entries/e/a%2Cline=9%3A%3Ax%25\\n.json,title=sample::\
             a\\n::error::b\\r%250Ax\\u{202e}\\u{1b}[31m%0AFix it.\n"
        );
    }

    #[test]
    fn ten_of_each_severity_are_shown_most_severe_first_and_the_others_counted() {
        let mut findings = Vec::new();
        for (severity, number) in [
            (Severity::Note, 10),
            (Severity::Warning, 11),
            (Severity::Error, 1212),
        ] {
            let mut found = finding(Location::File, "wrong");
            found.severity = severity;
            findings.extend(vec![found; number]);
        }
        let told = rendered(&findings, "");
        let lines: Vec<&str> = told.lines().collect();
        let kinds: Vec<&str> = lines
            .iter()
            .map(|line| line.split(' ').next().unwrap())
            .collect();
        let expected = [
            vec!["::error"; 10],
            vec!["::warning"; 10],
            vec!["::notice"; 10],
            vec!["Not"],
        ];
        assert_eq!(kinds, expected.concat());
        let last = "Not shown: 1,202 errors, 1 warning. See the job summary.";
        assert_eq!(lines[30], last);
    }

    #[test]
    fn no_finding_is_no_line() {
        assert_eq!(rendered(&[], ""), "");
    }
}
