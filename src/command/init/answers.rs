//! The files that `tfadir init` writes: a commented `directory.toml`, and related files.

use minijinja::{Environment, context};
use serde_json::{Value, json};

use crate::cli::InitArgs;
use crate::directory::Settings;
use crate::directory::examples::EXAMPLES;
use crate::failure::{Failure, Result};
use crate::schema::{self, Schemas};
use crate::session::tables;
use crate::source::Location;

/// The files to write: paths relative to the root, and their texts.
pub(crate) type NewFiles = Vec<(&'static str, String)>;

/// The settings of Visual Studio Code for the root.
const EDITOR_SETTINGS: &str = ".vscode/settings.json";

/// The list of sites that the directory does not accept.
const EXCLUDED: &str = "schemas/excluded.json";

/// The values of [`EXAMPLES`], in their order, which agree with the schema of the settings.
#[derive(Debug)]
pub(crate) struct Answers([String; 6]);

impl Answers {
    /// The values of the options, and examples for the rest.
    ///
    /// # Errors
    ///
    /// If the value of an option is not valid.
    pub(crate) fn of(args: &InitArgs) -> Result<Self> {
        let InitArgs {
            name,
            site,
            api,
            repository,
            publisher,
            email,
            ..
        } = args;
        let given = [name, site, api, repository, publisher, email];
        let mut answers = EXAMPLES.map(|example| example.value.to_owned());
        for ((example, given), answer) in EXAMPLES.iter().zip(given).zip(&mut answers) {
            let Some(given) = given else {
                continue;
            };
            answer.clone_from(given);
            if matches!(example.pointer, "/site" | "/api") && !answer.ends_with('/') {
                answer.push('/');
            }
            if let Some(problem) = problem(example.pointer, answer)? {
                return Err(problem.into());
            }
        }
        Ok(Self(answers))
    }
}

/// What is wrong with a setting, and how to fix it.
fn problem(pointer: &str, value: &str) -> Result<Option<Failure>> {
    let schemas = Schemas::of_settings(&tables())?;
    let validator = schemas.validator(schema::DIRECTORY)?;
    let mut settings = Value::from(value);
    for step in pointer.rsplit('/').filter(|step| !step.is_empty()) {
        settings = json!({ (step): settings });
    }
    for violation in schema::violations(&schemas, &validator, &settings) {
        if violation.location == Location::Value(pointer.to_owned()) {
            return Ok(Some(Failure {
                message: violation.message,
                help: violation.help.into_iter().collect(),
            }));
        }
    }
    Ok(None)
}

/// A text as a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The settings of a new directory.
pub(crate) fn new(answers: &Answers) -> Result<NewFiles> {
    let Answers([name, site, api, repository, publisher, email]) = answers;
    let attribution = format!("Data sourced from {name}");
    let editor = editor_settings(api);
    let [name, site, api, repository, publisher, email, attribution] =
        [name, site, api, repository, publisher, email, &attribution].map(|text| quoted(text));
    let context = context! { name, site, api, repository, publisher, email, attribution };
    let text = Environment::new().render_str(include_str!("new.toml"), context)?;
    Ok(vec![
        ("directory.toml", text + "\n"),
        (".gitignore", ignored()),
        (EDITOR_SETTINGS, editor),
    ])
}

/// The settings of the existing directory, so that everything that works today keeps working
/// (contract, sections 5 and 6).
pub(crate) fn existing() -> NewFiles {
    let settings = include_str!("2factorauth.toml").to_owned();
    let robots = "User-agent: *\nDisallow: /icons/\n".to_owned();
    let excluded = include_str!("../../../schemas/excluded.json").to_owned();
    let editor = editor_settings(&Settings::default().api);
    vec![
        ("directory.toml", settings),
        ("static/robots.txt", robots),
        (EXCLUDED, excluded),
        (".gitignore", ignored()),
        (EDITOR_SETTINGS, editor),
    ]
}

/// What git ignores: the folder of builds.
fn ignored() -> String {
    format!("/{}/\n", Settings::default().paths.dist)
}

/// Editor settings that complete and check entries with the schema that the API publishes.
fn editor_settings(api: &str) -> String {
    let url = format!("{api}schemas/{}", schema::ENTRY.file);
    let schema = json!({ "fileMatch": ["/entries/*/*.json"], "url": url });
    format!("{:#}\n", json!({ "json.schemas": [schema] }))
}
