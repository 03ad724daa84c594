//! Detects changes of the files that a build reads.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use walkdir::{DirEntry, WalkDir};

use crate::directory::Settings;

/// The time between two scans.
const PAUSE: Duration = Duration::from_millis(300);
/// How long nothing may change before a change counts as complete.
const CALM: Duration = Duration::from_millis(60);

/// The files that a build reads, scanned again and again for their sizes and times. That works on
/// every file system, including network shares and containers without change notifications.
#[derive(Debug)]
pub(crate) struct Watch {
    root: PathBuf,
    paths: Vec<PathBuf>,
    seen: u64,
}

impl Watch {
    /// Watches a root with default settings.
    pub(crate) fn new(root: &Path) -> Self {
        let mut watch = Self {
            root: root.to_owned(),
            paths: Vec::new(),
            seen: 0,
        };
        watch.follow(&Settings::default());
        watch
    }

    /// Watches the folders that the settings name. If they changed, what is in them now counts as
    /// seen.
    pub(crate) fn follow(&mut self, settings: &Settings) {
        let paths = settings
            .inputs()
            .into_iter()
            .map(|path| self.root.join(path))
            .collect();
        if self.paths != paths {
            self.paths = paths;
            self.seen = self.look();
        }
    }

    /// Waits for a complete change.
    pub(crate) fn wait(&mut self) {
        while self.look() == self.seen {
            thread::sleep(PAUSE);
        }
        loop {
            self.seen = self.look();
            thread::sleep(CALM);
            if self.look() == self.seen {
                return;
            }
        }
    }

    /// A hash of all paths, sizes and times.
    fn look(&self) -> u64 {
        // The order of a walk depends on the file system; a sum does not depend on the order.
        let mut sum: u64 = 0;
        for path in &self.paths {
            // No link is followed: it could lead to the whole disk, and a build refuses linked folders.
            for item in WalkDir::new(path).follow_root_links(false) {
                sum = sum.wrapping_add(hash(item));
            }
        }
        sum
    }
}

/// A hash of a path, and of the size and time of what is there.
fn hash(item: walkdir::Result<DirEntry>) -> u64 {
    let mut hasher = DefaultHasher::new();
    match item {
        Ok(item) => {
            item.path().hash(&mut hasher);
            // Follows links.
            if let Ok(metadata) = fs::metadata(item.path()) {
                metadata.modified().ok().hash(&mut hasher);
                metadata.len().hash(&mut hasher);
            }
        }
        Err(error) => error.path().hash(&mut hasher),
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_change_is_seen() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("entries/g");
        fs::create_dir_all(&folder).unwrap();
        let watch = Watch::new(root.path());
        let mut seen = watch.look();
        assert_eq!(watch.look(), seen);
        let mut differs = |what: &str| {
            let now = watch.look();
            assert_ne!(now, seen, "{what}");
            seen = now;
        };
        let file = folder.join("good.example.json");
        fs::write(&file, "{}").unwrap();
        differs("a new file");
        fs::write(&file, "{ }").unwrap();
        differs("another size");
        let later = fs::metadata(&file).unwrap().modified().unwrap() + Duration::from_millis(1);
        fs::File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(later)
            .unwrap();
        differs("another time");
        fs::rename(&file, folder.join("other.example.json")).unwrap();
        differs("another name");
        fs::remove_file(folder.join("other.example.json")).unwrap();
        differs("a file less");
        fs::write(root.path().join("directory.toml"), "").unwrap();
        differs("settings");
        fs::create_dir(root.path().join("static")).unwrap();
        differs("a folder of static files");
    }
}
