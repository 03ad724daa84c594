//! What a build produces: files as values, before anything is written.

/// One file of the published API.
///
/// Every producer returns these; only [`crate::publish`] writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Path inside `dist/`, relative, with `/` between its parts.
    pub path: String,
    /// The file's whole content.
    pub bytes: Vec<u8>,
    /// What kind of content it is.
    pub media_type: MediaType,
    /// How many sites or domains the file lists, where it lists any.
    pub count: Option<usize>,
    /// What the file covers, as a sentence for the documentation (Markdown is not interpreted).
    pub about: &'static str,
}

impl Artifact {
    /// A file without a count.
    pub fn new(
        path: impl Into<String>,
        media_type: MediaType,
        about: &'static str,
        bytes: Vec<u8>,
    ) -> Self {
        Self { path: path.into(), bytes, media_type, count: None, about }
    }
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
    /// An ASCII-armored OpenPGP key (RFC 3156, section 7).
    PgpKeys,
    /// A detached OpenPGP signature in binary form (RFC 3156, section 5).
    PgpSignature,
    /// A signed OpenPGP message in binary form, which contains its data.
    PgpMessage,
}

impl MediaType {
    /// The name under which IANA registers the type, with its parameters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Css => "text/css; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::PgpKeys => "application/pgp-keys",
            Self::PgpSignature => "application/pgp-signature",
            Self::PgpMessage => "application/octet-stream",
        }
    }
}
