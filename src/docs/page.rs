//! Pages by templates.

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value};
use pulldown_cmark::{Event, Parser, Tag, TagEnd, html};
use serde::Serialize;

use super::members::{Member, members};
use super::openapi::openapi;
use crate::artifact::{Artifact, MediaType};
use crate::project::{Project, Settings};
use crate::schema::Name;
use crate::wording::{size, thousands};

/// A page could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum DocsError {
    /// A template is faulty.
    #[error("cannot render a page: {0:#}")]
    Page(#[from] minijinja::Error),
    /// The description of the API cannot be written.
    #[error("cannot describe the API: {0}\nhelp: please report this")]
    OpenApi(#[from] serde_json::Error),
}

/// Who signs the files of a build.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Signing<'k> {
    /// The fingerprint of the certificate, in upper-case hexadecimal digits.
    pub certificate: &'k str,
    /// The fingerprint of the key that signs, which is the certificate's or that of a subkey.
    pub key: &'k str,
    /// Whether it is a development key, whose signatures mean nothing.
    pub development: bool,
}

/// The pages, the style sheet and `robots.txt`.
///
/// `files` are all JSON files of the build in their published order. `signing` is `None` for an
/// unsigned build.
///
/// # Errors
///
/// [`DocsError`] names the template and the line.
pub fn artifacts(
    project: &Project,
    files: &[Artifact],
    signing: Option<Signing<'_>>,
) -> Result<Vec<Artifact>, DocsError> {
    let environment = environment()?;
    let listed = |folder: &str| -> Vec<File> {
        files.iter().filter(|it| it.path.starts_with(folder)).map(File::of).collect()
    };
    let versions = project.settings.versions.iter().map(|version| {
        let name = match version.number {
            3 => Some(Name::V3),
            4 => Some(Name::V4),
            _ => None,
        };
        let is_supported = version.ended.is_none();
        let entry = name.filter(|_| is_supported);
        PageVersion {
            number: version.number,
            ended: version.ended.as_deref(),
            schema: entry.map(|name| format!("schemas/{}", name.file())),
            files: if is_supported { listed(&format!("v{}/", version.number)) } else { Vec::new() },
            members: entry
                .map(|name| members(&project.schemas, name, "/$defs/entry"))
                .unwrap_or_default(),
        }
    });
    let index = Index {
        settings: &project.settings,
        newest: project.settings.supported().max(),
        versions: versions.collect(),
        schemas: listed("schemas/"),
        signing,
    };
    let template = environment.get_template("index.html")?;
    let index = template.render(Serde(&index))?;
    Ok(vec![
        openapi(project, files, signing.is_some())?,
        Artifact::new("index.html", MediaType::Html, "The documentation.", index.into_bytes()),
        Artifact::new("style.css", MediaType::Css, "The style of the pages.", STYLE.into()),
        Artifact::new("robots.txt", MediaType::Text, "For search engines.", ROBOTS.into()),
    ])
}

const STYLE: &str = include_str!("../../templates/style.css");
const ROBOTS: &str = include_str!("../../templates/robots.txt");

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("markdown", |text: &str| Value::from_safe_string(inline(text)));
    environment.add_filter("fingerprint", grouped);
    environment.add_template("base.html", include_str!("../../templates/base.html"))?;
    environment.add_template("index.html", include_str!("../../templates/index.html"))?;
    Ok(environment)
}

/// One paragraph of Markdown as HTML, without the paragraph. HTML in it is shown as text.
fn inline(markdown: &str) -> String {
    let events = Parser::new(markdown).filter_map(|event| match event {
        Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => None,
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        event => Some(event),
    });
    let mut rendered = String::new();
    html::push_html(&mut rendered, events);
    rendered
}

/// A fingerprint in groups of four digits, as GnuPG shows it.
fn grouped(fingerprint: &str) -> String {
    let digits: Vec<char> = fingerprint.chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

/// What the template of the index sees.
#[derive(Debug, Serialize)]
struct Index<'s> {
    settings: &'s Settings,
    newest: Option<u64>,
    versions: Vec<PageVersion<'s>>,
    schemas: Vec<File>,
    signing: Option<Signing<'s>>,
}

#[derive(Debug, Serialize)]
struct PageVersion<'s> {
    number: u64,
    ended: Option<&'s str>,
    schema: Option<String>,
    files: Vec<File>,
    members: Vec<Member>,
}

#[derive(Debug, Serialize)]
struct File {
    path: String,
    name: String,
    about: &'static str,
    count: Option<String>,
    size: String,
}

impl File {
    fn of(artifact: &Artifact) -> Self {
        Self {
            path: artifact.path.clone(),
            name: artifact.path.rsplit('/').next().unwrap_or_default().to_owned(),
            about: artifact.about,
            count: artifact.count.map(thousands),
            size: size(artifact.bytes.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_cannot_bring_html_along() {
        assert_eq!(
            inline("a `b<c>` <script>alert(1)</script> & *d*"),
            "a <code>b&lt;c&gt;</code> &lt;script&gt;alert(1)&lt;/script&gt; &amp; <em>d</em>"
        );
    }

    #[test]
    fn fingerprints_are_grouped() {
        assert_eq!(grouped("0123456789AB"), "0123 4567 89AB");
    }
}
