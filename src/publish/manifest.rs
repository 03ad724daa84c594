//! `manifest.json`: every published file with its size and hash, and a serial that only increases.

mod form;

use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::artifact::{Artifact, MediaType, sha256};
use crate::directory::{Settings, SignatureExtensions};
use crate::failure::{Result, fail, failure};
use crate::publish::found::Verified;
use crate::schema;
use crate::text::count;

/// The path of the manifest in `dist/`.
pub(crate) const FILE: &str = "manifest.json";

/// The maximum size of a manifest, in bytes: some 80,000 files. Larger ones take minutes and gigabytes to
/// verify.
pub(crate) const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The list of all published files, as `schemas/manifest.schema.json` describes it.
///
/// It does not list itself or the signatures: every JSON file has one of each kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The URL of the schema.
    #[serde(rename = "$schema")]
    pub(crate) schema: String,
    /// Increases with every change of the published files. In seconds since 1970 by default.
    pub(crate) serial: u64,
    /// The time of the source (RFC 3339, in UTC).
    pub(crate) time: String,
    /// The commit of the source in hexadecimal digits, if there is one.
    pub(crate) commit: Option<String>,
    pub(crate) tool: Tool,
    /// The fingerprints of the certificates whose keys sign everything, in upper-case hexadecimal
    /// digits. Empty for a build that will not be signed.
    pub(crate) keys: Vec<String>,
    pub(crate) signatures: SignatureExtensions,
    /// The manifest that this one replaces.
    pub(crate) previous: Option<Predecessor>,
    /// The files, by path in byte order.
    pub(crate) files: Vec<File>,
}

/// The program that wrote a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Predecessor {
    pub(crate) serial: u64,
    /// The SHA-256 of its bytes, in lower-case hexadecimal digits.
    pub(crate) sha256: String,
}

/// One published file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    /// Its path in `dist/`, with `/` as the separator.
    pub(crate) path: String,
    /// The size in bytes.
    pub(crate) size: usize,
    /// The SHA-256 in lower-case hexadecimal digits.
    pub(crate) sha256: String,
    pub(crate) media_type: String,
    /// How many sites or domains it lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<usize>,
    /// `false` for a JSON file without signatures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signed: Option<bool>,
}

/// Where a manifest's serial and time come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Source {
    /// The serial that the user chose.
    pub(crate) serial: Option<u64>,
    /// The time of the source, in seconds since 1970.
    pub(crate) seconds: Option<u64>,
    pub(crate) commit: Option<String>,
}

/// Where a serial comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serial {
    /// From the time of the source.
    OfSource,
    /// The user chose it.
    Chosen,
}

/// How far a serial may be ahead of the clock: a day, to tolerate inaccurate clocks.
const MAX_AHEAD_SECONDS: u64 = 24 * 60 * 60;

/// Refuses a serial that is too far in the future. Clients that saw it would refuse every lower one.
pub(crate) fn refuse_ahead(serial: u64, now: u64) -> Result<()> {
    if serial > now.saturating_add(MAX_AHEAD_SECONDS) {
        fail!(
            "the serial {serial} is more than a day ahead of the clock";
            help: "clients that saw it would refuse every release with a lower one; check \
                   SOURCE_DATE_EPOCH, --serial, the time of the commit, and the clock"
        );
    }
    Ok(())
}

impl Manifest {
    /// The paths of all files that are signed: the manifest, and the JSON files in it.
    pub(crate) fn signed(&self) -> impl Iterator<Item = &str> {
        let listed = self.files.iter().filter(|file| file.is_signed());
        [FILE]
            .into_iter()
            .chain(listed.map(|file| file.path.as_str()))
    }

    /// Whether a file with these bytes is listed at a path.
    pub(crate) fn has(&self, path: &str, bytes: &[u8]) -> bool {
        let sha256 = sha256(bytes);
        self.files
            .iter()
            .any(|file| file.path == path && file.sha256 == sha256)
    }

    /// The paths of the two signatures of a file.
    pub(crate) fn signatures_of(&self, path: &str) -> [String; 2] {
        let SignatureExtensions {
            detached, inline, ..
        } = &self.signatures;
        [detached, inline].map(|extension| format!("{path}.{extension}"))
    }

