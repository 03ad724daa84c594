//! Programs that use the API, as the pages show them.

use serde::Serialize;

use crate::api;
use crate::directory::Settings;

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
    pub(crate) label: &'static str,
    /// What it does.
    pub task: Task,
    /// Its text. The address [`API`], the e-mail address [`EMAIL`], the fingerprint [`FINGERPRINT`]
    /// and the ending [`ENDING`] of detached signatures stand in it for those of the directory.
    pub source: &'static str,
}

impl Sample {
    /// Its text with a directory's address, e-mail address, ending of detached signatures, and
    /// fingerprint (upper-case hexadecimal digits).
    pub fn text(&self, settings: &Settings, fingerprint: &str) -> String {
        self.source
            .trim_end()
            .replace(ENDING, &format!(".{}", settings.signatures.detached))
            .replace(API, &settings.api)
            .replace(EMAIL, &settings.publisher.email)
            .replace(FINGERPRINT, fingerprint)
    }
}

/// The samples in the order of their tabs.
pub const SAMPLES: &[Sample] = &[
    lookup("shell", "Shell", include_str!("../../templates/samples/lookup.sh")),
    lookup("python", "Python", include_str!("../../templates/samples/lookup.py")),
    lookup(
        "browser",
        "JavaScript (browser)",
        include_str!("../../templates/samples/lookup.browser.js"),
    ),
    lookup("node", "JavaScript (Node)", include_str!("../../templates/samples/lookup.node.mjs")),
    lookup("rust", "Rust", include_str!("../../templates/samples/lookup.rs")),
    lookup("go", "Go", include_str!("../../templates/samples/lookup.go")),
    lookup("csharp", "C#", include_str!("../../templates/samples/lookup.cs")),
    lookup("ruby", "Ruby", include_str!("../../templates/samples/lookup.rb")),
    lookup("php", "PHP", include_str!("../../templates/samples/lookup.php")),
    verify("shell", "Shell", include_str!("../../templates/samples/verify.sh")),
    verify("python", "Python", include_str!("../../templates/samples/verify.py")),
    verify("node", "JavaScript (Node)", include_str!("../../templates/samples/verify.mjs")),
    verify("rust", "Rust", include_str!("../../templates/samples/verify.rs")),
    verify("go", "Go", include_str!("../../templates/samples/verify.go")),
    verify("csharp", "C#", include_str!("../../templates/samples/verify.cs")),
    verify("ruby", "Ruby", include_str!("../../templates/samples/verify.rb")),
    verify("php", "PHP", include_str!("../../templates/samples/verify.php")),
];

const fn lookup(language: &'static str, label: &'static str, source: &'static str) -> Sample {
    Sample { language, label, task: Task::Lookup, source }
}

const fn verify(language: &'static str, label: &'static str, source: &'static str) -> Sample {
    Sample { language, label, task: Task::Verify, source }
}

/// The file that they look a domain up in.
const LOOKUP: &str = "v4/all.json";
const API: &str = "https://api.2fa.directory/";
const EMAIL: &str = "security@2fa.directory";
const FINGERPRINT: &str = "0000000000000000000000000000000000000000";
const ENDING: &str = ".sig";

/// A sample as a template sees it.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    language: &'static str,
    label: &'static str,
    source: String,
}

/// The samples of one task with this directory's address, e-mail address, fingerprint and ending.
/// They read one file, so there are none where it is not published; and without a fingerprint
/// there is nothing to verify.
pub(crate) fn shown(task: Task, settings: &Settings, fingerprint: Option<&str>) -> Vec<Shown> {
    let mut versions = settings.supported().filter_map(api::version);
    let is_possible = versions.any(|version| version.lookup() == Some(LOOKUP))
        && (task == Task::Lookup || fingerprint.is_some());
    let samples = SAMPLES.iter().filter(|it| is_possible && it.task == task);
    let shown = |sample: &Sample| Shown {
        language: sample.language,
        label: sample.label,
        source: sample.text(settings, fingerprint.unwrap_or(FINGERPRINT)),
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

        let mut settings = settings;
        settings.versions.retain(|version| version.number != 4);
        assert!(shown(Task::Lookup, &settings, None).is_empty());
    }

    #[test]
    fn a_sample_that_verifies_pins_the_key_and_gets_the_signature_of_this_directory() {
        let mut settings =
            Settings { api: "https://api.example/2fa/".into(), ..Settings::default() };
        settings.signatures.detached = "sgn".into();
        let samples = shown(Task::Verify, &settings, Some("0123456789ABCDEF"));
        assert!(!samples.is_empty());
        for sample in samples {
            let (language, source) = (sample.language, sample.source);
            assert!(source.contains("https://api.example/2fa/"), "{language}");
            assert!(source.contains("0123456789ABCDEF"), "{language}");
            assert!(source.contains(".sgn"), "{language}");
            assert!(!source.contains(".sig"), "{language}");
            assert!(!source.contains("2fa.directory"), "{language}");
        }
    }
}
