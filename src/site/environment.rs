//! The templates: those of the program, of which a root may replace single ones.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::Path;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

use super::markdown;
use crate::directory::{Directory, DirectoryError};
use crate::source::Location;

/// The id under which faults of a root's own templates are reported.
pub(crate) const RULE: &str = "templates";

/// A page could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A template of the root cannot be used; it is shown like a finding.
    #[error("{0}")]
    Root(#[from] DirectoryError),
    /// A fault of the program.
    #[error("cannot render a page: {0}\nhelp: please report this")]
    Template(#[from] minijinja::Error),
    /// Metadata could not be written: a fault of the program.
    #[error("cannot write JSON for a page: {0}\nhelp: please report this")]
    Json(#[from] serde_json::Error),
}

/// The folder of a root whose files replace those of the program.
pub(crate) const FOLDER: &str = "templates";

/// The files of `templates/` that a root can replace, with what the program brings.
pub(crate) const BUILT_IN: [(&str, &str); 15] = [
    ("404.html", include_str!("../../templates/404.html")),
    ("base.html", include_str!("../../templates/base.html")),
    ("changes.html", include_str!("../../templates/changes.html")),
    ("changes.toml", include_str!("../../templates/changes.toml")),
    ("contribute.html", include_str!("../../templates/contribute.html")),
    ("ended.html", include_str!("../../templates/ended.html")),
    ("icon.svg", include_str!("../../templates/icon.svg")),
    ("index.html", include_str!("../../templates/index.html")),
    ("macros.html", include_str!("../../templates/macros.html")),
    ("robots.txt", include_str!("../../templates/robots.txt")),
    ("rules.html", include_str!("../../templates/rules.html")),
    ("site.js", include_str!("../../templates/site.js")),
    ("style.css", include_str!("../../templates/style.css")),
    ("verify.html", include_str!("../../templates/verify.html")),
    ("version.html", include_str!("../../templates/version.html")),
];

/// The texts of `templates/`, as one root has them.
#[derive(Debug)]
pub(crate) struct Templates<'p> {
    directory: &'p Directory,
    own: BTreeMap<&'static str, String>,
}

impl<'p> Templates<'p> {
    /// Reads what the root replaces.
    ///
    /// # Errors
    ///
    /// [`SiteError::Root`] where such a file cannot be read.
    pub(crate) fn load(directory: &'p Directory) -> Result<Self, SiteError> {
        let mut own = BTreeMap::new();
        if directory.root.join(FOLDER).is_dir() {
            for (name, _) in BUILT_IN {
                if let Some(text) = directory.read(&path(name), RULE)? {
                    own.insert(name, text);
                }
            }
        }
        Ok(Self { directory, own })
    }

    /// One text, with its name in `templates/`.
    pub(crate) fn text(&self, name: &str) -> &str {
        let built_in = || BUILT_IN.iter().find(|(it, _)| *it == name).map(|(_, text)| *text);
        self.own.get(name).map(String::as_str).or_else(built_in).unwrap_or_default()
    }

    /// The error for a fault in a text: at a finding's location if it is the root's own.
    pub(crate) fn fault(
        &self,
        name: &str,
        location: Location,
        message: String,
        help: &str,
    ) -> SiteError {
        let text = self.text(name).to_owned();
        self.directory.invalid(&path(name), text, RULE, (location, message, help)).into()
    }

    /// All templates, compiled, with what every page sees.
    ///
    /// # Errors
    ///
    /// [`SiteError`] with the file and the line of a fault.
    pub(crate) fn compile(
        &self,
        globals: Vec<(&'static str, Value)>,
    ) -> Result<Pages<'_>, SiteError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_escape_callback(|name| match ending(name) {
            "txt" => AutoEscape::None,
            _ => AutoEscape::Html,
        });
        environment.add_filter("markdown", |text: Cow<'_, str>| {
            Value::from_safe_string(markdown::inline(&text))
        });
        environment.add_filter("fingerprint", |text: Cow<'_, str>| grouped(&text));
        for (name, value) in globals {
            environment.add_global(name, value);
        }
        for (name, _) in BUILT_IN {
            if matches!(ending(name), "html" | "txt") {
                environment
                    .add_template(name, self.text(name))
                    .map_err(|error| self.at_its_place(error))?;
            }
        }
        Ok(Pages { templates: self, environment })
    }

    /// A fault in a template of the root at the line where it is; any other as it was.
    fn at_its_place(&self, error: minijinja::Error) -> SiteError {
        let is_own = |error: &minijinja::Error| self.own.contains_key(error.name().unwrap_or(""));
        if let Some(cause) = causes(&error).into_iter().rfind(|it| is_own(it)) {
            let name = cause.name().unwrap_or_default();
            let location =
                cause.line().map_or(Location::File, |line| line_of(self.text(name), line));
            let detail = cause.detail().map_or_else(|| cause.kind().to_string(), str::to_owned);
            return self.fault(
                name,
                location,
                format!("this template cannot be used: {detail}"),
                HELP,
            );
        }
        // A template of the program fails where one of the root lacks what it asks for.
        match self.own.keys().find(|name| ending(name) == "html") {
            Some(name) => {
                let message = format!("pages cannot be rendered with this template: {error}");
                self.fault(name, Location::File, message, HELP)
            }
            None => error.into(),
        }
    }
}

