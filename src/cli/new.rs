//! The command line of `tfadir new`: one option for each field of the entry schema.

use std::sync::LazyLock;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};
use serde_json::Value;

use crate::schema::{self, Input};

const EXAMPLES: &str = "\
Examples:
  tfadir new example.com    ask for everything
  tfadir new example.com --name Example --tfa totp,u2f --categories email
                            --documentation https://example.com/help/two-factor
  tfadir new example.com --name Example --contact-twitter example --categories email

In a terminal, tfadir asks for missing values. Separate several values with commas, or
repeat the option. Common words are understood, such as `app` for `totp`, or `uk` for `gb`.

tfadir checks the entry and writes it to the right folder. It overwrites no file, and it writes
nothing if a value is wrong.";

/// The fields that the options set. A test shows that the schema is JSON.
static INPUTS: LazyLock<Vec<Input>> =
    LazyLock::new(|| schema::inputs(&serde_json::from_str(schema::ENTRY.text).unwrap_or_default()));

/// The arguments of `tfadir new`.
#[derive(Debug)]
pub(crate) struct NewArgs {
    /// The domain, as it was written.
    pub(crate) domain: String,
    /// The values that were given, by the id of their input.
    pub(crate) values: Vec<(&'static str, Value)>,
}

/// The inputs that have an option. The domain has an argument.
fn optional() -> impl Iterator<Item = &'static Input> {
    INPUTS.iter().filter(|input| input.pointer != "/domain")
}

impl Args for NewArgs {
    fn augment_args(command: Command) -> Command {
        // Other commands do not need the schema.
        command.defer(define)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn define(command: Command) -> Command {
    let domain = Arg::new("domain")
        .value_name("DOMAIN")
        .required(true)
        .help("The site's main domain, such as example.com");
    command
        .arg(domain)
        .args(optional().map(option))
        .after_help(EXAMPLES)
}

impl FromArgMatches for NewArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let domain = matches.get_one::<String>("domain");
        let mut values = Vec::new();
        for input in optional() {
            let id = input.id.as_str();
            let Some(mut given) = matches.get_many::<String>(id) else {
                continue;
            };
            if input.is_list {
                values.push((id, given.cloned().collect()));
            } else if let Some(value) = given.next() {
                values.push((id, Value::from(value.as_str())));
            }
        }
        Ok(Self {
            domain: domain.cloned().unwrap_or_default(),
            values,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn option(input: &'static Input) -> Arg {
    let choices: Vec<&str> = input
        .choices
        .iter()
        .map(|(choice, _)| choice.as_str())
        .collect();
    let listed = match choices.as_slice() {
        [] => String::new(),
        choices => format!(" [{}]", choices.join(", ")),
    };
    let about = input.about.trim_end_matches('.');
    let name = input
        .title
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .to_uppercase();
    let option = Arg::new(input.id.as_str())
        .long(input.id.as_str())
        .value_name(name)
        .help(format!("{about}{listed}"));
    match input.is_list {
        // An excluded region begins with a hyphen.
        true => option
            .action(ArgAction::Append)
            .allow_hyphen_values(true)
            .value_delimiter((!input.is_free_text).then_some(',')),
        false => option,
    }
}
