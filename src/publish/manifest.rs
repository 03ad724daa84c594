//! `manifest.json`: every published file with its size and hash, and a serial that only rises.

mod form;

use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api::json::{Style, write};
use crate::artifact::{Artifact, MediaType};
use crate::project::{Settings, SignatureEndings};
use crate::schema::Name;

pub use form::FormError;

/// The path of the manifest in `dist/`.
pub const FILE: &str = "manifest.json";

/// The list of all published files; `schemas/manifest.schema.json` describes its form.
///
/// Signatures are not in it, since they follow from it: every JSON file has one of each kind. Nor
/// is the manifest itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The address of the schema.
    #[serde(rename = "$schema")]
    pub schema: String,
    /// Rises with every change of what is published. Seconds since 1970, unless somebody chose it.
    pub serial: u64,
    /// When the data was as it is: the time of the source (RFC 3339, in UTC).
    pub time: String,
    /// The commit of the source in hexadecimal digits, where there is one.
    pub commit: Option<String>,
    /// What made it.
    pub tool: Tool,
    /// The fingerprints of the certificates by whose keys everything is signed, in upper-case
    /// hexadecimal digits. Empty for a build that nobody is to sign.
    pub keys: Vec<String>,
    /// The endings of signature files.
    pub signatures: SignatureEndings,
    /// The manifest that this one replaces.
    pub previous: Option<Predecessor>,
    /// The files, by path in byte order.
    pub files: Vec<File>,
}

/// The program that made a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The manifest before another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predecessor {
    /// Its serial.
    pub serial: u64,
    /// The SHA-256 of its bytes in lower-case hexadecimal digits.
    pub sha256: String,
}

/// One published file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its path in `dist/`, with `/` between the parts.
    pub path: String,
    /// Its size in bytes.
    pub size: usize,
    /// The SHA-256 of its bytes in lower-case hexadecimal digits.
    pub sha256: String,
    /// Its media type, as IANA registers it.
    pub media_type: String,
    /// How many sites or domains it lists, where it lists any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
}

/// Where a manifest's serial and time come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// The serial that somebody chose.
    pub serial: Option<u64>,
    /// The time of the source, in seconds since 1970.
    pub seconds: Option<u64>,
    /// The commit of the source.
    pub commit: Option<String>,
}

/// That a manifest is to be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// What the clock says, in seconds since 1970.
    pub now: u64,
}

/// How far a serial may be ahead of the clock, in seconds: a day, for clocks that are wrong.
const MOST_AHEAD: u64 = 24 * 60 * 60;

/// Whether a serial is ahead of its time. Once clients have seen it, they refuse every lower one.
pub fn is_ahead(serial: u64, now: u64) -> bool {
    serial > now.saturating_add(MOST_AHEAD)
}

