//! A new entry: from options and answers to its file.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::check::{Checker, Results, Selection, is_host_name};
use crate::cli::NewArgs;
use crate::failure::{Failure, Result, fail, failure};
use crate::finding::{Change, Finding, Fix, Severity};
use crate::fix::{self, Outcome};
use crate::lint::fixes::{self, Apply};
use crate::schema::{self, Input, Validator};
use crate::session::Session;
use crate::source::{Entry, Kind, Location, OtherKindOfDirectory, SourceFile, Tree};
use crate::text::{join, quote, shell_word, visible};

/// The width of lines in questions, in characters.
const MAX_LINE_CHARS: usize = 80;

/// An entry that is not written yet. Values are corrected and checked as `tfadir check --fix` does
/// it, in a tree without other files.
pub(crate) struct Draft<'s> {
    session: &'s Session<'s>,
    validator: Validator,
    inputs: Vec<Input>,
    /// By the id of their input.
    values: BTreeMap<String, Value>,
}

/// What happens to required values that a draft does not have yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MissingValues {
    /// Sample values take their place, so that the others can be checked.
    Sampled,
    /// They are errors.
    Reported,
}

/// What the checks say about a draft.
struct CheckedDraft {
    entry: Entry,
    errors: Vec<Finding>,
    /// The fixes that were applied to its fields.
    fixes: Vec<Fix>,
}

impl<'s> Draft<'s> {
    /// A draft with the given values.
    ///
    /// # Errors
    ///
    /// If the domain is invalid, or has an entry already.
    pub(crate) fn new(session: &'s Session<'s>, args: &NewArgs) -> Result<Self> {
        let schemas = &session.directory.schemas;
        let validator = schemas.validator(schema::ENTRY)?;
        let inputs = schema::inputs(schemas.document(schema::ENTRY));
        let given = args
            .values
            .iter()
            .map(|(id, value)| ((*id).to_owned(), value.clone()));
        let domain = ("domain".to_owned(), Value::from(args.domain.trim()));
        let values = given.chain([domain]).collect();
        let mut draft = Self {
            session,
            validator,
            inputs,
            values,
        };
        let domain = draft
            .inputs
            .iter()
            .find(|input| input.id == "domain")
            .cloned();
        let problems = draft.correct(domain.as_slice())?;
        if !problems.is_empty() {
            return Err(all(problems).into());
        }
        draft.refuse_known()?;
        Ok(draft)
    }

    /// The path of the entry, relative to the root.
    fn path(&self) -> PathBuf {
        self.session.directory.home(self.text("domain"))
    }

