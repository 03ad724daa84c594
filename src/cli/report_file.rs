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
        let (name, path) = value
            .split_once('=')
            .filter(|(_, path)| !path.is_empty())
            .ok_or_else(|| format!("use FORMAT=FILE, such as {}=FILE", names[0]))?;
        let format = Format::from_str(name, false)
            .ok()
            .filter(|format| formats.contains(format))
            .ok_or_else(|| format!("unknown format; use {}", join(&names, "or")))?;
        Ok(Self {
            format,
            path: path.into(),
        })
    }
}
