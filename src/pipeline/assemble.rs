//! From a root to the unsigned files of its API: the stages that `build` and `serve` share.

use super::Failure;
use super::report::SHOWN_OF_A_RULE;
use crate::api::Validators;
use crate::artifact::Artifact;
use crate::directory::Directory;
use crate::hosting;
use crate::pipeline::console::Console;
use crate::site::{self, Signing};
use crate::source::Tree;
use crate::text::count;

/// Reads all entries and icons while the validators are compiled.
///
/// # Errors
///
/// Where the folders of the root cannot be used.
pub(crate) fn load(directory: &Directory) -> Result<(Tree, Validators), Failure> {
    let (tree, validators) = rayon::join(|| directory.load(), || Validators::new(directory));
    Ok((tree?, validators?))
}

/// Warns of files in the root's `templates/` that replace nothing. `check` does not: it looks at
/// entries, and no page depends on it.
pub(crate) fn warn_of_ignored(directory: &Directory, console: &Console) {
    let ignored = site::ignored(directory);
    for file in ignored.iter().take(SHOWN_OF_A_RULE) {
        console.warning(&file.to_string());
    }
    match ignored.len().saturating_sub(SHOWN_OF_A_RULE) {
        0 => {}
        more => console.warning(&format!(
            "{} in `templates/` replace nothing\nhelp: remove them, or move them elsewhere",
            count(more, "more file", "more files")
        )),
    }
}

/// What is published next to the data: the pages, and what tells hosts how to serve all of it.
///
/// `data` are all JSON files of the build in their published order. `signing` is `None` for an
/// unsigned build.
///
/// # Errors
///
/// Where a template of the root cannot be used.
pub(crate) fn surroundings(
    directory: &Directory,
    data: &[Artifact],
    signing: Option<Signing<'_>>,
) -> Result<Vec<Artifact>, Failure> {
    let mut surroundings = site::artifacts(directory, data, signing)?;
    surroundings.extend(hosting::artifacts(directory));
    Ok(surroundings)
}
