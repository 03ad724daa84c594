//! Rules about where an entry file is.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::subdomain::{is_covered, without_www};
use crate::address::{Hosts, ends_in_number, has_known_tld, host};
use crate::check::context::{EntryContext, TreeContext, is_host_name};
use crate::check::rule::{Problem, TreeProblem, rule};
use crate::directory::Directory;
use crate::finding::Change;
use crate::source::{Entry, FileProblem, Location, SourceFile, Verb};
use crate::text::{nearest, quote, shell_word};

rule! {
    /// Finds entry files that are not named after their domain.
    ///
    /// ## Why
    ///
    /// People and programs find an entry by its file name. It also prevents two files for one site.
    ///
    /// ## Bad
    ///
    /// `entries/e/example.json` with `"domain": "example.com"`
    ///
    /// ## Good
    ///
    /// `entries/e/example.com.json` with `"domain": "example.com"`
    ///
    /// ## Fix
    ///
    /// Moves the file to the path for its domain, unless a file is already there. If the old name is
    /// another domain, the file is moved only if the entry links to pages at its own.
    FILE_NAME = "file-name", Error, Review, fix: Safe, Tree(|tree| check(tree, name, name_of_broken))
}

rule! {
    /// Finds entry files that are not in the folder of their domain's first character. With
    /// `--changed-since`, also changed files that look like entries but are outside `entries/`.
    ///
    /// ## Why
    ///
    /// Thousands of files in one folder are hard to browse, and a file in the wrong folder is hard to
    /// find. A file outside `entries/` is not published.
    ///
    /// ## Bad
    ///
    /// `entries/x/example.com.json`, `entries/example.com.json`
    ///
    /// ## Good
    ///
    /// `entries/e/example.com.json`
    ///
    /// ## Fix
    ///
    /// Moves the file to the right folder, unless a file of that name is already there.
    FILE_FOLDER = "file-folder", Error, Review, fix: Safe, Tree(|tree| {
        let mut problems = check(tree, folder, folder_of_broken);
        problems.extend(tree.outside.iter().filter_map(|file| outside(tree.directory, file)));
        problems
    })
}

/// The problems of all sites, and those of files with no site that can be read from them.
fn check(
    tree: &TreeContext<'_>,
    of_site: fn(&EntryContext<'_>) -> Option<Problem>,
    of_broken: fn(&Path, &Directory) -> Option<Problem>,
) -> Vec<TreeProblem> {
    let mut problems = Vec::new();
    for site in tree.sites {
        if let Some(problem) = of_site(&site.context(tree.directory)) {
            problems.push((site.file.path.clone(), problem));
        }
    }
    for file in tree.broken {
        if let None | Some(FileProblem::NotUtf8 { .. } | FileProblem::ByteOrderMark) = file.problem
            && let Some(problem) = of_broken(&file.path, tree.directory)
        {
            problems.push((file.path.clone(), problem));
        }
    }
    problems
}

fn name(context: &EntryContext<'_>) -> Option<Problem> {
    // `schema` reports text that is not a domain, and `unsafe-domain` a domain that ends in a number.
    let domain = context.domain().filter(|domain| !ends_in_number(domain))?;
    let path = &context.file.path;
    let name = path.file_name().unwrap_or_default();
    if is_named_after(name, domain) {
        return None;
    }
    let home = context.home(domain);
    // `www-domain` changes the domain to the name of the file.
    if without_www(domain).is_some_and(|rest| stem(path) == Some(rest)) {
        return None;
    }
    if context.hosts() == Hosts::Public
        && !is_registrable(domain)
        && let Some(other) = meant(path, domain)
    {
        let message = format!(
            "the domain {} does not exist, and does not match the file name `{other}.json`",
            quote(domain)
        );
        let help = format!("Use the domain {}.", quote(other));
        let location = context.value_of("domain");
        return Some(Problem::new(location, message, help).replaced(domain, other));
    }
    let name = quote(&name.to_string_lossy());
    let message = format!(
        "the file name {name} does not match the domain {}",
        quote(domain)
    );
    let location = context.value_of("domain");
    if let Some(other) = doubted(context) {
        let help = format!(
            "If {} is right, write {}. If {} is right, run {}.",
            quote(other),
            quote(&format!("\"domain\": \"{other}\"")),
            quote(domain),
            quote(&format!(
                "git mv {} {}",
                shell_word(&path.to_string_lossy()),
                shell_word(&home.to_string_lossy())
            )),
        );
        return Some(Problem::new(location, message, help));
    }
    let help = format!("Name it `{domain}.json`, or correct the domain.");
    let title = Verb::Rename.title(format!("it to {}", quote(&home.to_string_lossy())));
    Some(Problem::new(location, message, help).fix(title, Change::Move(home)))
}

/// The other domain after which the file of an entry is named, so that the domain itself is in
/// doubt. Which of the two is right is known if the site's own pages are there.
pub(super) fn doubted<'c>(context: &EntryContext<'c>) -> Option<&'c str> {
    let domain = context.domain()?;
    let other = stem(&context.file.path).filter(|stem| is_registrable(stem))?;
    let is_confirmed = context.urls().any(|(_, url)| is_at(url, domain));
    // `www-domain` reports it.
    let has_www = domain.strip_prefix("www.") == Some(other);
    let is_www = other.strip_prefix("www.") == Some(domain);
    (other != domain && !is_www && (has_www || !is_confirmed)).then_some(other)
}

