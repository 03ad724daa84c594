//! What web servers have to be told: the rule table, the files for hosts that are written from it, and
//! compressed files for servers that send such.

mod compress;
mod rule;
mod static_files;

use std::fmt::Write;

pub(crate) use compress::compressed;
pub(crate) use rule::{Rule, rules};
pub(crate) use static_files::add_static_files;

use crate::artifact::{Artifact, MediaType};
use crate::directory::Directory;

/// The files by which hosts know how to serve the rest.
///
/// - `_headers`: the rule table in the form that Netlify and Cloudflare Pages read.
/// - `.nojekyll`: keeps GitHub Pages from running Jekyll, which leaves out what begins with a dot or
///   an underscore.
/// - `CNAME`: the host of the API's address, for GitHub Pages; only if the settings ask for it.
pub(crate) fn artifacts(directory: &Directory) -> Vec<Artifact> {
    let settings = &directory.settings;
    let headers = headers_file(&rules(settings));
    let about = "What hosts such as Cloudflare Pages send along with the files.";
    let mut artifacts = vec![
        Artifact::new("_headers", MediaType::Text, about, headers.into_bytes()),
        Artifact::new(".nojekyll", MediaType::Text, "Turns Jekyll off.", Vec::new()),
    ];
    if let Some(host) = settings.api_host().filter(|_| settings.hosting.cname) {
        let about = "The host name, for GitHub Pages.";
        let line = format!("{host}\n").into_bytes();
        artifacts.push(Artifact::new("CNAME", MediaType::Text, about, line));
    }
    artifacts
}

/// The table as Netlify and Cloudflare Pages read it: a pattern on a line of its own, and below it
/// the indented headers. Where several patterns match a file, it gets the headers of all.
fn headers_file(rules: &[Rule]) -> String {
    let mut text = String::from("# Written by tfadir.\n");
    for rule in rules {
        // Writing into a string does not fail.
        let _ = writeln!(text, "\n{}", rule.pattern);
        for (name, value) in &rule.headers {
            let _ = writeln!(text, "  {name}: {value}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Settings;

    #[test]
    fn the_file_of_headers_has_the_form_that_hosts_read() {
        let text = headers_file(&rules(&Settings::default()));
        let mut patterns = 0;
        let mut headers = 0;
        for line in text.lines() {
            // The limit of Cloudflare Pages.
            assert!(line.len() <= 2_000 && line.is_ascii(), "{line}");
            if let Some(header) = line.strip_prefix("  ") {
                let (name, value) = header.split_once(": ").unwrap();
                assert!(name.chars().all(|it| it.is_ascii_alphabetic() || it == '-'), "{line}");
                assert!(!value.is_empty() && value.trim() == value, "{line}");
                assert!(patterns > 0, "`{line}` belongs to no pattern");
                headers += 1;
            } else if line.starts_with('/') {
                assert!(line.matches('*').count() <= 1, "{line}");
                patterns += 1;
            } else {
                assert!(line.is_empty() || line.starts_with('#'), "{line}");
            }
        }
        assert!((2..=100).contains(&patterns), "{patterns} patterns");
        assert!(headers > patterns);
        assert!(text.contains("\n/*.json\n  Content-Type: application/json\n"), "{text}");
    }
}
