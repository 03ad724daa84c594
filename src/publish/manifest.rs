//! `manifest.json`: every published file with its size and hash, and a serial that only rises.

mod form;

use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::artifact::{Artifact, MediaType};
use crate::directory::{Settings, SignatureEndings};
use crate::json_text::{Style, write};
use crate::schema;

pub(crate) use form::FormError;

/// The path of the manifest in `dist/`.
pub(crate) const FILE: &str = "manifest.json";

/// The list of all published files; `schemas/manifest.schema.json` describes its form.
///
/// Signatures are not in it, since they follow from it: every JSON file has one of each kind. Nor
/// is the manifest itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The address of the schema.
    #[serde(rename = "$schema")]
    pub(crate) schema: String,
    /// Rises with every change of what is published. Seconds since 1970, unless somebody chose it.
    pub(crate) serial: u64,
    /// When the data was as it is: the time of the source (RFC 3339, in UTC).
    pub(crate) time: String,
    /// The commit of the source in hexadecimal digits, where there is one.
    pub(crate) commit: Option<String>,
    /// What made it.
    pub(crate) tool: Tool,
    /// The fingerprints of the certificates by whose keys everything is signed, in upper-case
    /// hexadecimal digits. Empty for a build that nobody is to sign.
    pub(crate) keys: Vec<String>,
    /// The endings of signature files.
    pub(crate) signatures: SignatureEndings,
    /// The manifest that this one replaces.
    pub(crate) previous: Option<Predecessor>,
    /// The files, by path in byte order.
    pub(crate) files: Vec<File>,
}

/// The program that made a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tool {
    /// Its name.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
}

/// The manifest before another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Predecessor {
    /// Its serial.
    pub(crate) serial: u64,
    /// The SHA-256 of its bytes in lower-case hexadecimal digits.
    pub(crate) sha256: String,
}

/// One published file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    /// Its path in `dist/`, with `/` between the parts.
    pub(crate) path: String,
    /// Its size in bytes.
    pub(crate) size: usize,
    /// The SHA-256 of its bytes in lower-case hexadecimal digits.
    pub(crate) sha256: String,
    /// Its media type, as IANA registers it.
    pub(crate) media_type: String,
    /// How many sites or domains it lists, where it lists any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<usize>,
    /// `false` for a JSON file without signatures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signed: Option<bool>,
}

/// Where a manifest's serial and time come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Source {
    /// The serial that somebody chose.
    pub(crate) serial: Option<u64>,
    /// The time of the source, in seconds since 1970.
    pub(crate) seconds: Option<u64>,
    /// The commit of the source.
    pub(crate) commit: Option<String>,
}

/// How far a serial may be ahead of the clock, in seconds: a day, for clocks that are wrong.
const MAX_AHEAD: u64 = 24 * 60 * 60;

/// Whether a serial is ahead of its time. Once clients have seen it, they refuse every lower one.
pub(crate) fn is_ahead(serial: u64, now: u64) -> bool {
    serial > now.saturating_add(MAX_AHEAD)
}

/// A manifest cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ManifestError {
    /// It would go back.
    #[error(
        "what is published changes, but its serial {serial} is not above the previous one, {previous}\n\
         help: clients refuse what goes back; commit the change, or set a later SOURCE_DATE_EPOCH or \
         --serial"
    )]
    NotAbove {
        /// The serial of what was built.
        serial: u64,
        /// The serial of what is published.
        previous: u64,
    },
    /// There is nothing to take the serial from.
    #[error(
        "a release needs a serial, and there is neither a commit nor SOURCE_DATE_EPOCH to take it from\n\
         help: build in a git repository that `git log` can read, or name one with --serial"
    )]
    NoSerial,
    /// It would keep clients from every later one.
    #[error(
        "the serial {0} is more than a day ahead of the clock\n\
         help: clients that have seen it would refuse every release with a lower one; check \
         SOURCE_DATE_EPOCH, --serial, the time of the commit, and the clock"
    )]
    Ahead(u64),
    /// Its time is beyond all calendars.
    #[error("the time {0} is too far away\nhelp: check SOURCE_DATE_EPOCH and --serial")]
    Time(u64),
    /// It cannot be written.
    #[error("cannot write the manifest: {0}\nhelp: please report this")]
    Json(#[from] serde_json::Error),
}

