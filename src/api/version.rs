//! What an API version is.

use serde_json::Value;

use super::validate::FileValidator;
use crate::artifact::Artifact;
use crate::failure::Result;
use crate::json_text::Style;
use crate::schema::EmbeddedSchema;
use crate::source::Entry;

/// One version of the API. The rest of tfadir uses versions only through this trait.
pub(crate) trait Version: Sync {
    /// The number; the files are published under `v` and the number.
    fn number(&self) -> u64;

    /// The format of the files, in one sentence for the documentation.
    fn form(&self) -> &'static str;

    /// The elements of a list: `sites` or `domains`.
    fn unit(&self) -> &'static str;

    /// The schema of the files. The fields of an entry are described at `/$defs/entry`.
    fn schema(&self) -> EmbeddedSchema;

    /// The part of the schema that describes a file, as a JSON pointer. `file` is its name without
    /// extension.
    fn schema_part(&self, file: &str) -> &'static str;

    /// The parts of the schema that [`Self::emit`] validates, as JSON pointers.
    fn validated_parts(&self) -> &'static [&'static str];

    /// The files, in the order of the documentation. Every file exists in every build, even if it
    /// lists no entry. `all.json` has examples.
    ///
    /// # Errors
    ///
    /// If a file violates the schema.
    fn emit(&self, input: &VersionInput<'_>) -> Result<Vec<Artifact>>;

    /// The file that holds every field of every entry.
    fn complete(&self) -> Option<CompleteFile> {
        None
    }

    /// What else changes for programs that move to the newest version, in Markdown. Which files and
    /// fields differ is known.
    fn migration(&self) -> Option<&'static str> {
        None
    }

    /// The file in which a domain is a key, for clients that look one up; a path in `dist/`.
    fn lookup(&self) -> Option<&'static str> {
        None
    }
}

/// The path in `dist/` of a file that holds everything, and what reads the entries from its value.
pub(crate) type CompleteFile = (&'static str, fn(Value) -> Option<Vec<Entry>>);

/// What a version is built from.
#[derive(Debug)]
pub(crate) struct VersionInput<'i> {
    /// The entries, in the order of their files.
    pub(crate) entries: &'i [Entry],
    /// The validators of [`Version::validated_parts`], in their order.
    pub(crate) validators: &'i [FileValidator],
    /// The layout of the JSON.
    pub(crate) style: Style,
}