/// The domain that a file is named after.
fn stem(path: &Path) -> Option<&str> {
    path.file_stem()?.to_str()
}

/// Whether a domain can exist: it is, or is below, one that can be registered.
pub(super) fn is_registrable(domain: &str) -> bool {
    is_host_name(domain, Hosts::Public)
        && psl::domain_str(domain).is_some()
        && has_known_tld(domain)
}

/// The domain that a file is named after, if it can exist and is similar to a text that is not a
/// domain, or not one that can exist.
pub(super) fn meant<'p>(path: &'p Path, text: &str) -> Option<&'p str> {
    let other = stem(path).filter(|stem| is_registrable(stem))?;
    let is_similar = nearest(text, [other]).is_some()
        || !text.is_empty() && (other.starts_with(text) || text.starts_with(other));
    is_similar.then_some(other)
}

/// Whether a URL is at a domain or a subdomain of it.
fn is_at(url: &str, domain: &str) -> bool {
    is_covered(host(url), domain)
}

fn name_of_broken(path: &Path, directory: &Directory) -> Option<Problem> {
    let stem = path.file_stem()?.to_str().unwrap_or_default();
    let hosts = directory.hosts();
    if is_host_name(stem, hosts) {
        return None;
    }
    let help = "An entry is named after the site's domain in lower case: `example.com.json`.";
    let lower = stem.to_lowercase();
    if !is_host_name(&lower, hosts) {
        return Some(Problem::of_file(
            format!("{} is not a domain", quote(stem)),
            help,
        ));
    }
    let problem = Problem::of_file(format!("{} is not in lower case", quote(stem)), help);
    let home = directory.home(&lower);
    let title = Verb::Rename.title(format!("it to {}", quote(&home.to_string_lossy())));
    Some(problem.fix(title, Change::Move(home)))
}

fn folder(context: &EntryContext<'_>) -> Option<Problem> {
    let domain = context.domain()?;
    let path = &context.file.path;
    // `file-name` reports files of another name.
    if !is_named_after(path.file_name()?, domain) {
        return None;
    }
    in_folder(path, domain, context.home(domain))
}

fn is_named_after(name: &OsStr, domain: &str) -> bool {
    name.to_str().and_then(|name| name.strip_suffix(".json")) == Some(domain)
}

fn folder_of_broken(path: &Path, directory: &Directory) -> Option<Problem> {
    let stem = path
        .file_stem()?
        .to_str()
        .filter(|stem| is_host_name(stem, directory.hosts()))?;
    let home = directory.home(stem).with_file_name(path.file_name()?);
    in_folder(path, stem, home)
}

/// A file outside the folder of entries that has the form of an entry.
fn outside(directory: &Directory, file: &SourceFile) -> Option<TreeProblem> {
    let entry = Entry::from_json(file.parse().ok()?.value)?;
    let is_entry = ["tfa", "contact", "categories"]
        .iter()
        .any(|field| entry.fields.contains_key(*field));
    if !is_entry {
        return None;
    }
    let domain = entry.text("domain")?;
    let location = Location::Value(entry.pointer_to("domain"));
    let entries = &directory.settings.paths.entries;
    let message = format!("this entry is outside {}", quote(&format!("{entries}/")));
    let help = "An entry in another folder is not published.";
    let problem = Problem::new(location, message, help);
    let problem = match is_host_name(domain, directory.hosts()) {
        true => {
            let home = directory.home(domain);
            problem.fix(
                Verb::Move.title(format!("it to {}", quote(&home.to_string_lossy()))),
                Change::Move(home),
            )
        }
        false => problem,
    };
    Some((file.path.clone(), problem))
}

fn in_folder(path: &Path, domain: &str, home: PathBuf) -> Option<Problem> {
    if path == home {
        return None;
    }
    let folder = |path: &Path| quote(&path.parent().unwrap_or(path).to_string_lossy());
    let problem = Problem::new(
        Location::File,
        format!("this file belongs in the folder {}", folder(&home)),
        format!(
            "The folder is the first character of the domain {}.",
            quote(domain)
        ),
    );
    Some(problem.fix(
        Verb::Move.title(format!("it to {}", folder(&home))),
        Change::Move(home),
    ))
}
