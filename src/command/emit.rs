//! From a root to the unsigned files of its API: the stages that `build` and `serve` share.

use super::Failure;
use crate::api::Validators;
use crate::artifact::Artifact;
use crate::docs::{self, Signing};
use crate::hosting;
use crate::project::Project;
use crate::source::Tree;

/// Reads all entries and icons, while the validators are compiled.
pub(super) fn load(project: &Project) -> Result<(Tree, Validators), Failure> {
    let (tree, validators) = rayon::join(|| project.load(), || Validators::new(&project.schemas));
    Ok((tree?, validators?))
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
