//! Fuzz targets: code that reads untrusted bytes, each as a function that panics if a promise is
//! broken. `fuzz/` runs them with libFuzzer, and [`driver`] with the stable compiler.

#![allow(
    clippy::case_sensitive_file_extension_comparisons,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "fuzzers look for panics"
)]

#[cfg(test)]
mod driver;
mod entries;
#[cfg(test)]
mod random;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use clap::ValueEnum;
use serde_json::Value;
use tempfile::TempDir;

use crate::api::{self, ExtraKind, Material, Style, Validators};
use crate::check::{self, Checked, INTERNAL_ERROR, Selection};
use crate::cli::Format;
use crate::command::serve;
use crate::directory::Directory;
use crate::discovery;
use crate::finding::{Finding, Texts};
use crate::openpgp::{Certificate, Signed, Verifier};
use crate::publish::manifest::Manifest;
use crate::report::{Detail, View, sarif};
use crate::session;
use crate::session::report::renderer;
use crate::site::{self, SiteContext};
use crate::source::{Kind, SourceFile, Tree, canonical};

/// Takes any bytes, and panics if a promise is broken.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const TARGETS: [(&str, Target); 9] = [
    ("certificate", certificate),
    ("entry", entry),
    ("manifest", manifest),
    ("png", png),
    ("request", request),
    ("settings", settings),
    ("signed", signed),
    ("svg", svg),
    ("template", template),
];

/// A root without settings, which is read once. Its folder no longer exists.
struct Root {
    directory: Directory,
    validators: Validators,
}

static ROOT: LazyLock<Root> = LazyLock::new(|| {
    let folder = empty_root();
    let directory = session::open(Some(folder.path())).expect("default settings");
    let validators = Validators::new(&directory).expect("built-in schemas");
    Root {
        directory,
        validators,
    }
});

fn empty_root() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("entries")).expect("a folder");
    folder
}

/// The texts of a tree.
struct Sources<'t>(&'t Tree);

impl Texts for Sources<'_> {
    fn text(&self, path: &Path) -> Option<&str> {
        self.0.file(path).map(|file| file.text.as_str())
    }
}

/// Checks a tree. No rule fails.
fn check(tree: &Tree, selection: Selection) -> Checked {
    let checked = check::check(&ROOT.directory, tree, &ROOT.validators.entry, selection);
    let internal = checked
        .findings
        .iter()
        .find(|finding| finding.rule == INTERNAL_ERROR);
    assert!(internal.is_none(), "{internal:?}");
    checked
}

/// Checks a tree by all rules, and reports the findings in every format.
fn check_and_report(tree: &Tree) {
    report(&check(tree, Selection::Enabled).findings, &Sources(tree));
}

/// Reports findings in every format. None of them contains control characters of the input.
fn report(findings: &[Finding], texts: &dyn Texts) {
    let view = View {
        findings,
        texts,
        base: Path::new(""),
        sources: None,
        detail: &Detail::default(),
    };
    for format in Format::value_variants() {
        let text = rendered(*format, &view);
        let is_control = |char: &char| char.is_control() && !matches!(char, '\n' | '\u{1b}');
        assert_eq!(
            text.chars().find(is_control),
            None,
            "{}: {text:?}",
            format.name()
        );
    }
}

/// What a format says about the findings. SARIF also describes all rules, which would take longer
/// than everything else that is tested.
fn rendered(format: Format, view: &View<'_>) -> String {
    match format {
        Format::Auto | Format::Json | Format::Algolia | Format::Lines => String::new(),
        Format::Sarif => sarif::results(view).to_string(),
        format => renderer(format).render(view),
    }
}

/// Entries, most of them valid: checked, built, and read again.
pub fn entry(data: &[u8]) {
    let tree = entries::tree(data);
    for file in &tree.files {
        if let Some(text) = canonical::canonical(&file.text, None) {
            assert_eq!(
                canonical::canonical(&text, None).as_ref(),
                Some(&text),
                "formatted twice"
            );
        }
    }
    check_and_report(&tree);
    let Checked { findings, entries } = check(&tree, Selection::Errors);
    let refuse = ROOT.directory.settings.build.refuse;
    if findings.iter().any(|finding| refuse.includes(finding)) {
        return;
    }
    assert_eq!(entries.len(), tree.files.len(), "a build without an entry");
    let (directory, style) = (&ROOT.directory, Style::Compact);
    // The schemas do not depend on the entries.
    let built = api::versions(directory, &entries, &ROOT.validators, style).expect("a build");
    let material = Material {
        directory,
        tree: &tree,
        entries: &entries,
        changes: None,
        style,
    };
    let extras = |kind| api::extras(kind, &material).expect("extra files");
    let built = [
        built,
        extras(ExtraKind::Data),
        extras(ExtraKind::Supplement),
    ]
    .concat();
    for artifact in built
        .iter()
        .filter(|artifact| artifact.path.ends_with(".json"))
    {
        let value: Value = serde_json::from_slice(&artifact.bytes).expect("JSON");
        if artifact.path == "v3/all.json" {
            assert_eq!(value.as_array().map(Vec::len), Some(entries.len()));
        }
        let names = |entry: &crate::source::Entry| value.get(entry.domain()).is_some();
        assert!(
            artifact.path != "v4/all.json" || entries.iter().all(names),
            "a lost domain"
        );
    }
}

