//! `manifest.json`: every published file with its size and hash, and a serial that only rises.

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::path::{Component, Path};

use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::marker;
use crate::api::json::{Style, write};
use crate::artifact::{Artifact, MediaType};
use crate::project::{Settings, SignatureEndings};
use crate::schema::Name;

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
         help: build in a git repository, or name one with --serial"
    )]
    NoSerial,
    /// Its time is beyond all calendars.
    #[error("the time {0} is too far away\nhelp: check SOURCE_DATE_EPOCH and --serial")]
    Time(u64),
    /// It cannot be written.
    #[error("cannot write the manifest: {0}\nhelp: please report this")]
    Json(#[from] serde_json::Error),
}

/// Some bytes are no manifest. The text goes on after the file's name.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// No JSON, or of another form.
    #[error("is no manifest: {0}")]
    Json(#[from] serde_json::Error),
    /// A path that would lead elsewhere, or twice to one place.
    #[error("is no manifest: it names the path {}", crate::wording::quote(.0))]
    Path(String),
    /// Endings that would lead elsewhere, or both to one place.
    #[error(
        "is no manifest: signatures cannot end in {} and {}",
        crate::wording::quote(.0), crate::wording::quote(.1)
    )]
    Endings(String, String),
    /// A member that says what it cannot mean.
    #[error("is no manifest: its member `{0}` holds {value}", value = crate::wording::quote(.1))]
    Member(&'static str, String),
    /// A signature without what it signs.
    #[error("is a detached signature, which holds no manifest")]
    Detached,
}

impl Manifest {
    /// Reads a manifest. Every path in it, also that of a signature, is relative, stays inside of
    /// its folder, and is the only one of its name.
    ///
    /// # Errors
    ///
    /// [`FormError`] where it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormError> {
        let manifest: Self = serde_json::from_slice(bytes)?;
        let SignatureEndings { detached, inline } = &manifest.signatures;
        if !is_ending(detached) || !is_ending(inline) || detached == inline {
            return Err(FormError::Endings(detached.clone(), inline.clone()));
        }
        if let Some((name, value)) = manifest.malformed() {
            return Err(FormError::Member(name, value.clone()));
        }
        let signatures = manifest.signed().flat_map(|path| manifest.signatures_of(path));
        let mut seen: HashSet<String> =
            [FILE, marker::FILE].into_iter().map(str::to_owned).chain(signatures).collect();
        let mut is_bad = |path: &String| !stays_inside(path) || !seen.insert(path.clone());
        match manifest.files.iter().map(|file| &file.path).find(|path| is_bad(path)) {
            Some(path) => Err(FormError::Path(path.clone())),
            None => Ok(manifest),
        }
    }

    /// A member that has not the form that the schema gives it; programs show and compare them.
    fn malformed(&self) -> Option<(&'static str, &String)> {
        let is_hex = |text: &str, lengths: RangeInclusive<usize>, is_digit: fn(u8) -> bool| {
            lengths.contains(&text.len()) && text.bytes().all(is_digit)
        };
        let lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let upper = |byte: u8| matches!(byte, b'0'..=b'9' | b'A'..=b'F');
        let is_time = self.time.parse::<Timestamp>().is_ok();
        let commit = self.commit.as_ref().filter(|it| !is_hex(it, 40..=64, lower));
        let key = self.keys.iter().find(|it| !is_hex(it, 40..=40, upper));
        let texts = [&self.tool.name, &self.tool.version];
        let text = texts.into_iter().find(|it| it.contains(char::is_control));
        let schema = Some(&self.schema).filter(|it| it.contains(char::is_control));
        let time = (!is_time).then_some(("time", &self.time));
        time.or(commit.map(|it| ("commit", it)))
            .or(key.map(|it| ("keys", it)))
            .or(text.map(|it| ("tool", it)))
            .or(schema.map(|it| ("$schema", it)))
    }

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
    /// byte. Otherwise the new serial must be above the previous one, if this is a release.
    ///
    /// # Errors
    ///
    /// [`ManifestError`] where a release has no serial or goes back.
    pub fn artifact(
        settings: &Settings,
        artifacts: &[Artifact],
        keys: Vec<String>,
        source: &Source,
        previous: Option<(&Self, &[u8])>,
        is_release: bool,
    ) -> Result<Artifact, ManifestError> {
        let serial = source.serial.or(source.seconds);
        if is_release && serial.is_none() {
            return Err(ManifestError::NoSerial);
        }
        let serial = serial.unwrap_or_default();
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
        let bytes = match previous {
            Some((previous, bytes)) if manifest.says_the_same_as(previous) => bytes.to_owned(),
            Some((previous, _)) if is_release && serial <= previous.serial => {
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

/// Whether an ending has the form that the settings allow.
fn is_ending(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    matches!(text.len(), 1..=8) && text.bytes().all(is_plain)
}

fn stays_inside(path: &str) -> bool {
    // A control character could end a line of the list that a build leaves.
    let is_bad = |char: char| char == '\\' || char.is_control();
    let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(is_bad);
    let is_normal = |component| matches!(component, Component::Normal(_));
    path.split('/').all(is_plain) && Path::new(path).components().all(is_normal)
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
        let artifact = Manifest::artifact(settings, &[file], vec![], &source, previous, true)?;
        Ok(Manifest::parse(&artifact.bytes).unwrap())
    }

    #[test]
    fn what_is_unchanged_keeps_its_manifest_and_what_changes_must_rise() {
        let settings = Settings::default();
        let first = artifact(&settings, "[]", 10, None).unwrap();
        assert_eq!(first.time, "1970-01-01T00:00:10Z");
        let bytes = write(&first, Style::Pretty).unwrap();
        assert_eq!(artifact(&settings, "[]", 20, Some(&bytes)).unwrap(), first);
        assert_eq!(artifact(&settings, "[]", 5, Some(&bytes)).unwrap(), first);
        for serial in [9, 10] {
            let error = artifact(&settings, "{}", serial, Some(&bytes)).unwrap_err();
            assert!(matches!(error, ManifestError::NotAbove { previous: 10, .. }), "{error}");
        }
        let next = artifact(&settings, "{}", 11, Some(&bytes)).unwrap();
        let sha256 = crate::artifact::sha256(&bytes);
        assert_eq!(next.previous, Some(Predecessor { serial: 10, sha256 }));
    }

    #[test]
    fn a_manifest_that_leads_out_of_its_folder_is_none() {
        let manifest = artifact(&Settings::default(), "[]", 1, None).unwrap();
        for path in ["../x", "/etc/passwd", "a/../../x", "", "a\\b", "./a.json", "a//b", "a/"] {
            let mut manifest = manifest.clone();
            manifest.files[0].path = path.to_owned();
            let bytes = write(&manifest, Style::Compact).unwrap();
            assert!(Manifest::parse(&bytes).is_err(), "{path}");
        }
        let mut twice = manifest.clone();
        twice.files.push(manifest.files[0].clone());
        assert!(Manifest::parse(&write(&twice, Style::Compact).unwrap()).is_err());
    }
}
