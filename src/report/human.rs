//! Findings for people at a terminal: the line, the place underlined, and how to mend it.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Level, Origin, Renderer, Snippet};

use super::{Located, Position, Texts, locate};
use crate::finding::{Finding, Related, Severity};
use crate::wording::visible;

/// An ordinary file has at most this many bytes; it can be handed to the renderer as a whole.
const ORDINARY_BYTES: usize = 16 * 1024;

/// How much of any other file is rendered on each side of a place, in bytes. Nobody writes such
/// files; they come from programs, or from somebody with bad intentions.
const CONTEXT_BYTES: usize = 200;

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
        Some(position) => {
            let text = texts.text(&finding.path).unwrap_or_default();
            title.element(snippet(text, position, path, located))
        }
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
    let window = window(text, &position.bytes);
    let shift = |bytes: &Range<usize>| {
        let start = bytes.start.clamp(window.start, window.end) - window.start;
        let end = bytes.end.clamp(window.start, window.end) - window.start;
        start..end
    };
    let mut snippet = Snippet::source(&text[window.clone()])
        .line_start(position.line - text[window.start..position.bytes.start].matches('\n').count())
        .path(path)
        .annotation(AnnotationKind::Primary.span(shift(&position.bytes)));
    let related = located.finding.related.iter().zip(&located.related);
    for (related, position) in related {
        if let Some(position) = position.as_ref().filter(|_| related.path == located.finding.path) {
            let label = visible(&related.message);
            snippet = snippet
                .annotation(AnnotationKind::Context.span(shift(&position.bytes)).label(label));
        }
    }
    snippet
}

/// The part of a text that is worth rendering around a range: all of an ordinary file, but only
/// the surroundings of the range in one with overlong lines.
fn window(text: &str, bytes: &Range<usize>) -> Range<usize> {
    if text.len() <= ORDINARY_BYTES {
        return 0..text.len();
    }
    let start = text.floor_char_boundary(bytes.start.saturating_sub(CONTEXT_BYTES));
    let end = (bytes.start + CONTEXT_BYTES).min(text.len());
    start..text.ceil_char_boundary(end)
}

fn elsewhere(related: &Related, position: Option<&Position>) -> String {
    let path = visible(&related.path.to_string_lossy());
    let message = visible(&related.message);
    match position {
        Some(position) => format!("{message}: {path}:{}:{}", position.line, position.column),
        None => format!("{message}: {path}"),
    }
}
