//! Parses icons in SVG, with limits against hostile files.

use roxmltree::{Document, Error};

/// The namespace of SVG.
pub(crate) const SVG: &str = "http://www.w3.org/2000/svg";

/// The namespace of `xlink:href`.
pub(crate) const XLINK: &str = "http://www.w3.org/1999/xlink";

/// The maximum number of attributes of a tag in a large icon.
pub(crate) const MAX_ATTRIBUTES: usize = 256;

/// The maximum number of namespace declarations in a large icon.
pub(crate) const MAX_DECLARATIONS: usize = 64;

/// The size in bytes up to which no file takes long to parse.
const MAX_UNLIMITED_BYTES: usize = 8 * 1024;

/// Parses an icon.
///
/// Document types are refused, so no entity can expand. The parser compares each attribute of a tag
/// with all others and copies each namespace declaration to all inner elements, so both are
/// limited.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, Error> {
    if text.len() > MAX_UNLIMITED_BYTES {
        if text
            .split('<')
            .any(|tag| max_attributes(tag) > MAX_ATTRIBUTES)
        {
            return Err(Error::AttributesLimitReached);
        }
        if text.matches("xmlns").count() > MAX_DECLARATIONS {
            return Err(Error::NamespacesLimitReached);
        }
    }
    Document::parse(text)
}

/// An upper bound of the number of attributes of a tag. It also counts what is in comments or
/// quotes, so that nothing can hide an attribute.
fn max_attributes(tag: &str) -> usize {
    let values = tag.split('=').skip(1).map(str::trim_ascii_start);
    values
        .filter(|value| value.starts_with(['"', '\'']))
        .count()
}
