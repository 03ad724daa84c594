//! All files of the site.

use minijinja::value::Serde;
use minijinja::{Value, context};
use rayon::prelude::*;

use super::context::{NOT_FOUND, SiteContext, row};
use super::environment::{Pages, Templates, is_rendered};
use super::openapi::openapi;
use super::samples::{Task, shown};
use super::{changes, chart, contribute, excerpt, fields, rules, stats};
use crate::api;
use crate::artifact::{Artifact, Examples, MediaType};
use crate::directory::VersionSettings;
use crate::failure::Result;
use crate::hosting;
use crate::schema;

/// The files that every page uses, and those that crawlers look for. Each has a template of the
/// same name.
const FILES: [(&str, MediaType, &str); 7] = [
    ("style.css", MediaType::Css, "The style of the pages."),
    ("site.js", MediaType::JavaScript, "The script of the pages."),
    (
        "contribute.js",
        MediaType::JavaScript,
        "The script of the form for new entries.",
    ),
    ("icon.svg", MediaType::Svg, "The icon of the pages."),
    ("robots.txt", MediaType::Text, "Rules for web crawlers."),
    (
        "sitemap.xml",
        MediaType::Xml,
        "The list of pages, for search engines.",
    ),
    (
        SECURITY,
        MediaType::Text,
        "Where to report a vulnerability (RFC 9116).",
    ),
];

/// The feed of changes, in `dist/` and in `templates/`.
const FEED: &str = "changes.atom";

const SECURITY: &str = ".well-known/security.txt";

/// The pages with their style, script and icon, the files for crawlers, and `openapi.json`.
///
/// # Errors
///
/// The error names the template and the line.
pub(crate) fn artifacts(site: &SiteContext<'_>) -> Result<Vec<Artifact>> {
    let SiteContext {
        directory,
        files,
        signing,
        ..
    } = *site;
    // Several pages show the hashes; computing them here spreads the work over all threads.
    files.par_iter().for_each(|file| {
        file.sha256();
    });
    let templates = Templates::load(directory)?;
    let (openapi, renderer) = rayon::join(
        || openapi(directory, files, signing),
        || templates.compile(site.globals()),
    );
    let (openapi, renderer) = (openapi?, renderer?);
    let pages = pages(site, &templates, row(&openapi));
    let mut artifacts = pages
        .par_iter()
        .map(|page| html_file(site, page, &renderer))
        .collect::<Result<Vec<_>>>()?;

    let mut addresses = Vec::new();
    for page in &pages {
        if page.path != NOT_FOUND {
            addresses.push(site.address(&page.path));
        }
    }
    let commits = changes::commits(site);
    if let Some(commits) = commits {
        addresses.push(site.address(FEED));
        let context = context! { page => site.address(FEED), commits };
        let bytes = renderer.render(FEED, context)?;
        artifacts.push(Artifact::new(
            FEED,
            MediaType::Atom,
            "The changes, as a feed.",
            bytes,
        ));
    }
    let context = context! { pages => addresses, icons => directory.icons().is_dir() };
    for (path, media_type, about) in FILES {
        if path == SECURITY && directory.settings.security.is_none() {
            continue;
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let bytes = match is_rendered(name) {
            true => renderer.render(name, context.clone())?,
            false => templates.text(name).as_bytes().to_vec(),
        };
        artifacts.push(Artifact::new(path, media_type, about, bytes));
    }
    artifacts.push(openapi);
    Ok(artifacts)
}

/// One page.
struct Page<'s> {
    path: String,
    template: &'static str,
    about: &'static str,
    context: Box<dyn Fn() -> Result<Value> + Sync + 's>,
}

fn html_file(site: &SiteContext<'_>, page: &Page<'_>, renderer: &Pages<'_>) -> Result<Artifact> {
    let context = context! { page => site.address(&page.path), ..(page.context)()? };
    let html = renderer.render(page.template, context)?;
    Ok(Artifact::new(
        &*page.path,
        MediaType::Html,
        page.about,
        html,
    ))
}

