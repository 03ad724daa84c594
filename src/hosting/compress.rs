//! Files compressed beforehand, for servers that send `x.json.gz` or `x.json.br` instead of `x.json`.

use std::io::{self, Write};

use brotli::CompressorWriter;
use flate2::{Compression, GzBuilder};
use rayon::prelude::*;

use crate::artifact::{Artifact, MediaType};

/// The most that Brotli can do; it is done once for many downloads.
const BROTLI_QUALITY: u32 = 11;
/// The window that every decoder of Brotli has to support, in bits (RFC 7932, section 9.1).
const BROTLI_WINDOW: u32 = 22;
const BROTLI_BUFFER: usize = 4096;

/// What is never compressed: it is small, it is what clients ask for most often, and it speaks for
/// all the rest.
const MANIFEST: &str = "manifest.json";

/// A file could not be compressed.
#[derive(Debug, thiserror::Error)]
#[error("cannot compress `{path}`: {source}")]
pub(crate) struct CompressError {
    path: String,
    source: io::Error,
}

/// The compressed forms of all files that compress: gzip (RFC 1952) under `<path>.gz` and Brotli
/// (RFC 7932) under `<path>.br`, each only where it is smaller. The same bytes give the same bytes.
///
/// Signatures and images are not compressed, since they are already.
///
/// # Errors
///
/// [`CompressError`] where a compressor fails, which it has no reason to.
pub(crate) fn compressed(artifacts: &[Artifact]) -> Result<Vec<Artifact>, CompressError> {
    let forms = artifacts.par_iter().with_max_len(1).filter(|it| is_compressible(it)).map(|file| {
        let (gzip, brotli) = rayon::join(|| gzip(&file.bytes), || brotli(&file.bytes));
        let failed = |source| CompressError { path: file.path.clone(), source };
        let form = |ending: &str, media_type, about, bytes| {
            Artifact::new(format!("{}.{ending}", file.path), media_type, about, bytes)
        };
        let forms = [
            form("gz", MediaType::Gzip, GZIP, gzip.map_err(failed)?),
            form("br", MediaType::Binary, BROTLI, brotli.map_err(failed)?),
        ];
        Ok(forms.into_iter().filter(|form| form.bytes.len() < file.bytes.len()).collect())
    });
    let forms: Vec<Vec<Artifact>> = forms.collect::<Result<_, CompressError>>()?;
    Ok(forms.into_iter().flatten().collect())
}

const GZIP: &str = "A file compressed by gzip, for web servers.";
const BROTLI: &str = "A file compressed by Brotli, for web servers.";

/// Whether a server may send the file in another form: a document, and none of the files that tell
/// hosts how to serve.
fn is_compressible(artifact: &Artifact) -> bool {
    let is_for_hosts = artifact.path.starts_with(['_', '.']) || artifact.path == "CNAME";
    match artifact.media_type {
        MediaType::Json => artifact.path != MANIFEST,
        MediaType::Html
        | MediaType::Css
        | MediaType::JavaScript
        | MediaType::Xml
        | MediaType::Svg => true,
        MediaType::Text => !is_for_hosts,
        _ => false,
    }
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    // Neither time nor name nor system is written, so nothing of this machine is.
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder =
        CompressorWriter::new(Vec::new(), BROTLI_BUFFER, BROTLI_QUALITY, BROTLI_WINDOW);
    encoder.write_all(bytes)?;
    encoder.flush()?;
    Ok(encoder.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn file(path: &str, media_type: MediaType, bytes: &[u8]) -> Artifact {
        Artifact::new(path, media_type, "", bytes.to_vec())
    }

    #[test]
    fn both_forms_hold_the_same_bytes() {
        let text = r#"{"good.example":{"methods":["totp"]}}"#.repeat(500);
        let forms = compressed(&[file("v4/all.json", MediaType::Json, text.as_bytes())]).unwrap();
        let [gzip, brotli] = forms.as_slice() else { panic!("{} forms", forms.len()) };
        assert_eq!(
            (gzip.path.as_str(), brotli.path.as_str()),
            ("v4/all.json.gz", "v4/all.json.br")
        );
        let mut plain = String::new();
        flate2::read::GzDecoder::new(gzip.bytes.as_slice()).read_to_string(&mut plain).unwrap();
        assert!(plain == text);
        let mut plain = String::new();
        let mut decoder = brotli::Decompressor::new(brotli.bytes.as_slice(), BROTLI_BUFFER);
        decoder.read_to_string(&mut plain).unwrap();
        assert!(plain == text);
    }

    #[test]
    fn what_does_not_compress_is_left_alone() {
        let text = [b'a'; 5_000];
        let left_alone = [
            file("v4/call.json", MediaType::Json, b"{}"),
            file("manifest.json", MediaType::Json, &text),
            file("v4/all.json.sig", MediaType::PgpSignature, &text),
            file("v4/all.json.gpg", MediaType::PgpMessage, &text),
            file("_headers", MediaType::Text, &text),
        ];
        assert_eq!(compressed(&left_alone).unwrap(), []);
        let forms = compressed(&[file("robots.txt", MediaType::Text, &text)]).unwrap();
        assert_eq!(forms.len(), 2);
    }
}
