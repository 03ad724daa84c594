//! The templates: the built-in ones, and those that replace them in a root.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::{Path, PathBuf};

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::{highlight, markdown};
use crate::directory::Directory;
use crate::failure::{Result, failure};
use crate::finding::Stage;
use crate::source::Location;

/// The id under which problems in a root's own templates are reported.
pub(crate) const RULE: Stage = Stage::Templates;

/// The folder of a root whose files replace built-in templates.
pub(crate) const FOLDER: &str = "templates";

macro_rules! built_in {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// The templates that a root can replace: the name in `templates/`, and the text.
pub(crate) const BUILT_IN: [(&str, &str); 21] = built_in! {
    "404.html" "base.html" "changes.atom" "changes.html" "changes.toml" "consumers.html" "contribute.html"
    "contribute.js" "ended.html" "icon.svg"
    "index.html" "macros.html" "robots.txt" "rules.html" "security.txt" "site.js" "sitemap.xml"
    "stats.html" "style.css" "verify.html" "version.html"
};

/// Whether a template is rendered rather than published unchanged.
pub(crate) fn is_rendered(name: &str) -> bool {
    matches!(extension(name), "atom" | "html" | "txt" | "xml")
}

/// The templates of a root.
#[derive(Debug)]
pub(crate) struct Templates<'p> {
    directory: &'p Directory,
    own: BTreeMap<&'static str, String>,
}

impl<'p> Templates<'p> {
    /// Reads the templates that the root replaces.
    ///
    /// # Errors
    ///
    /// If such a file cannot be read.
    pub(crate) fn load(directory: &'p Directory) -> Result<Self> {
        let mut own = BTreeMap::new();
        if !directory.root.join(FOLDER).is_dir() {
            return Ok(Self { directory, own });
        }
        for (name, _) in BUILT_IN {
            if let Some(text) = directory.read(&path(name), RULE)? {
                own.insert(name, text);
            }
        }
        Ok(Self { directory, own })
    }

    /// One template's text, by its name in `templates/`.
    pub(crate) fn text(&self, name: &str) -> &str {
        if let Some(own) = self.own.get(name) {
            return own;
        }
        let mut built_in = BUILT_IN.iter();
        let found = built_in.find(|(template, _)| *template == name);
        found.map(|(_, text)| *text).unwrap_or_default()
    }

    /// Whether the root replaces a template.
    pub(crate) fn replaces(&self, name: &str) -> bool {
        self.own.contains_key(name)
    }

    /// The error for a problem in a template of the root.
    pub(crate) fn invalid(
        &self,
        name: &str,
        location: Location,
        message: String,
        help: &str,
    ) -> anyhow::Error {
        let text = self.text(name).to_owned();
        self.directory
            .invalid(&path(name), text, RULE, (location, message, help))
            .into()
    }

