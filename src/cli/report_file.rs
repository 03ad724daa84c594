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
    /// What parses `FORMAT=FILE` with one of these formats.
    pub(super) fn parser(
        formats: &'static [Format],
    ) -> impl Fn(&str) -> Result<Self, String> + Clone + Send + Sync {
        move |value| Self::parse(value, formats)
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
