//! Rules whose findings come from a stage other than the checks.

use crate::check::rule::rule;
use crate::finding::Stage;

rule! {
    /// Finds errors in `directory.toml`: invalid TOML, unknown settings, invalid values, and settings
    /// that contradict each other.
    ///
    /// ## Why
    ///
    /// tfadir cannot guess the intended setting, so it stops before it reads any entry.
    ///
    /// ## Bad
    ///
    /// ```toml
    /// nmae = "Example Directory"
    /// ```
    ///
    /// ## Good
    ///
    /// ```toml
    /// name = "Example Directory"
    /// ```
    SETTINGS = "settings", Error, Output, fix: None, Stage(Stage::Settings)
}

rule! {
    /// Finds errors in `schemas/categories.json`, the list of categories.
    ///
    /// ## Why
    ///
    /// Entries are checked against this list, and websites show the titles in it.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "email": "Email" }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "email": { "title": "Email" } }
    /// ```
    CATEGORIES = "categories", Error, Output, fix: None, Stage(Stage::Categories)
}

rule! {
    /// Finds errors in `schemas/excluded.json`, the list of sites that the directory does not accept.
    ///
    /// ## Why
    ///
    /// Contributors who add an excluded site see the reason given in this list.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "authy.com": "Provides two-factor authentication for other sites." }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "authy.com": { "reason": "Provides two-factor authentication for other sites." } }
    /// ```
    EXCLUDED = "excluded", Error, Output, fix: None, Stage(Stage::Excluded)
}

rule! {
    /// Finds templates in `templates/` that cannot be used: they cannot be read, contain a syntax
    /// error, or use an unknown variable.
    ///
    /// ## Why
    ///
    /// A page that cannot be rendered would be missing from the documentation site.
    ///
    /// ## Bad
    ///
    /// ```html
    /// <h1>{{ settings.nmae }}</h1>
    /// ```
    ///
    /// ## Good
    ///
    /// ```html
    /// <h1>{{ settings.name }}</h1>
    /// ```
    TEMPLATES = "templates", Error, Output, fix: None, Stage(Stage::Templates)
}

rule! {
    /// Reports a bug in tfadir: a rule crashed while it checked a file, or an entry cannot be published
    /// and no rule reports why. The other rules and files are still checked, and the command exits with code 2.
    ///
    /// ## Why
    ///
    /// A rule that crashed may have missed an error, and an invalid entry would be left out, so nothing is published.
    ///
    /// ## Bad
    ///
    /// A file that reveals such a bug. Report it, and attach the file.
    ///
    /// ## Good
    ///
    /// Any other file.
    INTERNAL_ERROR = "internal-error", Error, Output, fix: None, Stage(Stage::InternalError)
}

rule! {
    /// Finds builds with a manifest that cannot be trusted: it contains no key, contains only keys that
    /// are not trusted, or has a serial below `--after`. A second key that was not verified is a note.
    ///
    /// ## Why
    ///
    /// The manifest says which keys signed the build, and when. An attacker who serves an old build can
    /// hide later changes.
    ///
    /// ## Bad
    ///
    /// A build from last year, served again.
    ///
    /// ## Good
    ///
    /// The latest build, signed with the publisher's key.
    MANIFEST = "manifest", Error, Output, fix: None, Stage(Stage::Manifest)
}

rule! {
    /// Finds signatures that are not valid, or that were not made with a trusted key.
    ///
    /// ## Why
    ///
    /// Without a valid signature, anyone could have written the data.
    ///
    /// ## Bad
    ///
    /// `v3/all.json` was edited after it was signed.
    ///
    /// ## Good
    ///
    /// `v3/all.json`, `v3/all.json.sig` and `v3/all.json.gpg` come from the same build.
    SIGNATURE = "signature", Error, Output, fix: None, Stage(Stage::Signature)
}

rule! {
    /// Finds files that the manifest lists but the build does not contain.
    ///
    /// ## Why
    ///
    /// Clients that request the file get an error.
    ///
    /// ## Bad
    ///
    /// Only part of `dist/` was uploaded.
    ///
    /// ## Good
    ///
    /// All of `dist/` was uploaded.
    MISSING_FILE = "missing-file", Error, Output, fix: None, Stage(Stage::MissingFile)
}

rule! {
    /// Finds files with a size or SHA-256 hash that differs from the manifest.
    ///
    /// ## Why
    ///
    /// The file was changed after the build, or comes from another build.
    ///
    /// ## Bad
    ///
    /// A file in `dist/` that was edited by hand.
    ///
    /// ## Good
    ///
    /// A file in `dist/` exactly as `tfadir build` wrote it.
    ALTERED_FILE = "altered-file", Error, Output, fix: None, Stage(Stage::AlteredFile)
}

rule! {
    /// Finds files that the manifest does not list.
    ///
    /// ## Why
    ///
    /// Nothing protects such a file, so it could be anything.
    ///
    /// ## Bad
    ///
    /// A new build was copied over an old one, and files of the old one are left.
    ///
    /// ## Good
    ///
    /// A folder that contains one build and nothing else.
    EXTRA_FILE = "extra-file", Error, Output, fix: None, Stage(Stage::ExtraFile)
}
