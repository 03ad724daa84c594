//! What the renderers' tests render.

use std::path::{Path, PathBuf};

use super::Texts;
use crate::finding::{Finding, Severity};
use crate::source::Place;

/// The text of every file.
pub struct Sample(pub &'static str);

impl Texts for Sample {
    fn text(&self, _: &Path) -> Option<&str> {
        Some(self.0)
    }
}

/// An error of the rule `sample` in `entries/e/x.json`.
pub fn finding(place: Place, message: &str) -> Finding {
    Finding {
        rule: "sample",
        severity: Severity::Error,
        path: PathBuf::from("entries/e/x.json"),
        place,
        message: message.to_owned(),
        help: Some("Mend it.".to_owned()),
        related: Vec::new(),
        fix: None,
    }
}
