//! Files of a commit, in memory.

use std::collections::HashMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::directory::{Directory, Files};
use crate::failure::Result;
use crate::git::{self, Blob};
use crate::source::file::MAX_BYTES;
use crate::source::tree::{byte_order, committed};
use crate::source::{FileProblem, Kind, SourceFile, Tree};

/// Some files of a commit.
pub(crate) struct CommitFiles<'r> {
    root: &'r Path,
    files: HashMap<PathBuf, Stored>,
}

/// A file of a commit.
struct Stored {
    blob: Blob,
    /// `None` if it is too large.
    content: Option<Vec<u8>>,
}

impl Stored {
    fn bytes(&self) -> std::result::Result<&[u8], FileProblem> {
        self.content.as_deref().ok_or(FileProblem::TooLarge)
    }
}

impl<'r> CommitFiles<'r> {
    /// Reads the files at these paths.
    pub(crate) fn read(root: &'r Path, commit: &str, paths: &[&str]) -> Result<Self> {
        let blobs = git::blobs(root, commit, paths)?;
        let contents = git::contents(root, &blobs.iter().collect::<Vec<_>>(), MAX_BYTES)?;
        let mut files = HashMap::new();
        for (blob, content) in blobs.into_iter().zip(contents) {
            files.insert(blob.path.clone(), Stored { blob, content });
        }
        Ok(Self { root, files })
    }

    /// The entries and icons.
    pub(crate) fn tree(&self, directory: &Directory) -> Tree {
        let paths = &directory.settings.paths;
        let icons = self.sources(Kind::Icon, Path::new(&paths.icons));
        Tree {
            files: self.sources(Kind::Entry, Path::new(&paths.entries)),
            icons: (!icons.is_empty()).then_some(icons),
            ..Tree::default()
        }
    }

    fn sources(&self, kind: Kind, folder: &Path) -> Vec<Arc<SourceFile>> {
        let mut sources = Vec::new();
        for (path, stored) in &self.files {
            if path.starts_with(folder) {
                sources.extend(self.source(kind, path, stored).map(Arc::new));
            }
        }
        sources.sort_by(|a, b| byte_order(&a.path, &b.path));
        sources
    }

    fn source(&self, kind: Kind, path: &Path, stored: &Stored) -> Option<SourceFile> {
        if !stored.blob.is_link() {
            let mode = if stored.blob.is_executable() {
                0o755
            } else {
                0o644
            };
            let mode = cfg!(unix).then_some(mode);
            return committed(path.to_owned(), kind, mode, stored.bytes());
        }
        let target = link_target(path, stored);
        let is_folder = target.as_ref().is_some_and(|target| {
            let mut files = self.files.keys();
            files.any(|file| file != target && file.starts_with(target))
        });
        let content = match target {
            _ if kind == Kind::Entry => Err(FileProblem::Link),
            None => Err(FileProblem::LeavesRoot),
            Some(_) if is_folder => Err(FileProblem::NotAFile),
            Some(target) => match self.files.get(&target) {
                Some(file) if !file.blob.is_link() => file.bytes(),
                _ => Err(FileProblem::Unreadable(Arc::new(
                    io::ErrorKind::NotFound.into(),
                ))),
            },
        };
        match content {
            Err(problem) if is_folder => Some(SourceFile::unread(path.to_owned(), kind, problem)),
            content => committed(path.to_owned(), kind, None, content),
        }
    }
}

impl Files for CommitFiles<'_> {
    fn root(&self) -> &Path {
        self.root
    }

    fn bytes(&self, path: &Path) -> std::result::Result<Option<Vec<u8>>, FileProblem> {
        match self.files.get(path) {
            Some(stored) if stored.blob.is_link() => Err(FileProblem::Link),
            Some(stored) => stored.bytes().map(|bytes| Some(bytes.to_vec())),
            None => Ok(None),
        }
    }
}

/// Where a link in a commit leads, relative to the root; `None` if that is outside the root.
fn link_target(path: &Path, link: &Stored) -> Option<PathBuf> {
    let text = std::str::from_utf8(link.content.as_deref()?).ok()?;
    let mut target = path.parent()?.to_owned();
    for part in Path::new(text).components() {
        match part {
            Component::Normal(name) => target.push(name),
            Component::CurDir => {}
            Component::ParentDir if target.pop() => {}
            _ => return None,
        }
    }
    Some(target)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::*;
    use crate::check::{Checker, RULES, Results, Selection};
    use crate::fix;
    use crate::schema;
    use crate::session;

    /// The files below a folder, by path relative to it.
    fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for item in fs::read_dir(next).into_iter().flatten() {
                let path = item.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let relative = path.strip_prefix(folder).unwrap();
                    files.insert(relative.to_owned(), fs::read(&path).unwrap());
                }
            }
        }
        files
    }

    /// Fixes the files of a rule's folder, whose root does not exist.
    fn fixed(rule: &str, texts: BTreeMap<PathBuf, Vec<u8>>) -> BTreeMap<PathBuf, Vec<u8>> {
        let stored = |(path, content): (PathBuf, Vec<u8>)| {
            let mode = if rule == "file-mode" {
                "100755"
            } else {
                "100644"
            };
            let blob = Blob {
                path: path.clone(),
                mode: mode.to_owned(),
                id: String::new(),
            };
            let content = Some(content);
            (path, Stored { blob, content })
        };
        let commit = CommitFiles {
            root: Path::new("/nonexistent"),
            files: texts.into_iter().map(stored).collect(),
        };
        let directory = session::open_files(&commit).expect(rule);
        let validator = directory.schemas.validator(schema::ENTRY).unwrap();
        let checker = Checker::new(&directory, &validator, Selection::Enabled);
        let tree = commit.tree(&directory);
        let mut results = Results::default();
        let findings = checker.update(&tree, &mut results);
        let is_of_rule = |finding: &crate::finding::Finding| finding.rule == rule;
        let outcome = fix::fix(&checker, &mut results, tree, findings, &is_of_rule);
        assert!(!outcome.fixed.is_empty(), "{rule}");
        let content = |file: &Arc<SourceFile>| {
            let is_text = file.bytes.is_empty();
            let bytes = if is_text {
                file.text.as_bytes()
            } else {
                &file.bytes
            };
            (file.path.clone(), bytes.to_vec())
        };
        // The others have no text that could be compared.
        let read = outcome.tree.all().filter(|file| file.problem.is_none());
        read.map(content).collect()
    }

    /// The engine needs no disk: each rule's fixes on a root that does not exist.
    #[test]
    fn every_fix_works_in_memory() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
        for rule in RULES.iter().filter(|rule| rule.is_fixable()) {
            let root = folder.join(rule.id);
            let mut before = files(&root);
            before
                .retain(|path, _| !path.starts_with("fixed") && path != Path::new("expected.txt"));
            let expected = files(&root.join("fixed"));
            let after = fixed(rule.id, before);
            assert!(!after.is_empty(), "{}", rule.id);
            for (path, bytes) in after {
                assert!(expected.get(&path) == Some(&bytes), "{}: {path:?}", rule.id);
            }
        }
    }
}