/// A tree with one valid entry and one icon.
fn with_icon(extension: &str, data: &[u8]) -> Tree {
    let mut tree = entries::tree(&[]);
    let stem = tree.files[0]
        .path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let path = PathBuf::from(format!("img/{}/{stem}.{extension}", &stem[..1]));
    let icon = SourceFile::from_bytes(path, Kind::Icon, data, None);
    tree.icons = Some(vec![Arc::new(icon)]);
    tree
}

/// An icon in SVG.
pub fn svg(data: &[u8]) {
    check_and_report(&with_icon("svg", data));
}

/// An icon in PNG.
pub fn png(data: &[u8]) {
    check_and_report(&with_icon("png", data));
}

/// The settings of a root.
pub fn settings(data: &[u8]) {
    let root = tempfile::tempdir().expect("a temporary folder");
    fs::write(root.path().join("directory.toml"), data).expect("a file");
    match session::open(Some(root.path())) {
        Ok(directory) => drop(Validators::new(&directory)),
        Err(error) => {
            if let Some(invalid) = session::report::invalid_file(&error) {
                report(&invalid.findings, invalid);
            }
        }
    }
}

/// A page's template.
pub fn template(data: &[u8]) {
    let root = empty_root();
    let directory = session::open(Some(root.path())).expect("default settings");
    let folder = root.path().join("templates");
    fs::create_dir(&folder).expect("a folder");
    for name in ["index.html", "macros.html", "changes.toml"] {
        fs::write(folder.join(name), data).expect("a file");
        let site = SiteContext {
            directory: &directory,
            entries: &[],
            files: &[],
            newest_change: None,
            signing: None,
        };
        if let Err(error) = site::artifacts(&site)
            && let Some(invalid) = session::report::invalid_file(&error)
        {
            report(&invalid.findings, invalid);
        }
        fs::remove_file(folder.join(name)).expect("a file");
    }
}

/// A certificate, which is published again.
pub fn certificate(data: &[u8]) {
    let Ok(certificates) = Certificate::parse("input", data) else {
        return;
    };
    let at = SystemTime::now();
    for certificate in &certificates {
        let _ = (certificate.user_ids(), certificate.signer(at));
    }
    // With a problem, nothing is published.
    if let Ok(found) = discovery::artifacts(&certificates, "security@2fa.directory", at)
        && found.problem.is_none()
    {
        let again =
            Certificate::parse("key.asc", &found.artifacts[0].bytes).expect("a certificate");
        assert_eq!(again, certificates);
    }
}

/// A signature file of either kind.
pub fn signed(data: &[u8]) {
    const MAX_SIZE: usize = 1 << 20;
    let verifier = Verifier::new(Vec::new(), SystemTime::now());
    match Signed::read(data, MAX_SIZE) {
        Ok(Signed::Detached(signatures)) => {
            assert!(
                verifier
                    .verify(&signatures, data)
                    .iter()
                    .all(Result::is_err)
            );
            let _ = signatures.are_written_as(data);
        }
        Ok(Signed::Message(signatures, contained)) => {
            assert!(contained.len() <= MAX_SIZE);
            assert!(
                verifier
                    .verify(&signatures, &contained)
                    .iter()
                    .all(Result::is_err)
            );
        }
        Err(_) => {}
    }
}

/// A manifest, whose paths all stay in its folder.
pub fn manifest(data: &[u8]) {
    let Ok(manifest) = Manifest::parse(data) else {
        return;
    };
    for path in manifest.files.iter().map(|file| &file.path) {
        assert!(
            !path.starts_with('/') && path.split('/').all(|part| part != ".."),
            "{path}"
        );
    }
    let written = manifest.artifact().expect("JSON").bytes;
    assert_eq!(Manifest::parse(&written), Ok(manifest));
}

/// A request to `tfadir serve`.
pub fn request(data: &[u8]) {
    let own = SocketAddr::from((Ipv4Addr::LOCALHOST, 8000));
    let _ = serve::request::parse(data, own);
}