/// A manifest cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
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
    /// The paths of all files that are signed: the manifest, and every JSON file in it.
    pub fn signed(&self) -> impl Iterator<Item = &str> {
        let listed = self.files.iter().filter(|file| file.is_json());
        [FILE].into_iter().chain(listed.map(|file| file.path.as_str()))
    }

    /// The paths of the two signatures of a file.
    pub fn signatures_of(&self, path: &str) -> [String; 2] {
        let SignatureEndings { detached, inline } = &self.signatures;
        [detached, inline].map(|ending| format!("{path}.{ending}"))
    }

    /// Makes the manifest of some artifacts, which comes after `previous`.
    ///
    /// Where nothing changes that the previous one says of files and keys, that one is kept byte by
    /// byte, unless somebody chose a higher serial. In a release, a changed manifest must have a
    /// serial above the previous one, and none may be ahead of the clock `now`; one that nobody is
    /// to sign, without `keys`, needs no serial.
    ///
    /// # Errors
    ///
    /// [`ManifestError`] where a release has no serial, goes back, or is ahead of its time.
    pub fn artifact(
        settings: &Settings,
        artifacts: &[Artifact],
        keys: Vec<String>,
        source: &Source,
        previous: Option<(&Self, &[u8])>,
        release: Option<Release>,
    ) -> Result<Artifact, ManifestError> {
        let serial = source.serial.or(source.seconds);
        if release.is_some() && serial.is_none() && !keys.is_empty() {
            return Err(ManifestError::NoSerial);
        }
        let serial = serial.unwrap_or_default();
        if let Some(Release { now }) = release
            && is_ahead(serial, now)
        {
            return Err(ManifestError::Ahead(serial));
        }
        let seconds = source.seconds.unwrap_or(serial);
        let time = i64::try_from(seconds).ok().and_then(|it| Timestamp::from_second(it).ok());
        let mut files: Vec<File> = artifacts.par_iter().map(File::of).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let manifest = Self {
            schema: format!("{}schemas/{}", settings.api, Name::Manifest.file()),
            serial,
            time: time.ok_or(ManifestError::Time(seconds))?.to_string(),
            commit: source.commit.clone(),
            tool: Tool::this(),
            keys,
            signatures: settings.signatures.clone(),
            previous: previous.map(|(manifest, bytes)| Predecessor {
                serial: manifest.serial,
                sha256: crate::artifact::sha256(bytes),
            }),
            files,
        };
        let is_chosen = |above: u64| source.serial.is_some_and(|serial| serial > above);
        let bytes = match previous {
            Some((previous, bytes))
                if manifest.says_the_same_as(previous) && !is_chosen(previous.serial) =>
            {
                bytes.to_owned()
            }
            Some((previous, _)) if release.is_some() && serial <= previous.serial => {
                return Err(ManifestError::NotAbove { serial, previous: previous.serial });
            }
            _ => write(&manifest, Style::Pretty)?,
        };
        Ok(Artifact::new(FILE, MediaType::Json, ABOUT, bytes))
    }

    /// Whether both speak of the same files and keys.
    fn says_the_same_as(&self, other: &Self) -> bool {
        self.schema == other.schema
            && self.keys == other.keys
            && self.signatures == other.signatures
            && self.files == other.files
    }
}

const ABOUT: &str = "Every file with its size and hash; what to verify first.";

impl Tool {
    /// This program.
    pub fn this() -> Self {
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
        }
    }

    /// Whether it is signed.
    pub fn is_json(&self) -> bool {
        self.media_type == MediaType::Json.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(
        settings: &Settings,
        text: &str,
        serial: u64,
        previous: Option<&[u8]>,
    ) -> Result<Manifest, ManifestError> {
        let file = Artifact::new("a.json", MediaType::Json, "", text.into());
        let source = Source { serial: Some(serial), ..Source::default() };
        let parsed = previous.map(|bytes| Manifest::parse(bytes).unwrap());
        let previous = parsed.as_ref().zip(previous);
        let release = Some(Release { now: 1_000_000 });
        let artifact = Manifest::artifact(settings, &[file], vec![], &source, previous, release)?;
        Ok(Manifest::parse(&artifact.bytes).unwrap())
    }

    #[test]
    fn what_is_unchanged_keeps_its_manifest_and_what_changes_must_rise() {
        let settings = Settings::default();
        let first = artifact(&settings, "[]", 10, None).unwrap();
        assert_eq!(first.time, "1970-01-01T00:00:10Z");
        let bytes = write(&first, Style::Pretty).unwrap();
        assert_eq!(artifact(&settings, "[]", 10, Some(&bytes)).unwrap(), first);
        assert_eq!(artifact(&settings, "[]", 20, Some(&bytes)).unwrap().serial, 20);
        assert_eq!(artifact(&settings, "[]", 5, Some(&bytes)).unwrap(), first);
        for serial in [9, 10] {
            let error = artifact(&settings, "{}", serial, Some(&bytes)).unwrap_err();
            assert!(matches!(error, ManifestError::NotAbove { previous: 10, .. }), "{error}");
        }
        let next = artifact(&settings, "{}", 11, Some(&bytes)).unwrap();
        let sha256 = crate::artifact::sha256(&bytes);
        assert_eq!(next.previous, Some(Predecessor { serial: 10, sha256 }));
    }
}
