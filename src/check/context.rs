//! The input of the rules.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::address::{Hosts, is_label};
use crate::directory::{Allowance, Directory};
use crate::schema::Violation;
use crate::source::{self, Content, Domain, Entry, Kind, Location, Parsed, SourceFile, URL_FIELDS};

/// One file.
#[derive(Debug)]
pub(crate) struct FileContext<'c> {
    pub(crate) file: &'c SourceFile,
    /// `None` for an icon.
    pub(crate) content: Option<&'c Content>,
    /// All violations of the entry schema. Several rules share them.
    pub(crate) violations: &'c [Violation],
}

impl FileContext<'_> {
    pub(crate) fn parsed(&self) -> Option<&Parsed> {
        self.content?.as_ref().ok()
    }

    pub(crate) fn value(&self) -> Option<&Value> {
        self.parsed().map(|parsed| &parsed.value)
    }

    /// Why the file could not be read.
    pub(crate) fn unread(&self) -> Option<&source::FileProblem> {
        self.file.problem.as_ref()
    }

    pub(crate) fn is_icon(&self) -> bool {
        self.file.kind == Kind::Icon
    }
}

/// One file with one site, which may violate the entry schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntryContext<'c> {
    pub(crate) file: &'c SourceFile,
    pub(crate) entry: &'c Entry,
    /// Whether it is valid against the entry schema.
    pub(crate) is_valid: bool,
    pub(crate) directory: &'c Directory,
}

impl<'c> EntryContext<'c> {
    pub(crate) fn name_of(&self, field: &str) -> Location {
        Location::Name(self.entry.pointer_to(field))
    }

    pub(crate) fn value_of(&self, field: &str) -> Location {
        Location::Value(self.entry.pointer_to(field))
    }

    /// A string in `contact`.
    pub(crate) fn contact(&self, field: &str) -> Option<&'c str> {
        self.entry
            .fields
            .get("contact")?
            .as_object()?
            .get(field)?
            .as_str()
    }

    /// All URLs, each with the pointer to it from the entry.
    pub(crate) fn urls(&self) -> impl Iterator<Item = (&'static str, &'c str)> {
        let entry = self.entry;
        let own = URL_FIELDS
            .into_iter()
            .filter_map(|field| Some((field, entry.text(field)?)));
        own.chain(self.contact("form").map(|form| ("contact/form", form)))
    }

    /// The main domain, if it is a hostname.
    pub(crate) fn domain(&self) -> Option<&'c str> {
        let domain = self.entry.domain();
        self.is_host(domain).then_some(domain)
    }

    /// The main and additional domains that are hostnames.
    pub(crate) fn domains(&self) -> impl Iterator<Item = Domain<'c>> + use<'c> {
        let context = *self;
        let domains = self.entry.domains();
        domains.filter(move |domain| context.is_host(domain.name))
    }

    /// The hosts that the directory may list.
    pub(crate) fn hosts(&self) -> Hosts {
        self.directory.hosts()
    }

    fn is_host(&self, domain: &str) -> bool {
        self.is_valid || is_host_name(domain, self.hosts())
    }

    /// The expected path of the entry of a domain, relative to the root.
    pub(crate) fn home(&self, domain: &str) -> PathBuf {
        self.directory.home(domain)
    }

    pub(crate) fn location_of(&self, domain: Domain<'_>) -> Location {
        Location::Value(domain.pointer(self.entry))
    }
}

/// Whether a string is a hostname as the entry schema defines it, and so safe in a path.
pub(crate) fn is_host_name(text: &str, hosts: Hosts) -> bool {
    text.len() <= 253 && hosts.accept(text) && text.split('.').all(is_label)
}

#[derive(Debug)]
pub(crate) struct IconContext<'c> {
    pub(crate) file: &'c SourceFile,
    pub(crate) image: &'c Image<'c>,
}

/// The contents of an icon.
#[derive(Debug)]
pub(crate) enum Image<'c> {
    /// The icon could not be read; rules about files report that.
    Unread,
    Svg(Result<roxmltree::Document<'c>, roxmltree::Error>),
    Png,
}

impl<'c> IconContext<'c> {
    /// The document of a well-formed SVG file.
    pub(crate) fn svg(&self) -> Option<&'c roxmltree::Document<'c>> {
        match self.image {
            Image::Svg(Ok(document)) => Some(document),
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct TreeContext<'c> {
    pub(crate) directory: &'c Directory,
    /// Every file with one site, in the order of the files.
    pub(crate) sites: &'c [CheckedSite<'c>],
    /// Every other entry file.
    pub(crate) broken: &'c [&'c SourceFile],
    /// `None` if the root has no folder for icons.
    pub(crate) icons: Option<&'c [Arc<SourceFile>]>,
    /// Changed files in other folders that may be entries.
    pub(crate) outside: &'c [Arc<SourceFile>],
}

/// A file that contains one site.
#[derive(Debug)]
pub(crate) struct CheckedSite<'t> {
    pub(crate) file: &'t SourceFile,
    pub(crate) entry: &'t Entry,
    /// Whether it is valid against the entry schema.
    pub(crate) is_valid: bool,
}

impl<'t> CheckedSite<'t> {
    /// Relative to the root.
    pub(crate) fn path(&self) -> &Path {
        &self.file.path
    }

    pub(crate) fn context(&'t self, directory: &'t Directory) -> EntryContext<'t> {
        let (file, entry, is_valid) = (self.file, self.entry, self.is_valid);
        EntryContext {
            file,
            entry,
            is_valid,
            directory,
        }
    }
}

#[derive(Debug)]
pub(crate) struct SettingsContext<'c> {
    /// Allowances that hide nothing.
    pub(crate) unneeded: Vec<Unneeded<'c>>,
}

/// An exception that hides nothing.
#[derive(Debug)]
pub(crate) struct Unneeded<'c> {
    /// Its index in the settings.
    pub(crate) index: usize,
    pub(crate) allowance: &'c Allowance,
    /// Whether the settings turn its rule off.
    pub(crate) is_off: bool,
}