impl Manifest {
    /// The paths of all files that are signed: the manifest, and the JSON files in it.
    pub(crate) fn signed(&self) -> impl Iterator<Item = &str> {
        let listed = self.files.iter().filter(|file| file.is_signed());
        [FILE].into_iter().chain(listed.map(|file| file.path.as_str()))
    }

    /// The paths of the two signatures of a file.
    pub(crate) fn signatures_of(&self, path: &str) -> [String; 2] {
        let SignatureEndings { detached, inline, .. } = &self.signatures;
        [detached, inline].map(|ending| format!("{path}.{ending}"))
    }

    /// The manifest of some artifacts, the first of its line. `keys` are the fingerprints of the
    /// certificates of those who sign, in upper-case hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`ManifestError::Time`] where its time is in no calendar.
    pub(crate) fn of(
        settings: &Settings,
        artifacts: &[Artifact],
        keys: Vec<String>,
        source: &Source,
    ) -> Result<Self, ManifestError> {
        let serial = source.serial().unwrap_or_default();
        let seconds = source.seconds.unwrap_or(serial);
        let time = i64::try_from(seconds).ok().and_then(|it| Timestamp::from_second(it).ok());
        let mut files: Vec<File> = artifacts.par_iter().map(File::of).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self {
            schema: format!("{}schemas/{}", settings.api, schema::MANIFEST.file),
            serial,
            time: time.ok_or(ManifestError::Time(seconds))?.to_string(),
            commit: source.commit.clone(),
            tool: Tool::this(),
            keys,
            signatures: settings.signatures.clone(),
            previous: None,
            files,
        })
    }

    /// What is published after another manifest, given with its bytes: that one itself, where nothing
    /// has changed of files and keys and nobody chose a higher serial; or else this one, which names
    /// it.
    pub(crate) fn after(self, previous: &Self, bytes: &[u8], is_serial_chosen: bool) -> Succession {
        let is_raised = is_serial_chosen && self.serial > previous.serial;
        if self.says_the_same_as(previous) && !is_raised {
            return Succession::Kept(bytes.to_owned());
        }
        let sha256 = crate::artifact::sha256(bytes);
        let predecessor = Predecessor { serial: previous.serial, sha256 };
        Succession::New(Box::new(Self { previous: Some(predecessor), ..self }))
    }

    /// The file.
    ///
    /// # Errors
    ///
    /// [`ManifestError::Json`], to which nothing in a root leads.
    pub(crate) fn artifact(&self) -> Result<Artifact, ManifestError> {
        Ok(artifact(write(self, Style::Pretty)?))
    }

    /// Whether both speak of the same files and keys.
    fn says_the_same_as(&self, other: &Self) -> bool {
        self.schema == other.schema
            && self.keys == other.keys
            && self.signatures == other.signatures
            && self.files == other.files
    }
}

fn artifact(bytes: Vec<u8>) -> Artifact {
    Artifact::new(FILE, MediaType::Json, "Every file with its size and hash.", bytes)
}

/// What is published after a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Succession {
    /// The same again, as these bytes.
    Kept(Vec<u8>),
    /// Another one.
    New(Box<Manifest>),
}

impl Succession {
    /// Refuses what clients would refuse: a serial that does not rise.
    ///
    /// # Errors
    ///
    /// [`ManifestError::NotAbove`].
    pub(crate) fn for_release(self) -> Result<Self, ManifestError> {
        match &self {
            Self::New(manifest) => match &manifest.previous {
                Some(previous) if manifest.serial <= previous.serial => {
                    let (serial, previous) = (manifest.serial, previous.serial);
                    Err(ManifestError::NotAbove { serial, previous })
                }
                _ => Ok(self),
            },
            Self::Kept(_) => Ok(self),
        }
    }

