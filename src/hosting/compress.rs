//! Precompressed files, for servers that send `x.json.gz` or `x.json.br` instead of `x.json`.

use std::io::{self, Write};

use brotli::CompressorWriter;
use flate2::{Compression, GzBuilder};
use rayon::prelude::*;

use crate::artifact::{Artifact, MediaType};

/// The slowest and best level: a file is compressed once and downloaded often.
const BROTLI_QUALITY: u32 = 11;
/// The window size in bits; every decoder supports it (RFC 7932, section 9.1).
const BROTLI_WINDOW: u32 = 22;
const BROTLI_BUFFER: usize = 4096;

/// Never compressed: it lists the compressed files.
const MANIFEST: &str = "manifest.json";

/// The compressed forms of all documents: gzip (RFC 1952) as `<path>.gz` and Brotli (RFC 7932) as
/// `<path>.br`, each only if it is smaller. The output is reproducible.
///
/// Signatures and PNG images are compressed already and are left out.
pub(crate) fn compressed(artifacts: &[Artifact]) -> io::Result<Vec<Artifact>> {
    let forms = artifacts
        .par_iter()
        .with_max_len(1)
        .filter(|artifact| is_compressible(artifact))
        .map(|file| {
            let (gzip, brotli) = rayon::join(|| gzip(&file.bytes), || brotli(&file.bytes));
            let form = |ending: &str, media_type, about, bytes| {
                Artifact::new(format!("{}.{ending}", file.path), media_type, about, bytes)
            };
            let forms = [
                form("gz", MediaType::Gzip, GZIP, gzip?),
                form("br", MediaType::Binary, BROTLI, brotli?),
            ];
            Ok(forms
                .into_iter()
                .filter(|form| form.bytes.len() < file.bytes.len())
                .collect())
        });
    let forms: Vec<Vec<Artifact>> = forms.collect::<io::Result<_>>()?;
    Ok(forms.into_iter().flatten().collect())
}

const GZIP: &str = "A file compressed with gzip, for web servers.";
const BROTLI: &str = "A file compressed with Brotli, for web servers.";

/// Whether the file is a document, rather than configuration of a host.
fn is_compressible(artifact: &Artifact) -> bool {
    let is_for_hosts = artifact.path.starts_with(['_', '.']) || artifact.path == "CNAME";
    match artifact.media_type {
        MediaType::Json => artifact.path != MANIFEST,
        MediaType::Html
        | MediaType::Css
        | MediaType::JavaScript
        | MediaType::Xml
        | MediaType::Atom
        | MediaType::Svg => true,
        MediaType::Text => !is_for_hosts,
        _ => false,
    }
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    // No time, name or operating system is written, so the output does not depend on the machine.
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
    fn both_forms_contain_the_same_bytes() {
        let text = r#"{"good.example":{"methods":["totp"]}}"#.repeat(500);
        let forms = compressed(&[file("v4/all.json", MediaType::Json, text.as_bytes())]).unwrap();
        let [gzip, brotli] = forms.as_slice() else {
            panic!("{} forms", forms.len())
        };
        assert_eq!(
            (gzip.path.as_str(), brotli.path.as_str()),
            ("v4/all.json.gz", "v4/all.json.br")
        );
        let mut plain = String::new();
        flate2::read::GzDecoder::new(gzip.bytes.as_slice())
            .read_to_string(&mut plain)
            .unwrap();
        assert!(plain == text);
        let mut plain = String::new();
        let mut decoder = brotli::Decompressor::new(brotli.bytes.as_slice(), BROTLI_BUFFER);
        decoder.read_to_string(&mut plain).unwrap();
        assert!(plain == text);
    }

    #[test]
    fn signatures_configuration_and_tiny_files_are_not_compressed() {
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