    fn text(&self, id: &str) -> &str {
        self.values
            .get(id)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Fails if an entry has the domain already.
    fn refuse_known(&self) -> Result<()> {
        let (directory, domain) = (&self.session.directory, self.text("domain"));
        let tree = match directory.load() {
            Err(error) if error.is::<OtherKindOfDirectory>() => return Err(error),
            loaded => loaded.ok(),
        };
        let mut files = tree.iter().flat_map(|tree| &tree.files);
        let known = files.find(|file| {
            let entry = file
                .parse()
                .ok()
                .and_then(|parsed| Entry::from_json(parsed.value));
            entry.is_some_and(|entry| entry.domains().any(|claimed| claimed.name == domain))
        });
        let taken =
            Some(self.path()).filter(|path| directory.root.join(path).symlink_metadata().is_ok());
        if let Some(path) = known.map(|file| file.path.clone()).or(taken) {
            let (domain, path) = (quote(domain), path.to_string_lossy());
            let (shown, word) = (quote(&path), shell_word(&path));
            fail!(
                "{domain} is already listed in {shown}";
                help: "edit that file, and run `tfadir check {word}`"
            );
        }
        Ok(())
    }

    /// Asks for every value that is missing or wrong, on standard error.
    ///
    /// # Errors
    ///
    /// If standard input ends.
    pub(crate) fn ask(&mut self) -> Result<()> {
        say("Press Enter to leave out a field that the site does not need.")?;
        let inputs = self.inputs.clone();
        for input in &inputs {
            self.ask_for(input)?;
        }
        while !self.has_tfa() && !self.has_contact() {
            say("\nA site without methods needs at least one field of `contact`.")?;
            let either =
                |field: &&Input| field.pointer == "/tfa" || field.pointer.starts_with("/contact/");
            for input in inputs.iter().filter(either) {
                self.ask_for(input)?;
            }
        }
        Ok(())
    }

    fn ask_for(&mut self, input: &Input) -> Result<()> {
        let is_given = self.values.contains_key(&input.id);
        let mut is_asked = false;
        loop {
            if self.values.contains_key(&input.id) {
                let problems = self.correct(std::slice::from_ref(input))?;
                if problems.is_empty() {
                    return Ok(());
                }
                say(&format!("{:#}", all(problems)))?;
                self.values.remove(&input.id);
                is_asked = false;
            }
            if !is_given && !self.is_needed(input) && !self.is_asked_for(input) {
                return Ok(());
            }
            if !is_asked {
                say(&question(input))?;
                is_asked = true;
            }
            if let Some(value) = read_value(input)? {
                self.values.insert(input.id.clone(), value);
            } else if self.is_needed(input) {
                say("This field is required.")?;
            } else {
                return Ok(());
            }
        }
    }

    fn has_tfa(&self) -> bool {
        self.values.contains_key("tfa")
    }

    fn has_contact(&self) -> bool {
        self.values.keys().any(|id| is_contact(id))
    }

    fn has_method(&self, method: &str) -> bool {
        let methods = self.values.get("tfa").and_then(Value::as_array);
        methods.is_some_and(|all| all.iter().any(|value| value == method))
    }

    fn is_needed(&self, input: &Input) -> bool {
        input.is_required || (input.id.starts_with("custom-") && self.has_method(&input.id))
    }

    /// Whether a field that is not required makes sense next to the other values. Few sites need a
    /// `url` or an `img`.
    fn is_asked_for(&self, input: &Input) -> bool {
        match input.id.as_str() {
            "url" | "img" | "custom-software" | "custom-hardware" => false,
            "documentation" | "recovery" | "notes" => self.has_tfa(),
            "contact-form" => !self.has_tfa() && !self.values.contains_key("contact-email"),
            "contact-language" => self.has_contact(),
            id if id.starts_with("contact-") => !self.has_tfa(),
            _ => true,
        }
    }

    /// Fails if a required value is missing. The error lists the options.
    pub(crate) fn refuse_incomplete(&self) -> Result<()> {
        let is_missing =
            |input: &&Input| self.is_needed(input) && !self.values.contains_key(&input.id);
        let missing = self.inputs.iter().filter(is_missing);
        let mut missing: Vec<String> = missing.map(|input| format!("--{}", input.id)).collect();
        if !self.has_tfa() && !self.has_contact() {
            let contact = self.inputs.iter().filter(|input| is_contact(&input.id));
            let either = contact.map(|input| format!("--{}", input.id));
            let either: Vec<String> = [String::from("--tfa")].into_iter().chain(either).collect();
            missing.push(format!("one of {}", join(&either, "or")));
        }
        if missing.is_empty() {
            return Ok(());
        }
        let missing = join(&missing, "and");
        fail!(
            "missing options: {missing}";
            help: "add them, or run `tfadir new` in a terminal, where it asks for them"
        );
    }

    /// Writes the entry, and returns its path relative to the root.
    ///
    /// # Errors
    ///
    /// If the entry has an error, its path is taken, or a folder of it is a symbolic link.
    pub(crate) fn write(self) -> Result<PathBuf> {
        let checked = self.check(MissingValues::Reported)?;
        if !checked.errors.is_empty() {
            let first = failure!("nothing was written");
            let problems = checked.errors.iter().map(described);
            return Err(all([first].into_iter().chain(problems)).into());
        }
        let path = self.session.directory.home(checked.entry.domain());
        let text = text(&checked.entry.name, checked.entry.fields);
        fix::create(&self.session.directory.root, &path, &text).map_err(|error| {
            failure!("cannot create {}: {error}", quote(&path.to_string_lossy()))
        })?;
        Ok(path)
    }

    /// Corrects the values that have only one correction, and returns the errors that are left in
    /// the values of some inputs.
    fn correct(&mut self, about: &[Input]) -> Result<Vec<Failure>> {
        let CheckedDraft {
            entry,
            errors,
            fixes,
        } = self.check(MissingValues::Sampled)?;
        let fields = Value::Object(entry.fields.clone());
        let given = self
            .inputs
            .iter()
            .filter(|input| self.values.contains_key(&input.id));
        let corrected = given.filter_map(|input| match input.pointer.as_str() {
            "" => Some((input.id.clone(), Value::from(entry.name.as_str()))),
            pointer => Some((input.id.clone(), fields.pointer(pointer)?.clone())),
        });
        self.values = corrected.collect();
        if !fixes.is_empty() {
            let done = fixes::done(fixes.iter().map(|fix| &fix.title));
            let text = format!("the entry: {done}");
            self.session.console.status("Fixed", &text);
        }
        let is_about = |error: &&Finding| about.iter().any(|input| is_about(error, &entry, input));
        Ok(errors.iter().filter(is_about).map(described).collect())
    }

    /// Checks and corrects the draft.
    fn check(&self, missing: MissingValues) -> Result<CheckedDraft> {
        let directory = &self.session.directory;
        let domain = self.text("domain");
        let path = if is_host_name(domain, directory.hosts()) {
            directory.home(domain)
        } else {
            Path::new(&directory.settings.paths.entries).join("new.json")
        };
        let (name, fields) = self.document(missing);
        let text = text(&name, fields);
        let file = SourceFile::from_bytes(path, Kind::Entry, text.as_bytes(), None);
        let tree = Tree {
            files: vec![Arc::new(file)],
            ..Tree::default()
        };

        let checker = Checker::new(directory, &self.validator, Selection::Enabled);
        let mut results = Results::default();
        let findings = checker.update(&tree, &mut results);
        let Outcome {
            tree,
            fixed,
            findings,
        } = fix::fix(&checker, &mut results, tree, findings, &|finding| {
            Apply::Draft.includes(finding)
        });
        let file = tree.files.first();
        let entry = file.and_then(|file| Entry::from_json(file.parse().ok()?.value));
        let entry = entry.ok_or_else(
            || failure!("internal error: the entry cannot be read"; help: "please report this"),
        )?;
        let is_error = |finding: &Finding| {
            finding.severity == Severity::Error && tree.file(&finding.path).is_some()
        };
        let fixes = fixed.into_iter().flat_map(|file| file.fixes);
        Ok(CheckedDraft {
            entry,
            errors: findings.into_iter().filter(is_error).collect(),
            fixes: fixes
                .filter(|fix| !matches!(fix.change, Change::Move(_)))
                .collect(),
        })
    }

    /// The site's name and its fields, in the order of the schema.
    fn document(&self, missing: MissingValues) -> (String, Map<String, Value>) {
        let mut values = self.values.clone();
        let mut fill = |is_missing: bool, id: &str, value: Value| {
            if missing == MissingValues::Sampled && is_missing {
                values.entry(id.to_owned()).or_insert(value);
            }
        };
        fill(true, "name", json!("New site"));
        fill(
            true,
            "categories",
            self.session.directory.categories.ids().take(1).collect(),
        );
        fill(
            !self.has_tfa() && !self.has_contact(),
            "contact-twitter",
            json!("new"),
        );
        for method in ["custom-software", "custom-hardware"] {
            fill(self.has_method(method), method, json!(["New product"]));
        }
        let mut fields = Value::Object(Map::new());
        let mut name = String::new();
        for input in &self.inputs {
            match values.remove(&input.id) {
                Some(Value::String(given)) if input.pointer.is_empty() => name = given,
                Some(value) => {
                    let steps = input.pointer.split('/').skip(1);
                    *steps.fold(&mut fields, |place, step| &mut place[step]) = value;
                }
                None => {}
            }
        }
        match fields {
            Value::Object(fields) => (name, fields),
            _ => (name, Map::new()),
        }
    }
}

/// The canonical text of an entry.
fn text(name: &str, fields: Map<String, Value>) -> String {
    let sites = Map::from_iter([(name.to_owned(), Value::Object(fields))]);
    format!("{:#}\n", Value::Object(sites))
}

/// Whether a finding is about the value of an input.
fn is_about(finding: &Finding, entry: &Entry, input: &Input) -> bool {
    let (Location::Name(at) | Location::Value(at)) = &finding.location else {
        return false;
    };
    let rest = at.strip_prefix(&format!("{}{}", entry.pointer(), input.pointer));
    rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && !input.pointer.is_empty()))
}

