//! Findings for a terminal: the line, the location underlined, and how to fix it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use annotate_snippets::{Annotation, AnnotationKind, Level, Origin, Renderer as Painter, Snippet};

use super::{Detail, Located, Position, Renderer, Tabulated, View};
use super::{how_to, locate, location_text, root_option};
use crate::finding::{Finding, Related, Severity};
use crate::text::{masked, thousands, visible, visible_lines};

/// The maximum size in bytes of a file from which lines are shown. A larger file is not an entry,
/// and its lines may fill the screen.
const SHOWN_BYTES: usize = 16 * 1024;

/// So many warnings and notes are shown in full even where they may be tabulated.
const MAX_LISTED: usize = 20;

/// Paragraphs for a terminal.
pub(crate) struct Human;

impl Renderer for Human {
    /// One paragraph per finding, with ANSI styles. Nothing in an entry can control the
    /// terminal.
    fn render(&self, view: &View<'_>) -> String {
        let lesser = view
            .findings
            .iter()
            .filter(|finding| finding.severity != Severity::Error)
            .count();
        let is_counted = |finding: &&Finding| match view.detail.tabulated {
            Tabulated::Nothing => false,
            Tabulated::WarningsAndNotes => {
                lesser > MAX_LISTED && finding.severity != Severity::Error
            }
            Tabulated::Everything => true,
        };
        let (counted, shown): (Vec<_>, Vec<_>) = view.findings.iter().partition(is_counted);
        let mut located = locate(shown, view.texts);
        for of_file in located.chunk_by_mut(|a, b| a.finding.path == b.finding.path) {
            of_file.sort_by_key(|located| located.finding.severity);
        }
        let painter = Painter::styled();
        let mut report = String::new();
        for located in located {
            report.push_str(&render_one(&painter, &located, view));
            report.push_str("\n\n");
        }
        report.push_str(&table(&counted, view.detail));
        report
    }
}

fn render_one(renderer: &Painter, located: &Located<'_>, view: &View<'_>) -> String {
    let texts = view.texts;
    let finding = located.finding;
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level
        .primary_title(visible(&finding.message))
        .id(finding.rule);
    let path = visible(&finding.path.to_string_lossy());
    let mut group = match &located.position {
        Some(position) => match texts.text(&finding.path) {
            Some(text) if text.len() <= SHOWN_BYTES => {
                title.element(snippet(text, position, path, located))
            }
            _ => {
                let origin = Origin::path(path).line(position.line);
                title.element(origin.char_column(position.column))
            }
        },
        None => title.element(Origin::path(path)),
    };
    for (related, position) in &located.related {
        if related.path != finding.path {
            group = group.element(Level::NOTE.message(elsewhere(related, position.as_ref())));
        }
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(visible_lines(help)));
    }
    if let Some(fix) = &finding.fix {
        group = group.element(Level::HELP.message(how_to(fix, &finding.path, view.detail)));
    }
    if let Some(page) = &view.detail.rules_page {
        group = group.element(Level::NOTE.message(format!("{page}{}", finding.rule)));
    }
    renderer.render(&[group])
}

/// A table of findings by rule: how many there are, how many can be fixed, and the command that
/// lists them.
fn table(findings: &[&Finding], detail: &Detail) -> String {
    let mut numbers: BTreeMap<(Severity, &str), (usize, usize)> = BTreeMap::new();
    for finding in findings {
        let (number, fixable) = numbers.entry((finding.severity, finding.rule)).or_default();
        *number += 1;
        *fixable += usize::from(finding.fix.is_some());
    }
    if numbers.is_empty() {
        return String::new();
    }
    let root = root_option(detail);
    let mut text = format!(
        "{:26}  {:8}  {:>5}  {:>7}  list\n",
        "rule", "severity", "count", "fixable"
    );
    for ((severity, rule), (number, fixable)) in numbers {
        let (number, fixable) = (thousands(number), thousands(fixable));
        // Writing into a string does not fail.
        let _ = writeln!(
            text,
            "{rule:26}  {:8}  {number:>5}  {fixable:>7}  tfadir check{root} --rule {rule}",
            severity.name()
        );
    }
    text + "\n"
}

/// The lines around a location, with the related locations in the same lines.
fn snippet<'t>(
    text: &'t str,
    position: &Position,
    path: String,
    located: &'t Located<'_>,
) -> Snippet<'t, Annotation<'t>> {
    let mut snippet = Snippet::source(masked(text))
        .path(path)
        .annotation(AnnotationKind::Primary.span(position.bytes.clone()));
    for (related, position) in &located.related {
        if let Some(position) = position
            && related.path == located.finding.path
        {
            let label = visible(&related.message);
            snippet = snippet.annotation(
                AnnotationKind::Context
                    .span(position.bytes.clone())
                    .label(label),
            );
        }
    }
    snippet
}

fn elsewhere(related: &Related, position: Option<&Position>) -> String {
    let location = location_text(Path::new(""), &related.path, position);
    format!("{}: {location}", visible(&related.message))
}
