//! Parts of published files, as pages show them.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use minijinja::context;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Deserializer, Map, Value};

use super::context::{SiteContext, row};
use crate::api;
use crate::text::size;

/// The site that the quick start looks up if it is listed.
const WELL_KNOWN: &str = "github.com";

/// How many elements of a list are shown.
const SHOWN: usize = 2;

/// How many bytes gzip adds to compressed data (RFC 1952).
const GZIP_BYTES: u64 = 18;

/// The domain that the quick start looks up, and what its command prints.
pub(crate) fn quick_start(site: &SiteContext<'_>) -> Option<minijinja::Value> {
    let path = site.supported().find_map(api::Version::lookup)?;
    let all = &site.file(path)?.bytes;
    let (domain, entry) = first_field(all, |domain, _| domain == WELL_KNOWN)
        .or_else(|| first_field(all, |_, entry| entry.get() != "{}"))
        .or_else(|| first_field(all, |_, _| true))?;
    let parsed: Value = serde_json::from_str(entry.get()).ok()?;
    let output = serde_json::to_string_pretty(&parsed).ok()?;
    Some(context! { domain, output })
}

/// The files in a folder, each with its compressed size and the beginning of its content.
pub(crate) fn endpoints(site: &SiteContext<'_>, folder: &str) -> Vec<minijinja::Value> {
    let files = site.files.par_iter();
    let listed = files.filter(|file| file.path.starts_with(folder));
    listed
        .map(|file| {
            context! {
                compressed => compressed_size(&file.bytes).map(size),
                excerpt => excerpt(&file.bytes),
                ..row(file)
            }
        })
        .collect()
}

/// The size with the fastest compression; servers compress a little better.
fn compressed_size(bytes: &[u8]) -> Option<usize> {
    let mut encoder = DeflateEncoder::new(io::sink(), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.try_finish().ok()?;
    usize::try_from(encoder.total_out() + GZIP_BYTES).ok()
}

/// The beginning of a file, indented.
pub(super) fn excerpt(bytes: &[u8]) -> Option<String> {
    serde_json::to_string_pretty(&beginning(bytes, SHOWN)?).ok()
}

/// The first elements of a list, or the first fields of an object. The rest of the file is not read.
pub(super) fn beginning(bytes: &[u8], number: usize) -> Option<Value> {
    let (bracket, mut rest) = bytes.split_first()?;
    if *bracket == b'[' {
        let elements = (0..number).map_while(|_| next::<Value>(&mut rest));
        return Some(elements.collect());
    }
    let mut fields = Map::new();
    while fields.len() < number
        && let Some(name) = next(&mut rest)
    {
        fields.insert(name, next(&mut rest)?);
    }
    Some(Value::Object(fields))
}

/// The first field of an object that meets a condition, as written. The rest of the file is not read.
fn first_field(
    bytes: &[u8],
    is_wanted: impl Fn(&str, &RawValue) -> bool,
) -> Option<(String, Box<RawValue>)> {
    let mut rest = bytes.get(1..)?;
    while let Some(name) = next::<String>(&mut rest) {
        let value: Box<RawValue> = next(&mut rest)?;
        if is_wanted(&name, &value) {
            return Some((name, value));
        }
    }
    None
}

/// The next string, list or object of a file, after the comma or colon before it; `None` at the end.
fn next<T: DeserializeOwned>(rest: &mut &[u8]) -> Option<T> {
    let start = rest.iter().position(|byte| !b",: \n".contains(byte))?;
    let mut values = Deserializer::from_slice(&rest[start..]).into_iter();
    let value = values.next()?.ok()?;
    *rest = &rest[start + values.byte_offset()..];
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_has_two_elements_of_a_list_or_object() {
        let list = excerpt(br#"[["A",{}],["B",{}],["C",{}]]"#).unwrap();
        assert!(list.contains("\"B\"") && !list.contains("\"C\""), "{list}");
        let object = excerpt(br#"{"a.example":{},"b.example":{},"c.example":{}}"#).unwrap();
        assert_eq!(object, "{\n  \"a.example\": {},\n  \"b.example\": {}\n}");
        let indented = excerpt(b"{\n  \"b\": {\n    \"count\": 2\n  },\n  \"a\": {}\n}\n").unwrap();
        assert_eq!(
            indented,
            "{\n  \"b\": {\n    \"count\": 2\n  },\n  \"a\": {}\n}"
        );
        assert_eq!(excerpt(b"[]").as_deref(), Some("[]"));
        assert_eq!(excerpt(b"{}\n").as_deref(), Some("{}"));
    }
}
