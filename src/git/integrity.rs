//! Compares the objects of a repository with their ids.
//!
//! git computes ids when it fetches objects, but not when it reads them: anyone who can write to
//! a repository can change the content of any commit.

use std::path::Path;

use sequoia_openpgp::types::HashAlgorithm;

use super::error::ChangesError;
use super::run::{Git, lines};

/// Which objects are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// A commit and its files.
    Commit,
    /// Also the commits before it, as far as the history of a branch reaches.
    History,
}

/// How many objects are read at a time.
const MAX_OBJECTS: usize = 1024;

/// Refuses a repository in which an object of a commit does not match its id.
pub(crate) fn refuse_altered(
    folder: &Path,
    commit: &str,
    extent: Extent,
) -> Result<(), ChangesError> {
    let git = Git::at(folder);
    let walk = match extent {
        Extent::Commit => "--no-walk",
        Extent::History => "--first-parent",
    };
    let output = git.answer(["rev-list", "--objects", walk, commit, "--"])?;
    let text = String::from_utf8_lossy(&output);
    // Each line has an id, and the path of a file or folder after a space.
    let ids: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    for ids in ids.chunks(MAX_OBJECTS) {
        let output = git.ask_with(["cat-file", "--batch"], &lines(ids))?.stdout;
        let mut rest = output.as_slice();
        for id in ids {
            let object = take_object(&mut rest).ok_or_else(|| git.unreadable(id))?;
            if object.id(id.len())? != *id {
                return Err(ChangesError::altered(id));
            }
        }
    }
    Ok(())
}

/// An object as git prints it.
pub(super) struct Object<'o> {
    kind: &'o str,
    pub(super) content: &'o [u8],
}

/// Takes a line `<id> <kind> <size>`, the bytes, and a line feed from git's output.
pub(super) fn take_object<'o>(rest: &mut &'o [u8]) -> Option<Object<'o>> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let mut words = std::str::from_utf8(&rest[..end]).ok()?.split(' ').skip(1);
    let (kind, size) = (words.next()?, words.next()?.parse::<usize>().ok()?);
    let content = rest.get(end + 1..(end + 1).checked_add(size)?)?;
    *rest = rest.get(end + 2 + size..)?;
    Some(Object { kind, content })
}

impl Object<'_> {
    /// The id, with this many hexadecimal digits: 40 in most repositories, 64 in those with SHA-256.
    fn id(&self, digits: usize) -> Result<String, ChangesError> {
        let algorithm = match digits {
            64 => HashAlgorithm::SHA256,
            _ => HashAlgorithm::SHA1,
        };
        match self.hash(algorithm) {
            Ok(hash) => Ok(data_encoding::HEXLOWER.encode(&hash)),
            Err(error) => Err(ChangesError::git(&error.to_string())),
        }
    }

    fn hash(&self, algorithm: HashAlgorithm) -> anyhow::Result<Vec<u8>> {
        let mut hash = algorithm.context()?.for_digest();
        hash.update(format!("{} {}\0", self.kind, self.content.len()).as_bytes());
        hash.update(self.content);
        hash.into_digest()
    }
}
