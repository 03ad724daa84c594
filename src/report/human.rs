//! Findings for a terminal: the line, the location underlined, and how to fix it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use annotate_snippets::{Annotation, AnnotationKind, Level, Origin, Renderer as Painter, Snippet};

use super::{Located, Position, Renderer, View, locate, location_text};
use crate::finding::{Finding, Fix, Related, Severity, Texts};
use crate::text::{masked, thousands, visible};

/// The maximum size in bytes of a file from which lines are shown. A larger file is not an entry,
/// and its lines may fill the screen.
const SHOWN_BYTES: usize = 16 * 1024;

/// Paragraphs for a terminal.
pub(super) struct Human;

impl Renderer for Human {
    fn name(&self) -> &'static str {
        "human"
    }

    /// One paragraph per finding, with ANSI styles. Nothing in an entry can control the
    /// terminal.
    fn render(&self, view: &View<'_>) -> String {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let is_shown = |finding: &&Finding| {
            let number = numbers.entry(finding.rule).or_default();
            *number += usize::from(finding.severity != Severity::Error);
            finding.severity == Severity::Error || *number <= view.most
        };
        let shown = view.findings.iter().filter(is_shown);
        let painter = Painter::styled();
        let mut report = String::new();
        for located in locate(shown, view.texts) {
            report.push_str(&render_one(&painter, &located, view.texts));
            report.push_str("\n\n");
        }
        for (rule, number) in numbers.iter().filter(|(_, number)| **number > view.most) {
            let more = thousands(number - view.most);
            // Writing into a string does not fail.
            let _ = writeln!(report, "… and {more} more of `{rule}`; use --verbose to see them\n");
        }
        // The runner of GitHub Actions obeys `##[command]` anywhere in a line.
        report.replace("##[", "##(")
    }
}

fn render_one(renderer: &Painter, located: &Located<'_>, texts: &dyn Texts) -> String {
    let finding = located.finding;
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(visible(&finding.message)).id(finding.rule);
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
        group = group.element(Level::HELP.message(visible(help)));
    }
    if let Some(fix) = &finding.fix {
        group = group.element(Level::HELP.message(how_to(fix, &finding.path)));
    }
    renderer.render(&[group])
}

/// The command that applies a fix, and what it does.
fn how_to(fix: &Fix, path: &Path) -> String {
    let command = match fix.alters_output {
        true => "tfadir check --unsafe-fixes",
        false => "tfadir check --fix",
    };
    // A path that a shell would split is left out: then the command fixes all files.
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "._/+@-".contains(it);
    let path = path.to_str().filter(|path| path.chars().all(is_plain) && !path.starts_with('-'));
    let path = path.map(|path| format!(" {path}")).unwrap_or_default();
    let notice = match fix.alters_output {
        true => "; this changes what is published",
        false => "",
    };
    format!("To {}, run `{command}{path}`{notice}.", visible(&fix.title))
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
        if let Some(position) = position.as_ref().filter(|_| related.path == located.finding.path) {
            let label = visible(&related.message);
            snippet = snippet
                .annotation(AnnotationKind::Context.span(position.bytes.clone()).label(label));
        }
    }
    snippet
}

fn elsewhere(related: &Related, position: Option<&Position>) -> String {
    let location = location_text(Path::new(""), &related.path, position);
    format!("{}: {location}", visible(&related.message))
}
