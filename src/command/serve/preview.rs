//! The site that `serve` shows: a build in memory, or the page that says why there is none.

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::site::Site;
use super::watch::Watch;
use crate::api::Style;
use crate::artifact::Artifact;
use crate::build::assemble::{Assembly, Complete, Recipe, Refused, assemble};
use crate::build::history::{HistoryJob, Needs};
use crate::build::publish;
use crate::cli::Global;
use crate::directory::{Invalid, Settings};
use crate::failure::{Failure, Result};
use crate::hosting;
use crate::lint::accepted;
use crate::publish::Previous;
use crate::publish::manifest::{Manifest, Source};
use crate::report::{Tally, html};
use crate::session::console::Console;
use crate::session::report::{self, NoTexts, Sources};
use crate::session::{Session, clock, open};
use crate::signing::signers::Signers;
use crate::source::OtherKindOfDirectory;
use crate::text::count;

/// The root that the command line names, which is known even if its settings cannot be used.
///
/// # Errors
///
/// If there is no root.
pub(crate) fn root(global: &Global) -> Result<PathBuf> {
    match open(global.root.as_deref()) {
        Ok(directory) => Ok(directory.root),
        Err(error) => Ok(error.downcast::<Invalid>()?.root),
    }
}

/// A site without pages. No earlier server used its number, so pages of earlier servers are
/// reloaded too.
pub(crate) fn empty() -> Site {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let number = u64::try_from(now.as_millis()).unwrap_or_default();
    Site::new(
        number,
        String::new(),
        Vec::new(),
        &hosting::rules(&Settings::default()),
    )
}

/// The site after another build. If the build fails, the reason is reported, and shown as the page.
///
/// # Errors
///
/// If not even that page can be rendered, or if the root is not one of tfadir's.
pub(crate) fn build(
    last: &Site,
    root: &Path,
    watch: &mut Watch,
    console: &Console,
) -> Result<Site> {
    let start = Instant::now();
    let number = last.build + 1;
    match open_and_build(root, watch, start, console) {
        Ok((Ok(artifacts), settings)) => {
            let files = count(artifacts.len(), "file", "files");
            let seconds = start.elapsed().as_secs_f64();
            console.status("Built", &format!("{files} in {seconds:.2} s"));
            let folder = format!("{}/", settings.api_path())
                .trim_start_matches('/')
                .to_owned();
            Ok(Site::new(
                number,
                folder,
                artifacts,
                &hosting::rules(&settings),
            ))
        }
        Ok((Err(page), _)) => Ok(last.failed(number, page)),
        Err(error) if error.is::<OtherKindOfDirectory>() => Err(error),
        Err(error) => {
            report::failure(console, &error);
            let reason = format!("{:#}", Failure::of(&error));
            let page = match report::invalid_file(&error) {
                Some(invalid) => html::render(&invalid.findings, invalid, Some(&reason)),
                None => html::render(&[], &NoTexts, Some(&reason)),
            };
            Ok(last.failed(number, page?))
        }
    }
}

/// The files or the page, as in [`files`], with the settings of the root, which is watched from now
/// on.
fn open_and_build(
    root: &Path,
    watch: &mut Watch,
    start: Instant,
    console: &Console,
) -> Result<(Result<Vec<Artifact>, String>, Settings)> {
    let directory = open(Some(root))?;
    watch.follow(&directory.settings);
    let session = Session {
        directory,
        at: clock::time()?,
        is_release: false,
        start,
        console,
    };
    Ok((files(&session)?, session.directory.settings))
}

/// All files of the API, signed by the development key; or a page of findings, if errors stop the
/// build.
fn files(session: &Session<'_>) -> Result<Result<Vec<Artifact>, String>> {
    let Session {
        directory, console, ..
    } = session;
    let recipe = Recipe {
        style: Style::Compact,
        history: HistoryJob::start(directory, &directory.root, "HEAD")?,
        needs: Needs::KnownChanges,
        signers: || Signers::of_preview(session),
    };
    let Complete {
        mut artifacts,
        signers,
        review_errors,
        ..
    } = match assemble(session, recipe)? {
        Assembly::Refused(refused) => return Ok(Err(findings_page(session, &refused)?)),
        Assembly::Complete(complete) => complete,
    };
    report::findings(console, &directory.root, &[], &NoTexts);
    if review_errors > 0 {
        console.status("Checked", &accepted(review_errors));
    }
    let source = Source {
        seconds: Some(clock::now()),
        ..Source::default()
    };
    let keys = signers.fingerprints.clone();
    let manifest = Manifest::of(&directory.settings, &artifacts, keys, &source)?;
    artifacts.push(manifest.artifact()?);
    publish::add_signatures(session, &signers, &mut artifacts, &Previous::default())?;
    Ok(Ok(artifacts))
}

/// Reports the errors that stop a build, and returns them as a page.
fn findings_page(session: &Session<'_>, refused: &Refused) -> Result<String> {
    let Refused { tree, errors } = refused;
    let Session {
        directory, console, ..
    } = session;
    let texts = Sources { directory, tree };
    let findings = report::findings(console, &directory.root, errors, &texts);
    console.structured(&json!({ "entries": tree.files.len(), "findings": findings }));
    console.status("Failed", &Tally::of(errors).to_string());
    Ok(html::render(errors, &texts, None)?)
}