/// Whether a field says where to ask for two-factor authentication.
fn is_contact(id: &str) -> bool {
    id.starts_with("contact-") && id != "contact-language"
}

/// What is wrong and how to fix it, for the console.
fn described(finding: &Finding) -> Failure {
    Failure {
        message: finding.message.clone(),
        help: finding.help.clone().into_iter().collect(),
    }
}

/// Several failures as one: their messages, then their ways out.
fn all(failures: impl IntoIterator<Item = Failure>) -> Failure {
    let (messages, help): (Vec<_>, Vec<_>) = failures
        .into_iter()
        .map(|failure| (failure.message, failure.help))
        .unzip();
    Failure {
        message: messages.join("\n"),
        help: help.concat(),
    }
}

/// A question about a field: its name, what it contains, and its choices.
fn question(input: &Input) -> String {
    let mut lines = vec![String::new(), format!("{}: {}", input.id, input.about)];
    let has_meanings = input.choices.iter().any(|(_, meaning)| !meaning.is_empty());
    for (choice, meaning) in &input.choices {
        let choice = visible(choice);
        let width = choice.chars().count() + 2;
        match lines.last_mut() {
            _ if has_meanings => lines.push(format!("  {choice:<16} {}", visible(meaning))),
            // Choices without meanings share lines.
            Some(line)
                if line.starts_with(' ') && line.chars().count() + width <= MAX_LINE_CHARS =>
            {
                line.push_str("  ");
                line.push_str(&choice);
            }
            _ => lines.push(format!("  {choice}")),
        }
    }
    lines.extend(match (input.is_list, input.is_free_text) {
        (true, true) => Some("One per line; an empty line ends the list.".to_owned()),
        (true, false) => Some("Separate several with commas.".to_owned()),
        (false, _) => None,
    });
    lines.join("\n")
}

/// Reads the answer to a question; nothing if it is empty.
fn read_value(input: &Input) -> Result<Option<Value>> {
    if !input.is_list {
        let line = read_line()?;
        return Ok(Some(Value::from(line)).filter(|answer| answer != ""));
    }
    let mut values = Vec::new();
    loop {
        let line = read_line()?;
        if input.is_free_text && !line.is_empty() {
            values.push(Value::from(line));
            continue;
        }
        let parts = line
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        values.extend(parts.map(Value::from));
        return Ok(Some(Value::from(values)).filter(|answer| *answer != json!([])));
    }
}

fn read_line() -> Result<String> {
    write!(io::stderr(), "> ")?;
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        fail!("the input ended before the entry was complete"; help: "nothing was written");
    }
    Ok(line.trim().to_owned())
}

fn say(text: &str) -> io::Result<()> {
    writeln!(io::stderr(), "{}", text.trim_end())
}
