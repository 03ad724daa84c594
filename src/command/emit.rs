//! From a root to the unsigned files of its API: the stages that `build` and `serve` share.

use super::{Failure, SHOWN_OF_A_RULE};
use crate::api::Validators;
use crate::artifact::Artifact;
use crate::console::Console;
use crate::docs::{self, Signing};
use crate::hosting;
use crate::project::Project;
use crate::source::Tree;
use crate::wording::count;

/// Reads all entries and icons, while the validators are compiled.
pub(super) fn load(project: &Project) -> Result<(Tree, Validators), Failure> {
    let (tree, validators) = rayon::join(|| project.load(), || Validators::new(&project.schemas));
    Ok((tree?, validators?))
}

/// Warns of files in the root's `templates/` that replace nothing. `check` does not: it looks at
/// entries, and no page depends on it.
pub(super) fn warn_of_ignored(project: &Project, console: &Console) {
    let ignored = docs::ignored(project);
    for file in ignored.iter().take(SHOWN_OF_A_RULE) {
        console.warning(&file.to_string());
    }
    match ignored.len().saturating_sub(SHOWN_OF_A_RULE) {
        0 => {}
        more => console.warning(&format!(
            "{} in `templates/` replace nothing\nhelp: remove them, or put them elsewhere",
            count(more, "more file", "more files")
        )),
    }
}

/// What is published beside the data: the pages, and what tells hosts how to serve all of it.
///
/// `data` are all JSON files of the build in their published order. `signing` is `None` for an
/// unsigned build.
pub(super) fn surroundings(
    project: &Project,
    data: &[Artifact],
    signing: Option<Signing<'_>>,
) -> Result<Vec<Artifact>, Failure> {
    let mut surroundings = docs::artifacts(project, data, signing)?;
    surroundings.extend(hosting::artifacts(project));
    Ok(surroundings)
}
