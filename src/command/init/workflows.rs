//! The workflows that `tfadir init` writes. They call the reusable workflows of tfadir's repository,
//! in the release that writes them.

use serde_json::Value;

use super::answers::NewFiles;

const PULL_REQUEST: &str = include_str!("../../../docs/workflows/pull_request.yml");
const COMMENT: &str = include_str!("../../../docs/workflows/comment.yml");
const LINKS: &str = include_str!("../../../docs/workflows/links.yml");
const PUBLISH: &str = include_str!("../../../docs/workflows/publish.yml");
const PUBLISH_EXISTING: &str = include_str!("../../../docs/workflows/publish-2factorauth.yml");

/// The workflows of a directory that is published from this branch.
pub(super) fn new(branch: &str) -> NewFiles {
    // A name can contain characters that mean something in YAML. JSON strings are YAML.
    let branches = format!("branches: [{}]", Value::from(branch));
    with_publish(PUBLISH.replace("branches: [main]", &branches))
}

/// The workflows of the existing directory, with its branch, its environment, and the names of its
/// secrets.
pub(super) fn existing() -> NewFiles {
    with_publish(PUBLISH_EXISTING.to_owned())
}

fn with_publish(publish: String) -> NewFiles {
    vec![
        (
            ".github/workflows/pull_request.yml",
            PULL_REQUEST.to_owned(),
        ),
        (".github/workflows/comment.yml", COMMENT.to_owned()),
        (".github/workflows/links.yml", LINKS.to_owned()),
        (".github/workflows/publish.yml", publish),
    ]
}