const HELP: &str = "This file replaces the template that comes with tfadir. Compare the two, or \
                    remove yours. Templates are written in Jinja, as minijinja reads it.";

/// Templates that are ready to be rendered.
#[derive(Debug)]
pub(crate) struct Pages<'t> {
    templates: &'t Templates<'t>,
    environment: Environment<'t>,
}

impl Pages<'_> {
    /// Renders one template with what it sees.
    ///
    /// # Errors
    ///
    /// [`SiteError`] with the file and the line of a fault.
    pub(crate) fn render(&self, name: &str, context: Value) -> Result<Vec<u8>, SiteError> {
        let rendered = self
            .environment
            .get_template(name)
            .and_then(|template| template.render(context))
            .map_err(|error| self.templates.at_its_place(error))?;
        // minijinja escapes slashes, which HTML does not ask for, and which people like to read. The
        // last line end of a template is not part of what it renders.
        Ok((rendered.replace("&#x2f;", "/") + "\n").into_bytes())
    }
}

/// An error and what caused it, from the outermost inwards.
fn causes(error: &minijinja::Error) -> Vec<&minijinja::Error> {
    let mut causes = vec![error];
    let mut innermost = error;
    while let Some(cause) = innermost.source().and_then(|it| it.downcast_ref()) {
        causes.push(cause);
        innermost = cause;
    }
    causes
}

/// What stands behind the last dot.
fn ending(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

fn path(name: &str) -> std::path::PathBuf {
    Path::new(FOLDER).join(name)
}

/// A line, counted from 1, without the spaces around it.
fn line_of(text: &str, number: usize) -> Location {
    let Some(line) = text.lines().nth(number.saturating_sub(1)) else {
        return Location::File;
    };
    let start = line.as_ptr().addr() - text.as_ptr().addr();
    let indent = line.len() - line.trim_start().len();
    Location::Bytes(start + indent..start + line.trim_end().len().max(indent))
}

/// A fingerprint in groups of four digits, as GnuPG shows it.
fn grouped(fingerprint: &str) -> String {
    let digits: Vec<char> = fingerprint.chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_grouped() {
        assert_eq!(grouped("0123456789AB"), "0123 4567 89AB");
    }

    #[test]
    fn a_line_is_found_without_its_spaces() {
        assert_eq!(line_of("a\r\n  b \nc", 2), Location::Bytes(5..6));
        assert_eq!(line_of("a\n\n", 2), Location::Bytes(2..2));
        assert_eq!(line_of("a", 7), Location::File);
    }
}
