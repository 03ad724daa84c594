//! The value of `--write`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Format;
use crate::text::join;

/// A report that is written to a file besides what is printed.
#[derive(Debug, Clone)]
pub(crate) struct ReportFile {
    pub(crate) format: Format,
    pub(crate) path: PathBuf,
}

impl ReportFile {
    /// Parses `FORMAT=FILE` for `tfadir check`.
    pub(super) fn of_check(value: &str) -> Result<Self, String> {
        Self::parse(value, &[Format::Markdown, Format::Sarif, Format::Json])
    }

    /// Parses `FORMAT=FILE` for `tfadir diff`.
    pub(super) fn of_diff(value: &str) -> Result<Self, String> {
        let formats = [
            Format::Markdown,
            Format::Json,
            Format::Algolia,
            Format::Lines,
        ];
        Self::parse(value, &formats)
    }

    fn parse(value: &str, formats: &[Format]) -> Result<Self, String> {
        let names: Vec<String> = formats.iter().map(|format| format.name()).collect();
        let (name, path) = match value.split_once('=') {
            Some((name, path)) if !path.is_empty() => (name, path.into()),
            _ => return Err(format!("use FORMAT=FILE, such as {}=FILE", names[0])),
        };
        match Format::from_str(name, false) {
            Ok(format) if formats.contains(&format) => Ok(Self { format, path }),
            _ => Err(format!("unknown format; use {}", join(&names, "or"))),
        }
    }
}