/// All pages.
fn pages<'s>(
    site: &'s SiteContext<'s>,
    templates: &'s Templates<'s>,
    openapi: Value,
) -> Vec<Page<'s>> {
    let mut pages = Vec::new();
    let mut add = |path: &str, template, about, context| {
        pages.push(Page {
            path: path.to_owned(),
            template,
            about,
            context,
        });
    };
    let schemas = &site.directory.schemas;
    let index = Box::new(move || Ok(index(site, &openapi)));
    add("index.html", "index.html", "The documentation.", index);
    for listed in &site.settings().versions {
        let path = format!("v{}/index.html", listed.number);
        if listed.ended.is_none()
            && let Some(built) = api::version(listed.number)
        {
            let context = Box::new(move || Ok(version(site, listed, built)));
            add(&path, "version.html", "The files of the version.", context);
        } else {
            let context = Box::new(|| Ok(context! { version => site.version(listed) }));
            add(&path, "ended.html", "What replaces the version.", context);
        }
    }
    let manifest = |part| Serde(fields::fields(schemas, schema::MANIFEST, part));
    let verify = move || Ok(context! { manifest => manifest(""), file => manifest("/$defs/file") });
    add(
        "verify/index.html",
        "verify.html",
        "How to verify signatures.",
        Box::new(verify),
    );
    let rules = || Ok(context! { groups => Serde(rules::groups(site.settings())) });
    add(
        "rules/index.html",
        "rules.html",
        "The rules for entries.",
        Box::new(rules),
    );
    let form = || Ok(context! { form => contribute::form(site) });
    let about = "How to add or correct a site.";
    add(
        "contribute/index.html",
        "contribute.html",
        about,
        Box::new(form),
    );
    if !site.settings().consumers.is_empty() {
        let about = "Who uses the data.";
        let consumers = Box::new(|| Ok(context! {}));
        add("consumers/index.html", "consumers.html", about, consumers);
    }
    let changes = || {
        let changes = Serde(changes::changes(site, templates)?);
        Ok(context! { changes, sites => changes::sites(site) })
    };
    add(
        "changes/index.html",
        "changes.html",
        "What changed in the API.",
        Box::new(changes),
    );
    if site.file(api::STATS_FILE).is_some() {
        let stats = Box::new(|| stats::stats(site));
        add(
            "stats/index.html",
            "stats.html",
            "How many sites have 2FA.",
            stats,
        );
    }
    let about = "The answer to a request for an unknown file.";
    add(NOT_FOUND, NOT_FOUND, about, Box::new(|| Ok(context! {})));
    pages
}

fn index(site: &SiteContext<'_>, openapi: &Value) -> Value {
    let others = site.listed(|path| !path.contains('/') || path.starts_with("schemas/"));
    let newest = site.supported().max_by_key(|version| version.number());
    let path = newest
        .map(|version| format!("v{}/all.json", version.number()))
        .unwrap_or_default();
    let mut headers: Vec<(&str, String)> = Vec::new();
    for rule in hosting::rules(site.settings()) {
        if rule.matches(&path) {
            headers.extend(rule.headers);
        }
    }
    let cached = headers.iter().find(|(name, _)| *name == "Cache-Control");
    let seconds = cached.and_then(|(_, value)| value.split_once("max-age=")?.1.parse().ok());
    context! {
        quick_start => excerpt::quick_start(site),
        newest_change => site.newest_change,
        headers => Serde(headers),
        minutes => seconds.map(|seconds: u64| seconds / 60),
        chart => chart::methods(site),
        downloads => site.listed(|path| path.ends_with("/all.json")),
        excluded => Serde(&site.directory.excluded),
        others => [vec![openapi.clone()], others].concat(),
        lookups => samples(site, Task::Lookup),
        has_icons => site.directory.icons().is_dir(),
    }
}

fn version(site: &SiteContext<'_>, listed: &VersionSettings, version: &dyn api::Version) -> Value {
    let folder = format!("v{}/", listed.number);
    let all = site.file(&format!("{folder}all.json"));
    let schema = version.schema();
    let is_looked_up = version.lookup().is_some();
    context! {
        version => site.version(listed),
        migration => migration(site, version),
        endpoints => excerpt::endpoints(site, &folder),
        fields => Serde(fields::fields(&site.directory.schemas, schema, "/$defs/entry")),
        schema => schema.file,
        examples => all.map(|file| example_sites(&file.examples)),
        lookups => is_looked_up.then(|| samples(site, Task::Lookup)),
        verifications => is_looked_up.then(|| samples(site, Task::Verify)),
    }
}

/// The sites that a version shows in full.
fn example_sites(examples: &Examples) -> Value {
    let shown = |site: &Option<Vec<u8>>| site.as_deref().and_then(excerpt::excerpt);
    context! { rich => shown(&examples.rich), without => shown(&examples.without) }
}

/// How the newest version differs from an older one.
fn migration(site: &SiteContext<'_>, old: &dyn api::Version) -> Option<Value> {
    let new = site.supported().max_by_key(|version| version.number())?;
    if new.number() == old.number() {
        return None;
    }
    Some(context! {
        form => new.form(),
        note => old.migration(),
        fields => differing(&field_names(site, old), &field_names(site, new)),
        files => differing(&file_names(site, old), &file_names(site, new)),
    })
}

/// The fields of an entry in a version.
fn field_names(site: &SiteContext<'_>, version: &dyn api::Version) -> Vec<String> {
    let fields = fields::fields(&site.directory.schemas, version.schema(), "/$defs/entry");
    fields.into_iter().map(|field| field.name).collect()
}

/// The files of a version, without its folder.
fn file_names(site: &SiteContext<'_>, version: &dyn api::Version) -> Vec<String> {
    let folder = format!("v{}/", version.number());
    let mut names = Vec::new();
    for file in site.files {
        names.extend(file.path.strip_prefix(&folder).map(str::to_owned));
    }
    names
}

/// The names that only one of two versions has, by version.
fn differing(old: &[String], new: &[String]) -> Value {
    context! { old => only_in(old, new), new => only_in(new, old) }
}

fn only_in(names: &[String], others: &[String]) -> Vec<String> {
    let mut only = names.to_vec();
    only.retain(|name| !others.contains(name));
    only
}

fn samples(site: &SiteContext<'_>, task: Task) -> Vec<Value> {
    shown(
        task,
        site.settings(),
        site.signing.map(|signing| signing.certificate),
    )
}
