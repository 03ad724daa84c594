//! From a root to the unsigned files of its API: the stages that `build` and `serve` share.

use crate::api::{Material, extras};
use crate::artifact::Artifact;
use crate::directory::Directory;
use crate::failure::{Result, failure};
use crate::hosting;
use crate::session::Session;
use crate::session::console::Console;
use crate::signing::signers::Signers;
use crate::site::{self, Signing};
use crate::text::count;

/// How many files in `templates/` are named that replace no built-in template.
const MAX_IGNORED: usize = 10;

/// Warns about files in the root's `templates/` that replace no built-in template.
fn warn_of_ignored(directory: &Directory, console: &Console) {
    let ignored = site::ignored(directory);
    for file in ignored.iter().take(MAX_IGNORED) {
        console.warn(file);
    }
    let more = ignored.len().saturating_sub(MAX_IGNORED);
    if more > 0 {
        let files = count(more, "more file", "more files");
        console.warn(&failure!(
            "{files} in `templates/` replace no built-in template"; help: "remove or move them"
        ));
    }
}

/// All files of a build except the manifest and the signatures. `data` as for [`complete`].
///
/// # Errors
///
/// If a template or a static file of the root cannot be used.
pub(crate) fn all(
    session: &Session<'_>,
    material: &Material<'_>,
    data: Vec<Artifact>,
    signers: &Signers,
    precompress: bool,
) -> Result<Vec<Artifact>> {
    warn_of_ignored(material.directory, session.console);
    let discovery = signers.discovery(session)?;
    let signing = signers.for_pages(discovery.problem.is_none());
    let mut artifacts = complete(material, data, signing)?;
    artifacts.extend(discovery.artifacts);
    hosting::add_static_files(material.directory, &mut artifacts)?;
    if precompress {
        let compress = || hosting::compressed(&artifacts);
        let compressed = session.console.patiently("compressing", compress)?;
        artifacts.extend(compressed);
    }
    Ok(artifacts)
}

/// All files of a build except the key files, the manifest and the signatures: the data, the pages,
/// the hosts' configuration, and the extra files.
///
/// `data` are the JSON files of the API in their published order. `signing` is `None` for an
/// unsigned build.
///
/// # Errors
///
/// If a template of the root cannot be used.
fn complete(
    material: &Material<'_>,
    data: Vec<Artifact>,
    signing: Option<Signing<'_>>,
) -> Result<Vec<Artifact>> {
    let directory = material.directory;
    let pages = || site::artifacts(directory, &data, signing);
    let (pages, extras) = rayon::join(pages, || extras(material));
    let mut artifacts = data;
    artifacts.extend(pages?);
    artifacts.extend(hosting::artifacts(directory));
    artifacts.extend(extras?);
    Ok(artifacts)
}
