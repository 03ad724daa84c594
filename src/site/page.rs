//! All files of the site.

use minijinja::context;
use minijinja::value::Serde;
use rayon::prelude::*;

use super::context::{PageAddress, Signing, SiteContext};
use super::environment::{Pages, SiteError, Templates};
use super::openapi::openapi;
use super::samples::{Task, shown};
use super::{changes, chart, contribute, dataset, fields, rules, security, sitemap};
use crate::api;
use crate::artifact::{Artifact, MediaType};
use crate::directory::{Directory, Version};
use crate::schema;

/// The pages, their style and script, and what search engines and researchers look for.
///
/// `files` are all JSON files of the build in their published order, without signatures and
/// without the manifest, which is made when the pages are there. `signing` is `None` for a build
/// that nobody is to sign.
///
/// # Errors
///
/// [`SiteError`] names the template and the line.
pub fn artifacts(
    directory: &Directory,
    files: &[Artifact],
    signing: Option<Signing<'_>>,
) -> Result<Vec<Artifact>, SiteError> {
    // They are asked for on several pages; here each thread has its part.
    files.par_iter().for_each(|file| {
        file.sha256();
    });
    let site = SiteContext { directory, files, signing };
    let templates = Templates::load(directory)?;
    let pages = templates.compile(site.globals())?;

    let mut listed = vec![Page::Index];
    listed.extend(directory.settings.versions.iter().map(Page::Version));
    listed.extend([Page::Verify, Page::Rules, Page::Contribute, Page::Changes, Page::NotFound]);
    let addresses: Vec<PageAddress> =
        listed.iter().map(|page| site.address(&page.path())).collect();
    let rendered = listed.par_iter().zip(&addresses).map(|(page, address)| {
        let html = page.render(&site, &templates, &pages, address)?;
        Ok(Artifact::new(&*address.path, MediaType::Html, page.about(), html))
    });
    let mut artifacts = rendered.collect::<Result<Vec<_>, SiteError>>()?;

    let text = |name: &str| templates.text(name).as_bytes().to_vec();
    artifacts.extend([
        Artifact::new("style.css", MediaType::Css, "The style of the pages.", text("style.css")),
        Artifact::new("site.js", MediaType::JavaScript, "The pages' script.", text("site.js")),
        Artifact::new("icon.svg", MediaType::Svg, "The icon of the pages.", text("icon.svg")),
        Artifact::new(
            "robots.txt",
            MediaType::Text,
            "For search engines.",
            pages.render("robots.txt", context! { icons => directory.icons().is_dir() })?,
        ),
        sitemap::artifact(&addresses),
    ]);
    artifacts.extend(security::artifact(directory));
    artifacts.push(openapi(directory, files, signing.is_some())?);
    Ok(artifacts)
}

/// One page.
#[derive(Debug)]
enum Page<'s> {
    Index,
    Version(&'s Version),
    Verify,
    Rules,
    Contribute,
    Changes,
    NotFound,
}

impl Page<'_> {
    fn path(&self) -> String {
        match self {
            Self::Index => "index.html".to_owned(),
            Self::Version(version) => format!("v{}/index.html", version.number),
            Self::Verify => "verify/index.html".to_owned(),
            Self::Rules => "rules/index.html".to_owned(),
            Self::Contribute => "contribute/index.html".to_owned(),
            Self::Changes => "changes/index.html".to_owned(),
            Self::NotFound => "404.html".to_owned(),
        }
    }

    fn about(&self) -> &'static str {
        match self {
            Self::Index => "The documentation.",
            Self::Version(Version { ended: None, .. }) => "The files of the version.",
            Self::Version(_) => "What became of the version.",
            Self::Verify => "How to verify signatures.",
            Self::Rules => "The rules of entries.",
            Self::Contribute => "How to add or correct a site.",
            Self::Changes => "What changed in the API.",
            Self::NotFound => "The answer where there is no file.",
        }
    }

    fn render(
        &self,
        site: &SiteContext<'_>,
        templates: &Templates<'_>,
        pages: &Pages<'_>,
        address: &PageAddress,
    ) -> Result<Vec<u8>, SiteError> {
        let settings = site.settings();
        let certificate = site.signing.map(|it| it.certificate);
        let samples = |task| Serde(shown(task, settings, certificate));
        let more = match self {
            Self::Index => context! {
                chart => Serde(chart::methods(site)),
                dataset => dataset::json_ld(site)?,
                others => Serde(site.listed(|path| !path.contains('/') || path.starts_with("schemas/"))),
                lookups => samples(Task::Lookup),
            },
            Self::Version(version) if version.ended.is_some() => {
                context! { version => Serde(site.listed_version(version)) }
            }
            Self::Version(listed) => {
                let Some(version) = api::version(listed.number) else {
                    return Ok(Vec::new());
                };
                let folder = format!("v{}/", listed.number);
                let all = site.file(&format!("{folder}all.json"));
                let all = all.map(|all| all.bytes.as_slice()).unwrap_or_default();
                let (schemas, schema) = (&site.directory.schemas, version.schema());
                let is_looked_up = version.lookup().is_some();
                context! {
                    version => Serde(site.listed_version(listed)),
                    files => Serde(site.listed(|path| path.starts_with(&folder))),
                    fields => Serde(fields::fields(schemas, schema, "/$defs/entry")),
                    schema => schema.file,
                    examples => Serde(version.examples(all)),
                    lookups => is_looked_up.then(|| samples(Task::Lookup)),
                    verifications => is_looked_up.then(|| samples(Task::Verify)),
                }
            }
            Self::Rules => context! { rules => Serde(rules::rules(settings)) },
            Self::Contribute => context! { form => Serde(contribute::form(site)) },
            Self::Changes => context! { changes => Serde(changes::changes(site, templates)?) },
            Self::Verify => {
                let of = |part| fields::fields(&site.directory.schemas, schema::MANIFEST, part);
                context! { manifest => Serde(of("")), file => Serde(of("/$defs/file")) }
            }
            Self::NotFound => context! {},
        };
        pages.render(self.template(), context! { page => Serde(address), ..more })
    }

    fn template(&self) -> &'static str {
        match self {
            Self::Index => "index.html",
            Self::Version(Version { ended: None, .. }) => "version.html",
            Self::Version(_) => "ended.html",
            Self::Verify => "verify.html",
            Self::Rules => "rules.html",
            Self::Contribute => "contribute.html",
            Self::Changes => "changes.html",
            Self::NotFound => "404.html",
        }
    }
}
