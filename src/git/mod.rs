//! Queries to git: what a branch changed, which commit is checked out, and the commits before it.

mod blobs;
mod changes;
mod commit;
mod error;
mod history;
mod inputs;
mod integrity;
mod paths;
mod planted;
mod run;

pub(crate) use blobs::{Blob, blobs, contents};
pub(crate) use changes::ChangedFiles;
pub(crate) use commit::{Commit, branch, commit_id, fork_point};
pub(crate) use error::ChangesError;
pub(crate) use history::{FileChange, file_changes, is_cut, newest_change, steps};
pub(crate) use inputs::differing;
pub(crate) use integrity::{Extent, refuse_altered};