    /// The file.
    ///
    /// # Errors
    ///
    /// As for [`Manifest::artifact`].
    pub(crate) fn artifact(self) -> Result<Artifact, ManifestError> {
        match self {
            Self::Kept(bytes) => Ok(artifact(bytes)),
            Self::New(manifest) => manifest.artifact(),
        }
    }
}

impl Source {
    /// The serial that somebody chose, or else the time.
    pub(crate) fn serial(&self) -> Option<u64> {
        self.serial.or(self.seconds)
    }

    /// Refuses what must not be signed for publication, at the time `now` in seconds since 1970: no
    /// serial, or one ahead of its time.
    ///
    /// # Errors
    ///
    /// [`ManifestError::NoSerial`] and [`ManifestError::Ahead`].
    pub(crate) fn for_release(&self, now: u64) -> Result<(), ManifestError> {
        match self.serial() {
            None => Err(ManifestError::NoSerial),
            Some(serial) if is_ahead(serial, now) => Err(ManifestError::Ahead(serial)),
            Some(_) => Ok(()),
        }
    }
}

impl Tool {
    /// This program.
    pub(crate) fn this() -> Self {
        let [name, version] = [env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")];
        Self { name: name.to_owned(), version: version.to_owned() }
    }
}

impl File {
    fn of(artifact: &Artifact) -> Self {
        Self {
            path: artifact.path.clone(),
            size: artifact.bytes.len(),
            sha256: artifact.sha256().to_owned(),
            media_type: artifact.media_type.name().to_owned(),
            count: artifact.count,
            signed: (artifact.media_type == MediaType::Json && !artifact.is_signed)
                .then_some(false),
        }
    }

    /// Whether it has signatures in a signed build.
    pub(crate) fn is_signed(&self) -> bool {
        self.is_json() && self.signed != Some(false)
    }

    fn is_json(&self) -> bool {
        self.media_type == MediaType::Json.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str, serial: u64) -> Manifest {
        let file = Artifact::new("a.json", MediaType::Json, "", text.into());
        let source = Source { serial: Some(serial), ..Source::default() };
        Manifest::of(&Settings::default(), &[file], vec![], &source).unwrap()
    }

    #[test]
    fn what_is_unchanged_keeps_its_manifest_and_what_changes_must_rise() {
        let first = manifest("[]", 10);
        assert_eq!(first.time, "1970-01-01T00:00:10Z");
        let bytes = first.artifact().unwrap().bytes;
        let after = |text, serial, is_chosen| {
            manifest(text, serial).after(&first, &bytes, is_chosen).for_release()
        };
        let kept = Succession::Kept(bytes.clone());
        for (serial, is_chosen) in [(5, true), (10, true), (20, false)] {
            assert_eq!(after("[]", serial, is_chosen).unwrap(), kept);
        }
        for serial in [9, 10] {
            let error = after("{}", serial, false).unwrap_err();
            assert!(matches!(error, ManifestError::NotAbove { previous: 10, .. }), "{error}");
        }
        let sha256 = crate::artifact::sha256(&bytes);
        let predecessor = Some(Predecessor { serial: 10, sha256 });
        for (text, serial, is_chosen) in [("{}", 11, false), ("[]", 20, true)] {
            let Succession::New(next) = after(text, serial, is_chosen).unwrap() else {
                panic!("{text} {serial} is kept");
            };
            assert_eq!((next.serial, &next.previous), (serial, &predecessor));
        }
    }

    #[test]
    fn a_release_needs_a_serial_that_is_not_ahead_of_its_time() {
        let of = |serial| Source { serial, ..Source::default() };
        assert!(matches!(of(None).for_release(0), Err(ManifestError::NoSerial)));
        of(Some(MAX_AHEAD)).for_release(0).unwrap();
        assert!(matches!(of(Some(MAX_AHEAD + 1)).for_release(0), Err(ManifestError::Ahead(_))));
    }
}
