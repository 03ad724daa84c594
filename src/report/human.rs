//! Findings for people at a terminal: the line, the place underlined, and how to mend it.

use annotate_snippets::{Annotation, AnnotationKind, Level, Origin, Renderer, Snippet};

use super::{Located, Position, Texts, locate};
use crate::finding::{Finding, Related, Severity};
use crate::wording::{masked, visible};

/// From a file of at most this many bytes the line is shown; a larger one is no entry, and its line
/// may fill the screen.
const SHOWN_BYTES: usize = 16 * 1024;

/// Renders findings, one paragraph each, with ANSI styles. Whatever an entry holds, it cannot
/// steer the terminal.
pub fn render(findings: &[Finding], texts: &dyn Texts) -> String {
    let renderer = Renderer::styled();
    let mut report = String::new();
    for located in locate(findings, texts) {
        report.push_str(&render_one(&renderer, &located, texts));
        report.push_str("\n\n");
    }
    report
}

fn render_one(renderer: &Renderer, located: &Located<'_>, texts: &dyn Texts) -> String {
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
    for (related, position) in finding.related.iter().zip(&located.related) {
        if related.path != finding.path {
            group = group.element(Level::NOTE.message(elsewhere(related, position.as_ref())));
        }
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    renderer.render(&[group])
}

/// The lines around a place, with the related places that stand in the same lines.
fn snippet<'t>(
    text: &'t str,
    position: &Position,
    path: String,
    located: &'t Located<'_>,
) -> Snippet<'t, Annotation<'t>> {
    let mut snippet = Snippet::source(masked(text))
        .path(path)
        .annotation(AnnotationKind::Primary.span(position.bytes.clone()));
    let related = located.finding.related.iter().zip(&located.related);
    for (related, position) in related {
        if let Some(position) = position.as_ref().filter(|_| related.path == located.finding.path) {
            let label = visible(&related.message);
            snippet = snippet
                .annotation(AnnotationKind::Context.span(position.bytes.clone()).label(label));
        }
    }
    snippet
}

fn elsewhere(related: &Related, position: Option<&Position>) -> String {
    let path = visible(&related.path.to_string_lossy());
    let message = visible(&related.message);
    match position {
        Some(position) => format!("{message}: {path}:{}:{}", position.line, position.column),
        None => format!("{message}: {path}"),
    }
}