    /// A manifest of artifacts, without a predecessor. `keys` are the fingerprints of the
    /// signers' certificates, in upper-case hexadecimal digits.
    pub(crate) fn of(
        settings: &Settings,
        artifacts: &[Artifact],
        keys: Vec<String>,
        source: &Source,
    ) -> Result<Self> {
        let serial = source.serial().unwrap_or_default();
        let seconds = source.seconds.unwrap_or(serial);
        let time = i64::try_from(seconds)
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        let Some(time) = time else {
            fail!(
                "the time {seconds} is not a date";
                help: "check SOURCE_DATE_EPOCH and --serial"
            );
        };
        let mut files: Vec<File> = artifacts.par_iter().map(File::of).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self {
            schema: format!("{}schemas/{}", settings.api, schema::MANIFEST.file),
            serial,
            time: time.to_string(),
            commit: source.commit.clone(),
            tool: Tool::this(),
            keys,
            signatures: settings.signatures.clone(),
            previous: None,
            files,
        })
    }

    /// The successor of a published manifest. `None` if the
    /// published manifest is kept: files and keys are the same, and the user chose no higher
    /// serial.
    pub(crate) fn after(self, previous: &Verified<Self>, serial: Serial) -> Option<Self> {
        let is_same = self.schema == previous.schema
            && self.keys == previous.keys
            && self.signatures == previous.signatures
            && self.files == previous.files;
        let is_raised = serial == Serial::Chosen && self.serial > previous.serial;
        if is_same && !is_raised {
            return None;
        }
        Some(Self {
            previous: Some(Predecessor {
                serial: previous.serial,
                sha256: sha256(previous.bytes()),
            }),
            ..self
        })
    }

    /// Refuses signature files with other extensions than in the previous release: clients ask for
    /// the old names, and each can read one kind only.
    pub(crate) fn with_extensions_of(&self, previous: &Verified<Self>) -> Result<()> {
        let (now, before) = (self.signatures.pair(), previous.signatures.pair());
        let kinds = ["detached signature", "signed message"];
        let mut changes = Vec::new();
        for kind in 0..2 {
            let (extension, expected, other) = (before[kind], kinds[kind], kinds[1 - kind]);
            if now[kind] == extension {
                continue;
            }
            changes.push(match now[1 - kind] == extension {
                true => format!(
                    "clients that download .json.{extension} expect a {expected} and get a {other}"
                ),
                false => {
                    format!("clients that download .json.{extension}, a {expected}, find no file")
                }
            });
        }
        if !changes.is_empty() {
            let [detached, inline] = before;
            fail!(
                "the file extensions of signatures differ from those of the previous release: {}",
                changes.join("; ");
                help: "set `detached = \"{detached}\"` and `inline = \"{inline}\"` under \
                       `[signatures]` in directory.toml, or pass --change-extensions to break these \
                       clients"
            );
        }
        Ok(())
    }

    /// Refuses a serial that does not increase, because clients would refuse it.
    pub(crate) fn for_release(&self) -> Result<()> {
        let serial = self.serial;
        if let Some(previous) = &self.previous
            && serial <= previous.serial
        {
            fail!(
                "files have changed, but the serial {serial} is not above the published one, {}",
                previous.serial;
                help: "clients refuse a serial that does not increase; commit the change, or set \
                       a later SOURCE_DATE_EPOCH or --serial";
                help: "in CI, the same commit gives other files if a template, a key or tfadir \
                       itself changes; run the job on a new commit (`git commit --allow-empty`), \
                       or with --serial \"$(date +%s)\""
            );
        }
        Ok(())
    }

    pub(crate) fn artifact(&self) -> Result<Artifact> {
        let text = serde_json::to_vec_pretty(self);
        let bug =
            |error| failure!("cannot write the manifest: {error}"; help: "please report this");
        let bytes = text.map_err(bug)?;
        if bytes.len() > MAX_BYTES {
            fail!(
                "the manifest of {} would be larger than 16 MiB, more than `tfadir verify` reads",
                count(self.files.len(), "file", "files");
                help: "publish fewer files"
            );
        }
        Ok(artifact(bytes))
    }
}

/// The file with the bytes of a manifest.
pub(crate) fn artifact(bytes: Vec<u8>) -> Artifact {
    Artifact::new(
        FILE,
        MediaType::Json,
        "Every file with its size and hash.",
        bytes,
    )
}

impl Source {
    fn serial(&self) -> Option<u64> {
        self.serial.or(self.seconds)
    }

    /// Refuses a release without a serial or with one too far ahead of `now`, in seconds since
    /// 1970.
    pub(crate) fn for_release(&self, now: u64) -> Result<()> {
        let Some(serial) = self.serial() else {
            fail!(
                "a release needs a serial, but there is no git commit and no SOURCE_DATE_EPOCH to \
                 take it from";
                help: "build in a git repository that `git log` can read, or set one with --serial"
            );
        };
        refuse_ahead(serial, now)
    }
}

impl Tool {
    pub(crate) fn this() -> Self {
        let [name, version] = [env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")];
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
        }
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
        let source = Source {
            serial: Some(serial),
            ..Source::default()
        };
        Manifest::of(&Settings::default(), &[file], vec![], &source).unwrap()
    }

    #[test]
    fn unchanged_files_keep_their_manifest_and_changed_ones_need_a_higher_serial() {
        let first = manifest("[]", 10);
        assert_eq!(first.time, "1970-01-01T00:00:10Z");
        let bytes = first.artifact().unwrap().bytes;
        let first = Verified::assumed(first, bytes.clone());
        let after = |text, serial, origin| manifest(text, serial).after(&first, origin);
        for (serial, origin) in [
            (5, Serial::Chosen),
            (10, Serial::Chosen),
            (20, Serial::OfSource),
        ] {
            assert_eq!(after("[]", serial, origin), None);
        }
        for serial in [9, 10] {
            let error = after("{}", serial, Serial::OfSource)
                .unwrap()
                .for_release()
                .unwrap_err();
            assert!(
                error.to_string().ends_with("the published one, 10"),
                "{error}"
            );
        }
        let sha256 = sha256(&bytes);
        let predecessor = Some(Predecessor { serial: 10, sha256 });
        for (text, serial, origin) in [("{}", 11, Serial::OfSource), ("[]", 20, Serial::Chosen)] {
            let next = after(text, serial, origin).unwrap();
            next.for_release().unwrap();
            assert_eq!((next.serial, &next.previous), (serial, &predecessor));
        }
    }

    #[test]
    fn a_release_needs_a_serial_that_is_not_in_the_future() {
        let of = |serial| Source {
            serial,
            ..Source::default()
        };
        let refused = |serial| of(serial).for_release(0).unwrap_err().to_string();
        assert!(refused(None).contains("needs a serial"));
        of(Some(MAX_AHEAD_SECONDS)).for_release(0).unwrap();
        assert!(refused(Some(MAX_AHEAD_SECONDS + 1)).contains("ahead of the clock"));
    }
}
