//! Sample findings for the renderers' tests.

use std::path::{Path, PathBuf};

use crate::finding::{Finding, Guard, Severity, Texts};
use crate::report::{Detail, Proposals, Tabulated, View};
use crate::source::Location;

static PLAIN: Detail = Detail {
    tabulated: Tabulated::Nothing,
    root: None,
    rules_page: None,
    proposals: Proposals {
        fixed: Vec::new(),
        more: 0,
    },
};

/// The text of every file.
pub(crate) struct Sample(pub(crate) &'static str);

impl Texts for Sample {
    fn text(&self, _: &Path) -> Option<&str> {
        Some(self.0)
    }
}

/// A view of findings from a root at `base` in its repository.
pub(crate) fn view<'v>(findings: &'v [Finding], texts: &'v dyn Texts, base: &'v Path) -> View<'v> {
    View {
        findings,
        texts,
        base,
        sources: None,
        detail: &PLAIN,
    }
}

/// An error of the rule `sample` in `entries/e/x.json`.
pub(crate) fn finding(location: Location, message: &str) -> Finding {
    Finding {
        rule: "sample",
        severity: Severity::Error,
        guards: Guard::Review,
        path: PathBuf::from("entries/e/x.json"),
        location,
        message: message.to_owned(),
        help: Some("Fix it.".to_owned()),
        related: Vec::new(),
        fix: None,
    }
}
