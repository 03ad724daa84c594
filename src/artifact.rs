//! What a build produces: files as values, before anything is written.

use std::sync::OnceLock;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// One file of the published API.
///
/// Every producer returns these; only [`crate::publish`] writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The relative path inside `dist/`, with `/` as the separator.
    pub path: String,
    /// The file's whole content.
    pub bytes: Vec<u8>,
    /// The media type of the content.
    pub(crate) media_type: MediaType,
    /// How many sites or domains the file lists, if it lists any.
    pub(crate) count: Option<usize>,
    /// What the file covers, as a sentence for the documentation (Markdown is not interpreted).
    pub(crate) about: &'static str,
    /// Sites that the file lists, if the documentation shows any of them in full.
    pub(crate) examples: Examples,
    /// Whether the file is signed in a signed build, as JSON files are.
    pub(crate) is_signed: bool,
    sha256: OnceLock<String>,
}

impl Artifact {
    /// A file without a count.
    pub(crate) fn new(
        path: impl Into<String>,
        media_type: MediaType,
        about: &'static str,
        bytes: Vec<u8>,
    ) -> Self {
        Self {
            path: path.into(),
            bytes,
            media_type,
            count: None,
            about,
            examples: Examples::default(),
            is_signed: media_type == MediaType::Json,
            sha256: OnceLock::new(),
        }
    }

    /// The SHA-256 of the bytes (FIPS 180-4), in lower-case hexadecimal digits. It is computed on
    /// first use; the bytes do not change after that.
    pub(crate) fn sha256(&self) -> &str {
        self.sha256.get_or_init(|| sha256(&self.bytes))
    }
}

/// Two sites, each as a file that lists only this site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Examples {
    /// A site with as many fields as possible.
    pub(crate) rich: Option<Vec<u8>>,
    /// A site without two-factor authentication.
    pub(crate) without: Option<Vec<u8>>,
}

/// The SHA-256 of bytes (FIPS 180-4), in lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The media types of published files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// JSON (RFC 8259).
    Json,
    /// HTML in UTF-8.
    Html,
    /// A style sheet in UTF-8.
    Css,
    /// Plain text in UTF-8.
    Text,
    /// JavaScript in UTF-8 (RFC 9239).
    JavaScript,
    /// XML in UTF-8 (RFC 7303).
    Xml,
    /// An Atom feed (RFC 4287, section 7).
    Atom,
    /// A drawing (SVG 1.1, appendix P).
    Svg,
    /// A picture in PNG (RFC 2083).
    Png,
    /// A DNS zone file (RFC 4027).
    Zone,
    /// Any other file.
    Binary,
    /// An ASCII-armored OpenPGP key (RFC 3156, section 7).
    PgpKeys,
    /// A detached OpenPGP signature in binary form (RFC 3156, section 5).
    PgpSignature,
    /// A signed OpenPGP message in binary form, which contains its data.
    PgpMessage,
}

impl MediaType {
    /// The name under which IANA registers the type, with its parameters.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Css => "text/css; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::JavaScript => "text/javascript; charset=utf-8",
            Self::Xml => "application/xml",
            Self::Atom => "application/atom+xml",
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
            Self::Zone => "text/dns",
            Self::PgpKeys => "application/pgp-keys",
            Self::PgpSignature => "application/pgp-signature",
            Self::PgpMessage | Self::Binary => "application/octet-stream",
        }
    }
}
