//! Sample programs that use the API, as the pages show them.

use minijinja::{Value, context};

use crate::api;
use crate::directory::Settings;

/// What a sample does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Looks up a site.
    Lookup,
    /// Verifies a signature.
    Verify,
}

/// A program in one language.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// The language as one lower-case word, for anchors.
    pub language: &'static str,
    label: &'static str,
    /// What it does.
    pub task: Task,
    /// Its text, written for the 2FA Directory.
    pub source: &'static str,
}

impl Sample {
    /// Its text with a directory's API URL, e-mail address, extension of detached signatures, and
    /// fingerprint (upper-case hexadecimal digits).
    pub fn text(&self, settings: &Settings, fingerprint: &str) -> String {
        self.source
            .trim_end()
            .replace(".sig", &format!(".{}", settings.signatures.detached))
            .replace("https://api.2fa.directory/", &settings.api)
            .replace("security@2fa.directory", &settings.publisher.email)
            .replace(FINGERPRINT, fingerprint)
    }
}

const FINGERPRINT: &str = "0000000000000000000000000000000000000000";

macro_rules! samples {
    ($($task:ident $language:literal $label:literal $file:literal)*) => {
        &[$(Sample {
            task: Task::$task,
            language: $language,
            label: $label,
            source: include_str!(concat!("../../templates/samples/", $file)),
        }),*]
    };
}

/// The samples in the order of their tabs.
pub const SAMPLES: &[Sample] = samples! {
    Lookup "shell"   "Shell"                "lookup.sh"
    Lookup "python"  "Python"               "lookup.py"
    Lookup "browser" "JavaScript (browser)" "lookup.browser.js"
    Lookup "node"    "JavaScript (Node)"    "lookup.node.mjs"
    Lookup "rust"    "Rust"                 "lookup.rs"
    Lookup "go"      "Go"                   "lookup.go"
    Lookup "csharp"  "C#"                   "lookup.cs"
    Lookup "ruby"    "Ruby"                 "lookup.rb"
    Lookup "php"     "PHP"                  "lookup.php"
    Verify "shell"   "Shell"                "verify.sh"
    Verify "python"  "Python"               "verify.py"
    Verify "node"    "JavaScript (Node)"    "verify.mjs"
    Verify "rust"    "Rust"                 "verify.rs"
    Verify "go"      "Go"                   "verify.go"
    Verify "csharp"  "C#"                   "verify.cs"
    Verify "ruby"    "Ruby"                 "verify.rb"
    Verify "php"     "PHP"                  "verify.php"
};

/// The samples of one task for a directory, as templates see them.
///
/// All samples read `v4/all.json`, so there are none if it is not published. Without a fingerprint
/// there are no samples that verify.
pub(crate) fn shown(task: Task, settings: &Settings, fingerprint: Option<&str>) -> Vec<Value> {
    let mut versions = settings.supported().filter_map(api::version);
    let is_published = versions.any(|version| version.lookup() == Some("v4/all.json"));
    let is_possible = is_published && (task == Task::Lookup || fingerprint.is_some());
    let samples = SAMPLES
        .iter()
        .filter(|sample| is_possible && sample.task == task);
    samples
        .map(|sample| {
            context! {
                language => sample.language,
                label => sample.label,
                source => sample.text(settings, fingerprint.unwrap_or(FINGERPRINT)),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(task: Task, settings: &Settings, fingerprint: Option<&str>) -> Vec<String> {
        let shown = shown(task, settings, fingerprint);
        shown
            .iter()
            .map(|sample| sample.get_attr("source").unwrap().to_string())
            .collect()
    }

    #[test]
    fn samples_use_the_api_of_the_directory() {
        let mut settings = Settings {
            api: "https://api.example/2fa/".to_owned().into(),
            ..Settings::default()
        };
        let samples = texts(Task::Lookup, &settings, None);
        assert!(!samples.is_empty());
        for sample in samples {
            assert!(sample.contains("https://api.example/2fa/v4/"), "{sample}");
            assert!(!sample.contains("2fa.directory"), "{sample}");
        }
        assert!(texts(Task::Verify, &settings, None).is_empty());

        settings.versions.retain(|version| version.number != 4);
        assert!(texts(Task::Lookup, &settings, None).is_empty());
    }

    #[test]
    fn samples_that_verify_pin_the_key_and_use_the_extension_of_the_directory() {
        let mut settings = Settings {
            api: "https://api.example/2fa/".to_owned().into(),
            ..Settings::default()
        };
        settings.signatures.detached = "sgn".into();
        let samples = texts(Task::Verify, &settings, Some("0123456789ABCDEF"));
        assert!(!samples.is_empty());
        for sample in samples {
            for part in ["https://api.example/2fa/", "0123456789ABCDEF", ".sgn"] {
                assert!(sample.contains(part), "{part} is not in {sample}");
            }
            assert!(
                !sample.contains(".sig") && !sample.contains("2fa.directory"),
                "{sample}"
            );
        }
    }
}
