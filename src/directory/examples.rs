//! The example values that `tfadir init` writes for what only the publisher can know.

use super::Settings;

/// A setting with its example value.
pub(crate) struct Example {
    /// Where it is in the settings, as a JSON pointer.
    pub(crate) pointer: &'static str,
    pub(crate) value: &'static str,
    of: fn(&Settings) -> &str,
}

/// In the order of the file.
pub(crate) const EXAMPLES: [Example; 6] = [
    Example {
        pointer: "/name",
        value: "My 2FA Directory",
        of: |settings| &settings.name,
    },
    Example {
        pointer: "/site",
        value: "https://my-directory.example/",
        of: |settings| &settings.site,
    },
    Example {
        pointer: "/api",
        value: "https://api.my-directory.example/",
        of: |settings| &settings.api,
    },
    Example {
        pointer: "/repository",
        value: "https://github.com/example/my-directory",
        of: |settings| &settings.repository,
    },
    Example {
        pointer: "/publisher/name",
        value: "Example contributors",
        of: |settings| &settings.publisher.name,
    },
    Example {
        pointer: "/publisher/email",
        value: "security@my-directory.example",
        of: |settings| &settings.publisher.email,
    },
];

/// The settings that still have their example value, as `publisher.email`.
pub(crate) fn unchanged(settings: &Settings) -> Vec<String> {
    let left = EXAMPLES
        .iter()
        .filter(|example| (example.of)(settings) == example.value);
    left.map(|example| example.pointer[1..].replace('/', "."))
        .collect()
}
