//! Converts symbolic locations to lines and columns, only for findings that are shown.

use std::ops::Range;
use std::path::Path;

use line_index::{LineIndex, TextSize};

use crate::finding::{Finding, Related, Texts};
use crate::source::{Document, Location};

/// A finding whose location is known in bytes, lines and columns.
#[derive(Debug)]
pub(crate) struct Located<'f> {
    /// The finding.
    pub(crate) finding: &'f Finding,
    /// Where it is; `None` for the file as a whole.
    pub(crate) position: Option<Position>,
    /// Its related locations, in their order.
    pub(crate) related: Vec<(&'f Related, Option<Position>)>,
}

/// A range in a text. Lines and columns count from 1, columns in Unicode characters; the end is
/// exclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) bytes: Range<usize>,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
}

/// Locates findings, and sorts those of one file by location.
///
/// Findings must be in the order of their files; each file is parsed once.
pub(crate) fn locate<'f>(
    findings: impl IntoIterator<Item = &'f Finding>,
    texts: &dyn Texts,
) -> Vec<Located<'f>> {
    let findings: Vec<&Finding> = findings.into_iter().collect();
    let mut located = Vec::with_capacity(findings.len());
    for of_file in findings.chunk_by(|a, b| a.path == b.path) {
        let start = located.len();
        let path = of_file
            .first()
            .map_or(Path::new(""), |finding| finding.path.as_path());
        let locator = Locator::new(path, texts);
        for finding in of_file.iter().copied() {
            let position = locator.position(&finding.location);
            let related = finding.related.iter().map(|related| {
                let position = match related.path == path {
                    true => locator.position(&related.location),
                    false => Locator::new(&related.path, texts).position(&related.location),
                };
                (related, position)
            });
            located.push(Located {
                finding,
                position,
                related: related.collect(),
            });
        }
        located[start..].sort_by_key(|located| {
            located
                .position
                .as_ref()
                .map(|position| position.bytes.start)
        });
    }
    located
}

/// A text with the indexes for finding locations in it.
struct Locator<'t> {
    text: &'t str,
    lines: LineIndex,
    document: Option<Document<'t>>,
}

impl<'t> Locator<'t> {
    fn new(path: &Path, texts: &'t dyn Texts) -> Self {
        let text = texts.text(path).unwrap_or_default();
        let document = if path.extension() == Some("toml".as_ref()) {
            Document::toml(text).ok()
        } else {
            Document::json(text).ok().flatten()
        };
        Self {
            text,
            lines: LineIndex::new(text),
            document,
        }
    }

    fn position(&self, location: &Location) -> Option<Position> {
        let bytes = match (location, &self.document) {
            (Location::Bytes(range), _) => range.clone(),
            (location, Some(document)) => document.locate(location)?,
            _ => return None,
        };
        let bytes =
            self.text.floor_char_boundary(bytes.start)..self.text.ceil_char_boundary(bytes.end);
        let (line, column) = self.line_and_column(bytes.start)?;
        let (end_line, end_column) = self.line_and_column(bytes.end)?;
        Some(Position {
            bytes,
            line,
            column,
            end_line,
            end_column,
        })
    }

    fn line_and_column(&self, offset: usize) -> Option<(usize, usize)> {
        let at = self.lines.try_line_col(TextSize::try_from(offset).ok()?)?;
        let start = offset.checked_sub(at.col as usize)?;
        let column = self.text.get(start..offset)?.chars().count() + 1;
        Some((at.line as usize + 1, column))
    }
}
