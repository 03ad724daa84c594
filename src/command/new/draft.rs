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
        let mut values = BTreeMap::new();
        for (id, value) in &args.values {
            values.insert((*id).to_owned(), value.clone());
        }
        values.insert("domain".to_owned(), Value::from(args.domain.trim()));
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
        let Some(path) = self.known_path()? else {
            return Ok(());
        };
        let (domain, path) = (quote(self.text("domain")), path.to_string_lossy());
        let (shown, word) = (quote(&path), shell_word(&path));
        fail!(
            "{domain} is already listed in {shown}";
            help: "edit that file, and run `tfadir check {word}`"
        );
    }

    /// The path of an entry that has the domain, or else of whatever has the draft's path.
    fn known_path(&self) -> Result<Option<PathBuf>> {
        let directory = &self.session.directory;
        let tree = match directory.load() {
            Err(error) if error.is::<OtherKindOfDirectory>() => return Err(error),
            loaded => loaded.ok(),
        };
        for file in tree.iter().flat_map(|tree| &tree.files) {
            if claims(file, self.text("domain")) {
                return Ok(Some(file.path.clone()));
            }
        }
        let path = self.path();
        let is_taken = directory.root.join(&path).symlink_metadata().is_ok();
        Ok(is_taken.then_some(path))
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
            for input in &inputs {
                if input.pointer == "/tfa" || input.pointer.starts_with("/contact/") {
                    self.ask_for(input)?;
                }
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
        let mut missing = Vec::new();
        for input in &self.inputs {
            if self.is_needed(input) && !self.values.contains_key(&input.id) {
                missing.push(format!("--{}", input.id));
            }
        }
        if !self.has_tfa() && !self.has_contact() {
            let mut either = vec!["--tfa".to_owned()];
            for input in &self.inputs {
                if is_contact(&input.id) {
                    either.push(format!("--{}", input.id));
                }
            }
            missing.push(format!("one of {}", join(&either, "or")));
        }
        if missing.is_empty() {
            return Ok(());
        }
        fail!(
            "missing options: {}", join(&missing, "and");
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
            let mut failures = vec![failure!("nothing was written")];
            failures.extend(checked.errors.iter().map(described));
            return Err(all(failures).into());
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
        let mut corrected = BTreeMap::new();
        for input in &self.inputs {
            if !self.values.contains_key(&input.id) {
                continue;
            }
            let value = match input.pointer.as_str() {
                "" => Some(Value::from(entry.name.as_str())),
                pointer => fields.pointer(pointer).cloned(),
            };
            if let Some(value) = value {
                corrected.insert(input.id.clone(), value);
            }
        }
        self.values = corrected;
        if !fixes.is_empty() {
            let done = fixes::done(fixes.iter().map(|fix| &fix.title));
            let text = format!("the entry: {done}");
            self.session.console.status("Fixed", &text);
        }
        let mut problems = Vec::new();
        for error in &errors {
            if about.iter().any(|input| is_about(error, &entry, input)) {
                problems.push(described(error));
            }
        }
        Ok(problems)
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
            findings: mut errors,
        } = fix::fix(&checker, &mut results, tree, findings, &|finding| {
            Apply::Draft.includes(finding)
        });
        let Some(entry) = tree.files.first().and_then(|file| entry_in(file)) else {
            fail!("internal error: the entry cannot be read"; help: "please report this");
        };
        errors.retain(|finding| {
            finding.severity == Severity::Error && tree.file(&finding.path).is_some()
        });
        let mut fixes: Vec<Fix> = fixed.into_iter().flat_map(|file| file.fixes).collect();
        fixes.retain(|fix| !matches!(fix.change, Change::Move(_)));
        Ok(CheckedDraft {
            entry,
            errors,
            fixes,
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
                    let mut place = &mut fields;
                    for step in input.pointer.split('/').skip(1) {
                        place = &mut place[step];
                    }
                    *place = value;
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

fn entry_in(file: &SourceFile) -> Option<Entry> {
    Entry::from_json(file.parse().ok()?.value)
}

/// Whether a file is an entry with a domain.
fn claims(file: &SourceFile, domain: &str) -> bool {
    entry_in(file).is_some_and(|entry| entry.domains().any(|claimed| claimed.name == domain))
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
    let mut messages = Vec::new();
    let mut help = Vec::new();
    for failure in failures {
        messages.push(failure.message);
        help.extend(failure.help);
    }
    Failure {
        message: messages.join("\n"),
        help,
    }
}

/// A question about a field: its name, what it contains, and its choices.
fn question(input: &Input) -> String {
    let mut lines = vec![String::new(), format!("{}: {}", input.id, input.about)];
    let has_meanings = input.choices.iter().any(|(_, meaning)| !meaning.is_empty());
    for (name, meaning) in &input.choices {
        let choice = visible(name);
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
    if input.is_list {
        let how = match input.is_free_text {
            true => "One per line; an empty line ends the list.",
            false => "Separate several with commas.",
        };
        lines.push(how.to_owned());
    }
    lines.join("\n")
}

/// Reads the answer to a question; nothing if it is empty.
fn read_value(input: &Input) -> Result<Option<Value>> {
    if !input.is_list {
        let line = read_line()?;
        return Ok(if line.is_empty() {
            None
        } else {
            Some(Value::from(line))
        });
    }
    let mut values = Vec::new();
    loop {
        let line = read_line()?;
        if input.is_free_text && !line.is_empty() {
            values.push(Value::from(line));
            continue;
        }
        for part in line.split(',').map(str::trim) {
            if !part.is_empty() {
                values.push(Value::from(part));
            }
        }
        return Ok(if values.is_empty() {
            None
        } else {
            Some(Value::from(values))
        });
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
