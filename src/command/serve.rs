//! `tfadir serve`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::{Failure, NoTexts, Report, clock, emit, explain, in_the_way};
use crate::api::{self, Style};
use crate::artifact::Artifact;
use crate::check::{self, Extent};
use crate::child;
use crate::cli::{Global, ServeArgs};
use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::hosting;
use crate::project::{Project, ProjectError, Settings};
use crate::publish::manifest::{Manifest, Source};
use crate::report::{self, Tally};
use crate::serve::{Bound, Site, Watch};
use crate::wording::count;

/// Builds in memory, serves that, and builds again whenever a file changes; for as long as the
/// program runs.
pub fn run(args: &ServeArgs, global: &Global, console: &Console) -> Result<ExitCode, Failure> {
    let root = root(global)?;
    let bound = Bound::to(SocketAddr::new(args.address, args.port))?;
    if !args.address.is_loopback() {
        let address = args.address;
        console.warning(&format!(
            "everybody who reaches {address} can read this\n\
             help: leave --address out to serve this machine only"
        ));
    }

    let mut watch = Watch::new(&root);
    let nothing = Site::new(first_build(), Vec::new(), &hosting::rules(&Settings::default()));
    let site = build(&nothing, &root, &mut watch, console)?;
    let address = format!("http://{}/", bound.address());
    let server = bound.serve(site)?;
    console.structured(&json!({ "address": address }));
    console.status("Serving", &format!("{address} until Ctrl-C"));
    if args.open
        && let Err(error) = child::open(&address)
    {
        console.warning(&format!("cannot open a browser: {error}"));
    }
    loop {
        watch.wait();
        server.show(build(&server.site(), &root, &mut watch, console)?);
    }
}

/// The root, which is known even where its settings cannot be used.
fn root(global: &Global) -> Result<PathBuf, Failure> {
    match Project::open(global.root.as_deref()) {
        Ok(project) => Ok(project.root),
        Err(ProjectError::Invalid(invalid)) => Ok(invalid.root),
        Err(error) => Err(error.into()),
    }
}

/// The number of the first build: one that no server before this one had, so that pages from then
/// are reloaded as well.
fn first_build() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or_default()
}

/// The site after another build. What is in its way is reported, and becomes the page.
///
/// # Errors
///
/// Where not even that page can be made.
fn build(
    last: &Site,
    root: &Path,
    watch: &mut Watch,
    console: &Console,
) -> Result<Site, minijinja::Error> {
    let start = Instant::now();
    let number = last.build + 1;
    let built = Project::open(Some(root)).map_err(Failure::from).and_then(|project| {
        watch.follow(&project.settings);
        Ok((emit(&project, console)?, hosting::rules(&project.settings)))
    });
    match built {
        Ok((Ok(artifacts), rules)) => {
            let files = count(artifacts.len(), "file", "files");
            let seconds = start.elapsed().as_secs_f64();
            console.status("Built", &format!("{files} in {seconds:.2} s"));
            Ok(Site::new(number, artifacts, &rules))
        }
        Ok((Err(page), _)) => Ok(last.failed(number, page)),
        Err(failure) => {
            explain(console, failure.as_ref());
            Ok(last.failed(number, page_of(failure.as_ref())?))
        }
    }
}

/// All files of the API, unsigned; or the page of findings, where there are errors.
fn emit(project: &Project, console: &Console) -> Result<Result<Vec<Artifact>, String>, Failure> {
    let (tree, validators) = emit::load(project)?;
    let checked = check::check(project, &tree, &validators.entry, Extent::Build);
    let report = Report { project, tree: &tree };
    let tally = Tally::of(&checked.findings);
    let findings = report.of(console, &checked.findings);
    if tally.errors > 0 {
        console.structured(&json!({ "entries": tree.files.len(), "findings": findings }));
        console.status("Stopped", &tally.to_string());
        return Ok(Err(report::html::render(&checked.findings, &report, None)?));
    }
    let mut artifacts = api::artifacts(project, &checked.entries, &validators, Style::Compact)?;
    emit::warn_of_ignored(project, console);
    let surroundings = emit::surroundings(project, &artifacts, None)?;
    artifacts.extend(surroundings);
    let source = Source { seconds: Some(clock::now()), ..Source::default() };
    let manifest = Manifest::of(&project.settings, &artifacts, Vec::new(), &source)?;
    artifacts.push(manifest.artifact()?);
    Ok(Ok(artifacts))
}

/// The page that says why a command could not do its work.
fn page_of(failure: &(dyn std::error::Error + 'static)) -> Result<String, minijinja::Error> {
    let reason = failure.to_string();
    match in_the_way(failure) {
        Some(invalid) => report::html::render(&invalid.findings, invalid, Some(&reason)),
        None => report::html::render(&[], &NoTexts, Some(&reason)),
    }
}