    /// Compiles all templates. `globals` are visible in each of them.
    ///
    /// # Errors
    ///
    /// The error names the file and the line.
    pub(crate) fn compile(&self, globals: Vec<(&'static str, Value)>) -> Result<Pages<'_>> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_escape_callback(|name| match extension(name) {
            "txt" => AutoEscape::None,
            _ => AutoEscape::Html,
        });
        environment.add_filter("markdown", |text: Cow<'_, str>| {
            Value::from_safe_string(markdown::inline(&text))
        });
        environment.add_filter("fingerprint", |text: Cow<'_, str>| grouped(&text));
        environment.add_filter("json", json);
        environment.add_filter("code", |text: Cow<'_, str>, language: Cow<'_, str>| {
            Value::from_safe_string(highlight::highlighted(&text, &language))
        });
        environment.add_global("toc", Value::from_safe_string(CONTENTS.to_owned()));
        for (name, value) in globals {
            environment.add_global(name, value);
        }
        for (name, _) in BUILT_IN.iter().filter(|(name, _)| is_rendered(name)) {
            let added = environment.add_template(name, self.text(name));
            added.map_err(|error| self.located(&error))?;
        }
        Ok(Pages {
            templates: self,
            environment,
        })
    }

    /// An error in a template of the root, at its line. Any other error is returned unchanged.
    fn located(&self, error: &Error) -> anyhow::Error {
        let is_own = |error: &Error| self.own.contains_key(error.name().unwrap_or_default());
        if let Some(cause) = causes(error).into_iter().rfind(|cause| is_own(cause)) {
            let name = cause.name().unwrap_or_default();
            let line = cause.line();
            let location = line.map_or(Location::File, |line| line_of(self.text(name), line));
            let detail = cause
                .detail()
                .map_or_else(|| cause.kind().to_string(), str::to_owned);
            let message = format!("this template cannot be used: {detail}");
            return self.invalid(name, location, message, HELP);
        }
        // A built-in template fails if a template of the root lacks something, such as a macro.
        match self.own.keys().find(|name| extension(name) == "html") {
            Some(name) => {
                let message = format!("pages cannot be rendered with this template: {error}");
                self.invalid(name, Location::File, message, HELP)
            }
            None => failure!("cannot render a page: {error}"; help: "please report this").into(),
        }
    }
}

const HELP: &str = "This file replaces the built-in template of the same name. Compare the two, or \
                    remove this one. Templates use Jinja syntax as minijinja implements it.";

/// Templates that are ready to be rendered.
#[derive(Debug)]
pub(crate) struct Pages<'t> {
    templates: &'t Templates<'t>,
    environment: Environment<'t>,
}

impl Pages<'_> {
    /// Renders one template.
    ///
    /// # Errors
    ///
    /// The error names the file and the line.
    pub(crate) fn render(&self, name: &str, context: Value) -> Result<Vec<u8>> {
        let template = self.environment.get_template(name);
        let rendered = template
            .and_then(|template| template.render(context))
            .map_err(|error| self.templates.located(&error))?;
        // minijinja escapes slashes, which HTML does not require and which people read. It drops
        // the final line feed of a template.
        Ok((with_contents(&rendered.replace("&#x2f;", "/")) + "\n").into_bytes())
    }
}

/// Where a page wants its table of contents.
const CONTENTS: &str = "<nav class=\"toc\"></nav>";

/// The page with links to its second-level headings in the place that it wants.
fn with_contents(html: &str) -> String {
    let links: String = html
        .split("<h2 id=\"")
        .skip(1)
        .filter_map(heading_link)
        .collect();
    let label = "On this page";
    let list = format!("<p>{label}</p>\n<ul>\n{links}</ul>");
    html.replacen(
        CONTENTS,
        &format!("<nav class=\"toc\" aria-label=\"{label}\"><div>\n{list}\n</div></nav>"),
        1,
    )
}

/// The link to a heading, given the text after `<h2 id="`.
fn heading_link(heading: &str) -> Option<String> {
    let (id, rest) = heading.split_once('"')?;
    let title = rest.split_once("</a></h2>")?.0.rsplit_once('>')?.1;
    Some(format!("<li><a href=\"#{id}\">{title}</a></li>\n"))
}

/// A value as JSON that is safe inside a `script` element: no character can end the element or
/// begin a tag.
#[expect(clippy::needless_pass_by_value, reason = "filters take values")]
fn json(value: Value) -> Result<Value, Error> {
    let json = serde_json::to_string(&value)
        .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    let safe = json
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    Ok(Value::from_safe_string(safe))
}

/// An error and its causes, outermost first.
fn causes(error: &Error) -> Vec<&Error> {
    let mut causes = vec![error];
    let mut innermost = error;
    while let Some(cause) = innermost.source().and_then(|source| source.downcast_ref()) {
        causes.push(cause);
        innermost = cause;
    }
    causes
}

/// The part after the last dot.
fn extension(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

fn path(name: &str) -> PathBuf {
    Path::new(FOLDER).join(name)
}

/// The location of a line, counted from 1, without the white space around it.
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
    let groups: Vec<String> = digits
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
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
