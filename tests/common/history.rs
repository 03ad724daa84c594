//! Made git histories, imported by `git fast-import`, and what a feed must say about them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::common::Directory;
use crate::git::{git, init};

/// The settings of a directory that publishes everything that comes from history.
pub(crate) const SETTINGS: &str =
    "api = 'https://api.example/2fa/'\n[feed]\nenabled = true\n[[versions]]\nnumber = 3\n";

/// The published sites of a made history, by domain: name and methods.
type Sites = BTreeMap<String, (String, Vec<&'static str>)>;

/// A history that `git fast-import` reads, and the changes that the feed must show, oldest first.
#[derive(Default)]
pub(crate) struct History {
    pub(crate) stream: String,
    mark: usize,
    pub(crate) seconds: usize,
    main: usize,
    sites: Sites,
    /// Commits by their marks, with the changes of each.
    expected: Vec<(usize, Vec<Value>)>,
}

pub(crate) fn text(site: &(String, Vec<&str>), domain: &str, layout: usize) -> String {
    let (name, methods) = site;
    let fields = json!({ "domain": domain, "tfa": methods, "documentation": format!("https://{domain}/2fa"), "categories": ["other"] });
    let value = json!({ name: fields });
    if layout == 0 {
        value.to_string()
    } else {
        format!("{value:#}{}", "\n".repeat(layout))
    }
}

impl History {
    /// Starts a commit with these parents.
    fn commit(&mut self, branch: &str, parents: &[usize]) -> usize {
        self.mark += 1;
        self.seconds += 3600;
        let who = format!(
            "t <t@directory.example> {} +0000",
            1_700_000_000 + self.seconds
        );
        // Writing into a string does not fail.
        let _ = write!(
            self.stream,
            "commit refs/heads/{branch}\nmark :{}\ncommitter {who}\ndata 1\nx\n",
            self.mark
        );
        for (index, parent) in parents.iter().enumerate() {
            let word = if index == 0 { "from" } else { "merge" };
            let _ = writeln!(self.stream, "{word} :{parent}");
        }
        self.mark
    }

    pub(crate) fn put(&mut self, path: &str, text: &str) {
        let _ = write!(
            self.stream,
            "M 100644 inline {path}\ndata {}\n{text}\n",
            text.len()
        );
    }

    pub(crate) fn on_main(&mut self, changes: Vec<Value>) {
        let parents: Vec<usize> = Some(self.main).filter(|it| *it > 0).into_iter().collect();
        self.main = self.commit("main", &parents);
        self.expected.push((self.main, changes));
    }

    fn change(kind: &str, domain: &str, name: &str, gained: &[&str], lost: &[&str]) -> Value {
        json!({
            "kind": kind, "domain": domain, "name": name, "gained": gained, "lost": lost, "fields": [],
            "url": format!("https://{domain}"), "documentation": format!("https://{domain}/2fa"),
        })
    }

    /// The next commit: what it does depends on its number only.
    pub(crate) fn step(&mut self, number: usize) {
        let domain = format!("site{number}.example");
        let path = |domain: &str| format!("entries/s/{domain}.json");
        let old = self
            .sites
            .keys()
            .nth(number * 7 % self.sites.len().max(1))
            .cloned();
        match (number % 10, old) {
            (1, Some(old)) => {
                let (name, methods) = self.sites.remove(&old).unwrap();
                let change = Self::change("removed", &old, &name, &[], &methods);
                self.on_main(vec![change]);
                let _ = writeln!(self.stream, "D {}", path(&old));
            }
            (2, Some(old)) => {
                let mut site = self.sites[&old].clone();
                let new = if site.1.contains(&"u2f") {
                    vec!["sms"]
                } else {
                    vec!["totp", "u2f"]
                };
                let lost: Vec<_> = site
                    .1
                    .iter()
                    .filter(|it| !new.contains(it))
                    .copied()
                    .collect();
                let gained: Vec<_> = new
                    .iter()
                    .filter(|it| !site.1.contains(it))
                    .copied()
                    .collect();
                let mut change = Self::change("changed", &old, &site.0, &gained, &lost);
                change["fields"] = json!(["tfa"]);
                site.1 = new;
                self.on_main(vec![change]);
                self.put(&path(&old), &text(&site, &old, 0));
                self.sites.insert(old, site);
            }
            (3, Some(old)) => {
                // Another name at the same domain.
                let mut site = self.sites[&old].clone();
                let was = json!({ "domain": old, "name": site.0 });
                site.0 = format!("Renamed {number}");
                let mut change = Self::change("renamed", &old, &site.0, &[], &[]);
                change["was"] = was;
                self.on_main(vec![change]);
                self.put(&path(&old), &text(&site, &old, 0));
                self.sites.insert(old, site);
            }
            (4, Some(old)) => {
                // Another domain, so the documentation moves too.
                let site = self.sites.remove(&old).unwrap();
                let mut change = Self::change("renamed", &domain, &site.0, &[], &[]);
                change["was"] = json!({ "domain": old, "name": site.0 });
                change["fields"] = json!(["documentation"]);
                self.on_main(vec![change]);
                let _ = writeln!(self.stream, "D {}", path(&old));
                self.put(&path(&domain), &text(&site, &domain, 0));
                self.sites.insert(domain, site);
            }
            (5 | 6, Some(old)) => {
                // Formatting, or another file.
                self.on_main(Vec::new());
                match number % 10 {
                    5 => self.put(&path(&old), &text(&self.sites[&old].clone(), &old, number)),
                    _ => self.put("README.md", &domain),
                }
            }
            (7, Some(_)) => {
                // A branch of two commits that add a site and change it, merged into main.
                let site = (format!("Site {number}"), vec!["sms"]);
                let first = self.commit("side", &[self.main]);
                self.put(&path(&domain), &text(&site, &domain, 0));
                let second = self.commit("side", &[first]);
                let site = (site.0, vec!["totp"]);
                self.put(&path(&domain), &text(&site, &domain, 0));
                let change = Self::change("added", &domain, &site.0, &["totp"], &[]);
                self.main = self.commit("main", &[self.main, second]);
                self.put(&path(&domain), &text(&site, &domain, 0));
                self.expected.push((self.main, vec![change]));
                self.sites.insert(domain, site);
            }
            _ => {
                let site = (format!("Site {number}"), vec!["totp"]);
                let change = Self::change("added", &domain, &site.0, &["totp"], &[]);
                self.on_main(vec![change]);
                if number == 0 {
                    self.put("directory.toml", SETTINGS);
                }
                self.put(&path(&domain), &text(&site, &domain, 0));
                self.sites.insert(domain, site);
            }
        }
    }

    /// A repository with this history, and its changes, newest first, with their commits.
    pub(crate) fn import(self) -> (Directory, Vec<Value>) {
        let directory = Directory::empty();
        init(directory.path());
        let mut child = Command::new("git")
            .current_dir(directory.path())
            .args(["fast-import", "--quiet", "--export-marks=.git/marks"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(self.stream.as_bytes())
            .unwrap();
        assert!(child.wait().unwrap().success());
        git(directory.path(), &["reset", "--quiet", "--hard", "main"]);
        let marks = fs::read_to_string(directory.path().join(".git/marks")).unwrap();
        let ids: BTreeMap<usize, &str> = marks
            .lines()
            .filter_map(|line| line[1..].split_once(' '))
            .map(|(mark, id)| (mark.parse().unwrap(), id))
            .collect();
        let changes = self.expected.iter().rev().flat_map(|(mark, changes)| {
            changes.iter().map(|change| {
                let mut change = change.clone();
                change["commit"] = json!(ids[mark]);
                change
            })
        });
        let changes = changes.collect();
        (directory, changes)
    }
}

/// A history of nine commits, with this many days between them.
pub(crate) fn over_time(days: usize) -> Directory {
    let mut history = History::default();
    for number in 0..9 {
        history.step(number);
        history.seconds += days * 24 * 3600;
    }
    history.import().0
}
