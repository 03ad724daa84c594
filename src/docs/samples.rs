//! Programs that use the API, as the pages show them.

use serde::Serialize;

use crate::project::Settings;

/// What a sample does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// It looks up a site.
    Lookup,
    /// It verifies a signature.
    Verify,
}

/// One program in one language.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// The language in a word for anchors, in lower case: `python`.
    pub language: &'static str,
    /// The language's name.
    pub label: &'static str,
    /// What it does.
    pub task: Task,
    /// Its text. The address [`API`], the e-mail address [`EMAIL`] and the fingerprint
    /// [`FINGERPRINT`] stand in it for those of the directory.
    pub source: &'static str,
}

/// The samples in the order of their tabs.
pub const SAMPLES: &[Sample] = &[
    Sample {
        language: "shell",
        label: "Shell",
        task: Task::Lookup,
        source: include_str!("../../templates/samples/lookup.sh"),
    },
    Sample {
        language: "python",
        label: "Python",
        task: Task::Lookup,
        source: include_str!("../../templates/samples/lookup.py"),
    },
];

const API: &str = "https://api.2fa.directory/";
const EMAIL: &str = "security@2fa.directory";
const FINGERPRINT: &str = "0000000000000000000000000000000000000000";

/// A sample as a template sees it.
#[derive(Debug, Serialize)]
pub struct Shown {
    language: &'static str,
    label: &'static str,
    source: String,
}

/// The samples of one task with this directory's address, e-mail address and fingerprint. Without
/// a fingerprint there is nothing to verify, so there are no samples of that.
pub fn shown(task: Task, settings: &Settings, fingerprint: Option<&str>) -> Vec<Shown> {
    let samples = SAMPLES.iter().filter(|it| it.task == task);
    let samples = samples.filter(|it| it.task != Task::Verify || fingerprint.is_some());
    let shown = |sample: &Sample| Shown {
        language: sample.language,
        label: sample.label,
        source: sample
            .source
            .trim_end()
            .replace(API, &settings.api)
            .replace(EMAIL, &settings.publisher.email)
            .replace(FINGERPRINT, fingerprint.unwrap_or(FINGERPRINT)),
    };
    samples.map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_speak_of_this_directory() {
        let settings = Settings { api: "https://api.example/2fa/".into(), ..Settings::default() };
        let samples = shown(Task::Lookup, &settings, None);
        assert!(!samples.is_empty());
        for sample in samples {
            assert!(sample.source.contains("https://api.example/2fa/v4/"), "{}", sample.language);
            assert!(!sample.source.contains("2fa.directory"), "{}", sample.language);
        }
        assert!(shown(Task::Verify, &settings, None).is_empty());
    }
}
