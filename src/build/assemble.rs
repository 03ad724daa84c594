//! From a root to the unsigned files of its build: read, check, emit, complete. `build`, `serve` and
//! `verify --source` share these stages.

use crate::api::{self, ExtraKind, Material, Style, Validators, extras};
use crate::artifact::Artifact;
use crate::build::history::{History, HistoryJob, Needs};
use crate::check::{self, Checked, Selection};
use crate::directory::Directory;
use crate::failure::{Result, failure};
use crate::finding::Finding;
use crate::hosting;
use crate::lint::refused;
use crate::session::Session;
use crate::session::console::Console;
use crate::signing::signers::Signers;
use crate::site::{self, SiteContext};
use crate::source::Tree;
use crate::text::count;

/// What a build depends on besides its root.
pub(crate) struct Recipe<S> {
    pub(crate) style: Style,
    pub(crate) history: HistoryJob,
    pub(crate) needs: Needs,
    /// Returns the keys that sign, once the data is complete: until then, they are being unlocked.
    pub(crate) signers: S,
}

/// The outcome of the stages.
pub(crate) enum Assembly {
    /// Errors stop the build.
    Refused(Refused),
    Complete(Complete),
}

/// A root with errors that stop a build.
pub(crate) struct Refused {
    pub(crate) tree: Tree,
    pub(crate) errors: Vec<Finding>,
}

/// All files of a build except the manifest and the signatures.
pub(crate) struct Complete {
    pub(crate) artifacts: Vec<Artifact>,
    pub(crate) signers: Signers,
    pub(crate) entries: usize,
    /// How many errors do not stop the build.
    pub(crate) review_errors: usize,
}

/// Reads and checks the root, and emits all files of its build except the manifest and the
/// signatures.
///
/// # Errors
///
/// If the root cannot be read, or a template or a static file of it cannot be used.
pub(crate) fn assemble<S>(session: &Session<'_>, recipe: Recipe<S>) -> Result<Assembly>
where
    S: FnOnce() -> Result<Signers>,
{
    let directory = &session.directory;
    let (tree, validators) = session.load(Validators::new)?;
    session.reached("read");

    let Checked { findings, entries } =
        check::check(directory, &tree, &validators.entry, Selection::Errors);
    let (errors, review_errors) = refused(directory, findings);
    if !errors.is_empty() {
        return Ok(Assembly::Refused(Refused { tree, errors }));
    }
    session.reached("checked");

    let style = recipe.style;
    let mut data = api::artifacts(directory, &entries, &validators, style)?;
    let History {
        changes,
        newest_change,
    } = recipe.history.wait(session, recipe.needs)?;
    let material = Material {
        directory,
        tree: &tree,
        entries: &entries,
        changes,
        style,
    };
    data.extend(extras(ExtraKind::Data, &material)?);
    session.reached("emitted");

    let signers = (recipe.signers)()?;
    let artifacts = complete(session, &material, data, newest_change.as_deref(), &signers)?;
    session.reached("documented");
    Ok(Assembly::Complete(Complete {
        artifacts,
        signers,
        entries: tree.files.len(),
        review_errors,
    }))
}

/// Adds to the data what is published with it: the pages, the hosts' configuration, the files that
/// the pages load, the key files, and the static files.
fn complete(
    session: &Session<'_>,
    material: &Material<'_>,
    data: Vec<Artifact>,
    newest_change: Option<&str>,
    signers: &Signers,
) -> Result<Vec<Artifact>> {
    let directory = material.directory;
    warn_of_ignored(directory, session.console);
    let discovery = signers.discovery(session)?;
    let site = SiteContext {
        directory,
        entries: material.entries,
        files: &data,
        newest_change,
        signing: signers.for_pages(&discovery),
    };
    let (pages, supplements) = rayon::join(
        || site::artifacts(&site),
        || extras(ExtraKind::Supplement, material),
    );
    let mut artifacts = data;
    artifacts.extend(pages?);
    artifacts.extend(hosting::artifacts(directory));
    artifacts.extend(supplements?);
    artifacts.extend(discovery.artifacts);
    hosting::add_static_files(directory, &mut artifacts)?;
    Ok(artifacts)
}

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
