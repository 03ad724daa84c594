//! The files that `tfadir init` writes: a commented `directory.toml`, and related files.

use std::io;

use minijinja::{Environment, context};
use serde_json::json;

use super::Result;
use crate::cli::InitArgs;
use crate::directory::Settings;
use crate::schema;

/// The files to write: paths relative to the root, and their texts.
pub(crate) type Files = Vec<(&'static str, String)>;

/// The settings of Visual Studio Code for the root.
pub(crate) const EDITOR_SETTINGS: &str = ".vscode/settings.json";

/// The name and the URLs of a new directory.
#[derive(Debug)]
pub(crate) struct Answers {
    name: String,
    site: String,
    api: String,
    repository: String,
    publisher: String,
    email: String,
}

impl Answers {
    /// Takes the values of the options, and asks for the rest with a question and an example
    /// answer.
    ///
    /// # Errors
    ///
    /// If the terminal cannot be read.
    pub(crate) fn of(
        args: &InitArgs,
        ask: &mut dyn FnMut(&str, &str) -> io::Result<String>,
    ) -> Result<Self> {
        let mut answer = |given: &Option<String>, question: &str, example: &str| match given {
            Some(given) => Ok(given.clone()),
            None => ask(question, example),
        };
        let with_slash = |url: String| if url.ends_with('/') { url } else { url + "/" };
        let name = answer(&args.name, "Name of the directory", "Example 2FA Directory")?;
        let site = answer(&args.site, "URL of its website", "https://directory.example/")?;
        let question = "URL at which the API is served";
        let api = answer(&args.api, question, "https://api.directory.example/")?;
        let example = "https://github.com/example/directory";
        let repository = answer(&args.repository, "URL of the repository", example)?;
        let publisher = answer(&args.publisher, "Publisher", "Example contributors")?;
        let question = "E-mail address of the publisher and of the signing key";
        let email = answer(&args.email, question, "security@directory.example")?;
        let [site, api] = [site, api].map(with_slash);
        Ok(Self { name, site, api, repository, publisher, email })
    }
}

/// A text as a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The settings of a new directory.
pub(crate) fn new(answers: &Answers) -> Result<Files> {
    let Answers { name, site, api, repository, publisher, email } = answers;
    let attribution = format!("Data sourced from {name}");
    let editor = editor_settings(api);
    let [name, site, api, repository, publisher, email, attribution] =
        [name, site, api, repository, publisher, email, &attribution].map(|it| quoted(it));
    let answers = context! { name, site, api, repository, publisher, email, attribution };
    let text = Environment::new().render_str(include_str!("new.toml"), answers)?;
    Ok(vec![("directory.toml", text + "\n"), (EDITOR_SETTINGS, editor)])
}

/// The settings of the existing directory, so that everything that works today keeps working
/// (contract, sections 5 and 6).
pub(crate) fn existing() -> Files {
    let settings = include_str!("2factorauth.toml").to_owned();
    let robots = "User-agent: *\nDisallow: /icons/\n".to_owned();
    let editor = editor_settings(&Settings::default().api);
    vec![("directory.toml", settings), ("static/robots.txt", robots), (EDITOR_SETTINGS, editor)]
}

/// Editor settings that complete and check entries with the schema that the API publishes.
fn editor_settings(api: &str) -> String {
    let url = format!("{api}schemas/{}", schema::ENTRY.file);
    let schema = json!({ "fileMatch": ["/entries/*/*.json"], "url": url });
    format!("{:#}\n", json!({ "json.schemas": [schema] }))
}
