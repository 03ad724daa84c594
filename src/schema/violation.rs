//! Validation errors as plain sentences.
//!
//! Each keyword of JSON Schema has one sentence; the nouns come from the titles and descriptions in
//! the schemas. A reader never sees that something "must match exactly one schema in oneOf".

use std::collections::HashSet;

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::types::JsonType;
use jsonschema::{ValidationError, paths::Location as JsonPointer};
use serde_json::{Map, Value};

use super::words::{
    actual_type, clause, description_of, expected, length, spaced, subject, type_name, with_example,
};
use super::{ENTRY, Meant, Schemas, Validator};
use crate::address::{Hosts, url_meant};
use crate::finding::{Change, Fix};
use crate::source::document::escape;
use crate::source::{Location, Verb};
use crate::text::{count, list, quote, thousands, visible, with_article};

/// One violation of a document's schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Where in the document.
    pub(crate) location: Location,
    /// What is wrong: one sentence without a full stop. Values in it are quoted.
    pub(crate) message: String,
    /// How to fix it.
    pub(crate) help: Option<String>,
    /// The definition in `$defs` that is violated; empty for the schema itself.
    pub(crate) definition: String,
    /// The correction, if there is only one.
    pub(crate) fix: Option<Fix>,
}

impl Violation {
    /// The validation itself has failed, because of a bug in tfadir.
    pub(crate) fn internal() -> Self {
        Self {
            location: Location::File,
            message: "this file could not be checked because of an error in tfadir".to_owned(),
            help: Some("Please report this, with the file.".to_owned()),
            definition: "entry".to_owned(),
            fix: None,
        }
    }
}

/// How many violations of one document are reported; a hostile document can have a million.
const MAX_VIOLATIONS: usize = 100;

/// How many allowed values are listed on a line each.
const MAX_LINES: usize = 8;

/// The violations of a document, in the validator's order and without repetitions. After a
/// hundred, a last one says that there are more.
pub(crate) fn violations(
    schemas: &Schemas,
    validator: &Validator,
    document: &Value,
) -> Vec<Violation> {
    let mut found: Vec<Violation> = Vec::new();
    let errors = validator.iter_errors(document).take(MAX_VIOLATIONS + 1);
    for violation in errors.flat_map(|error| translate(schemas, &error)) {
        if found.len() == MAX_VIOLATIONS {
            found.push(Violation {
                location: Location::File,
                message: format!("this file has more than {MAX_VIOLATIONS} errors"),
                help: Some(format!("Fix the first {MAX_VIOLATIONS} and check again.")),
                definition: "entry".to_owned(),
                fix: None,
            });
            break;
        }
        let is_same = |other: &Violation| {
            other.location == violation.location && other.message == violation.message
        };
        if !found.iter().any(is_same) {
            found.push(violation);
        }
    }
    found
}

/// The part of a schema that an error is about, with its description.
struct Context<'s> {
    /// The schema object that contains the violated keyword.
    schema: &'s Value,
    /// The nearest description around the keyword.
    description: Option<&'s str>,
    /// The definition that contains the keyword.
    definition: String,
    /// The field that the error is about, quoted, or the title of the whole document.
    subject: String,
    path: &'s JsonPointer,
}

fn translate(schemas: &Schemas, error: &ValidationError<'_>) -> Vec<Violation> {
    let context = Context::of(schemas, error);
    let (subject, instance) = (&context.subject, error.instance());
    let mut fix = None;
    let (location, message, help) = match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            return context.unknown_fields(unexpected, instance);
        }
        Kind::PropertyNames { error } => {
            let inner = Context::of(schemas, error);
            return vec![context.wrong_name(&inner, error, instance)];
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            // The misspelled field is reported.
            let known = context.known();
            let fields = instance.as_object().into_iter().flat_map(Map::keys);
            let unknown = fields.filter(|field| !known.contains(&field.as_str()));
            let mut reported = unknown.take(MAX_VIOLATIONS);
            if reported.any(|field| context.meant(field).answer() == Some(name)) {
                return Vec::new();
            }
            (
                context.at_name(),
                format!("{} is missing", quote(name)),
                context.about_field(name),
            )
        }
        Kind::FalseSchema => (
            context.at_name(),
            format!("{subject} is not allowed here"),
            context.help(),
        ),
        Kind::UniqueItems => {
            return context.repeated(instance);
        }
        kind => {
            let (message, help, answer) = context.explain(kind, instance);
            let location = Location::Value(context.path.as_str().to_owned());
            let wrong = instance.as_str().unwrap_or_default();
            fix = answer
                .map(|right| replace(wrong, &right, location))
                .or_else(|| context.retype(kind, instance))
                .or_else(|| context.without_foreign_icon(instance));
            (context.at_value(instance), message, help)
        }
    };
    vec![Violation {
        location,
        message,
        help,
        definition: context.definition,
        fix,
    }]
}

/// What the fix of a violation writes.
fn written(violation: &Violation) -> Option<&str> {
    match &violation.fix.as_ref()?.change {
        Change::Write(_, text) => Some(text),
        _ => None,
    }
}

/// The fix that replaces a value or a name.
fn replace(wrong: &str, right: &str, location: Location) -> Fix {
    let title = Verb::Replace.title(format!("{} with {}", quote(wrong), quote(right)));
    let change = Change::Write(location, Value::from(right).to_string());
    Fix {
        title,
        change,
        alters_output: false,
    }
}

/// The fix that drops a field with what it says.
fn remove(name: &str, pointer: String) -> Fix {
    Fix {
        title: Verb::Remove.title(quote(name)),
        change: Change::Remove(pointer),
        alters_output: true,
    }
}

/// A message, its help, and the only value that was meant.
type Explanation = (String, Option<String>, Option<String>);

impl<'s> Context<'s> {
    fn of<'e: 's>(schemas: &'s Schemas, error: &'e ValidationError<'_>) -> Self {
        let location = error
            .absolute_keyword_location()
            .map_or("", |location| location.as_str());
        let (address, fragment) = location.split_once('#').unwrap_or((location, ""));
        let keyword = fragment.replace("%24", "$");
        let root = schemas
            .documents()
            .find(|(name, _)| address.ends_with(name.file))
            .map_or_else(|| schemas.document(ENTRY), |(_, document)| document);

        let mut schema = root;
        let mut description = description_of(root);
        let parents = keyword.rsplit_once('/').map_or("", |(parents, _)| parents);
        for step in parents.split('/').skip(1) {
            schema = match schema {
                Value::Array(parts) => step.parse().ok().and_then(|index: usize| parts.get(index)),
                other => other.get(step),
            }
            .unwrap_or(&Value::Null);
            description = description_of(schema).or(description);
        }

        let definition = keyword
            .strip_prefix("/$defs/")
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_default()
            .to_owned();
        let path = error.instance_path();
        Self {
            schema,
            description,
            definition,
            subject: subject(root, path),
            path,
        }
    }

    /// The violations of fields that the schema does not have.
    fn unknown_fields(&self, names: &[String], instance: &Value) -> Vec<Violation> {
        let mut violations: Vec<Violation> = Vec::new();
        for name in names.iter().take(MAX_VIOLATIONS + 1) {
            let mut violation = self.unknown_field(name, instance);
            // Two fields cannot both be renamed to the same one.
            if let Some(new_name) = written(&violation)
                && violations
                    .iter()
                    .any(|other| written(other) == Some(new_name))
            {
                violation.fix = None;
            }
            violations.push(violation);
        }
        violations
    }

    /// The violation of a name that the schema does not allow; `inner` is about the name.
    fn wrong_name(
        &self,
        inner: &Context<'_>,
        error: &ValidationError<'_>,
        instance: &Value,
    ) -> Violation {
        let name = error.instance().as_str().unwrap_or_default();
        let location = Location::Name(format!("{}/{}", self.path.as_str(), escape(name)));
        let (message, help, answer) = match error.kind() {
            Kind::Enum { options } => inner.not_one_of(error.instance(), options),
            _ if name.is_empty() => ("the site's name is empty".to_owned(), inner.help(), None),
            _ => inner.not_a(name),
        };
        let fix = answer
            .filter(|new_name| instance.get(new_name).is_none())
            .map(|new_name| replace(name, &new_name, location.clone()));
        Violation {
            location,
            message,
            help,
            definition: inner.definition.clone(),
            fix,
        }
    }

    /// The sentence for an error about the value itself, its help, and the value that was meant.
    fn explain(&self, kind: &Kind, instance: &Value) -> Explanation {
        let subject = &self.subject;
        let message = match kind {
            Kind::Type { kind } => {
                let types = match kind {
                    TypeKind::Single(kind) => type_name(*kind).to_owned(),
                    TypeKind::Multiple(kinds) => {
                        kinds.iter().map(type_name).collect::<Vec<_>>().join(" or ")
                    }
                };
                let message = format!("{subject} must be {types}, not {}", actual_type(instance));
                let help = match (kind, instance) {
                    (TypeKind::Single(JsonType::Array), Value::String(text)) => {
                        let array = self.array_of(text);
                        Some(format!("Put it in square brackets: {}.", quote(&array)))
                    }
                    _ => self.help_with_example(),
                };
                return (message, help, None);
            }
            Kind::Enum { options } => return self.not_one_of(instance, options),
            Kind::Pattern { .. } | Kind::Format { .. } => {
                return self.not_a(instance.as_str().unwrap_or_default());
            }
            Kind::MinItems { .. } => {
                let help = match subject.as_str() {
                    "`tfa`" => "Add a method. If there is none, remove `tfa`, and add `contact`.",
                    _ => "Add an item, or remove the field.",
                };
                return (
                    format!("{subject} is an empty array"),
                    Some(help.to_owned()),
                    None,
                );
            }
            Kind::MinProperties { .. } => format!("{subject} is empty"),
            Kind::MaxProperties { limit } => {
                let fields = instance.as_object().map_or(0, Map::len);
                format!("{subject} has {fields} fields; the maximum is {limit}")
            }
            Kind::MaxItems { limit } => {
                let length = instance.as_array().map_or(0, Vec::len);
                let values = count(length, "value", "values");
                let max = limit
                    .to_string()
                    .parse()
                    .map_or(limit.to_string(), thousands);
                format!("{subject} has {values}; the maximum is {max}")
            }
            Kind::MinLength { limit } => match length(instance) {
                0 => format!("{subject} is empty"),
                length => {
                    let length = count(length, "character", "characters");
                    format!("{subject} is too short: {length}, the minimum is {limit}")
                }
            },
            Kind::MaxLength { limit } => {
                let length = count(length(instance), "character", "characters");
                format!("{subject} is too long: {length}, the maximum is {limit}")
            }
            Kind::Minimum { limit } => format!("{subject} must be at least {limit}"),
            Kind::Not { .. } => {
                let message = self.description.map(clause).unwrap_or_default();
                return (message, Some("Remove one of the two.".to_owned()), None);
            }
            other => {
                let message = match self.description {
                    Some(description) => clause(description),
                    None => format!("{subject} breaks the schema's `{}`", other.keyword()),
                };
                return (message, None, None);
            }
        };
        (message, self.help(), None)
    }

    /// A string as JSON text of an array: codes between commas are separate items.
    fn array_of(&self, text: &str) -> String {
        let item = self.schema["items"]["$ref"].as_str().unwrap_or_default();
        let items: Vec<&str> = match item.ends_with("/product") {
            true => vec![text],
            false => text.split(',').map(str::trim).collect(),
        };
        spaced(&Value::from(items))
    }

    /// The fix for a value of another type, if it has what the right one needs.
    fn retype(&self, kind: &Kind, instance: &Value) -> Option<Fix> {
        let Kind::Type {
            kind: TypeKind::Single(expected),
        } = kind
        else {
            return None;
        };
        let make = |form: &str| Verb::Make.title(format!("{} {form}", self.subject));
        let (text, title) = match (expected, instance) {
            (JsonType::Array, Value::String(text)) => (self.array_of(text), make("an array")),
            (JsonType::String, Value::Array(items)) if items.iter().all(Value::is_string) => {
                let is_item = self.subject.starts_with("an item of");
                match items.as_slice() {
                    [_, ..] if is_item => {
                        let items = spaced(instance).trim_matches(['[', ']']).to_owned();
                        (items, Verb::Remove.title("the inner square brackets"))
                    }
                    [item] => (item.to_string(), make("a string")),
                    _ => return None,
                }
            }
            (JsonType::Object, Value::String(text)) if self.definition == "contact" => {
                let field = if text.contains("://") {
                    "form"
                } else {
                    "email"
                };
                if !text.contains(['@', ':']) {
                    return None;
                }
                (format!("{{ \"{field}\": {instance} }}"), make("an object"))
            }
            (JsonType::Object, Value::Array(items)) => match items.as_slice() {
                [item @ Value::Object(_)] => (item.to_string(), make("an object")),
                _ => return None,
            },
            _ => return None,
        };
        let location = Location::Value(self.path.as_str().to_owned());
        let change = Change::Write(location, text);
        Some(Fix {
            title,
            change,
            alters_output: false,
        })
    }

    /// The schema's name for the value that it describes.
    fn title(&self) -> &'s str {
        self.schema["title"].as_str().unwrap_or("valid value")
    }

    fn help(&self) -> Option<String> {
        self.description.map(expected)
    }

    fn at_value(&self, instance: &Value) -> Location {
        let pointer = self.path.as_str().to_owned();
        // For an array or object, the name of the field is enough, and fits on one line.
        match instance {
            Value::Object(_) | Value::Array(_) if !pointer.is_empty() => Location::Name(pointer),
            Value::Object(_) | Value::Array(_) => Location::File,
            _ => Location::Value(pointer),
        }
    }

    fn at_name(&self) -> Location {
        Location::Name(self.path.as_str().to_owned())
    }

    fn not_a(&self, value: &str) -> Explanation {
        if value.is_empty() {
            return (
                format!("{} is empty", self.subject),
                self.help_with_example(),
                None,
            );
        }
        let meant = match self.definition.as_str() {
            "region" => Meant::region(value),
            "language" => Meant::language(value),
            _ => Meant::corrected(self.schema, value),
        };
        let title = with_article(self.title());
        let message = format!("{} is not {title}{}", quote(value), meant.question());
        let is_email = self.schema["format"] == "email";
        let help = match meant.note {
            Some(note) => Some(note.to_owned()),
            None if is_email && url_meant(value, Hosts::Public).is_some() => {
                Some("Name the field `form`, which is for URLs.".to_owned())
            }
            None => self.help_with_example(),
        };
        (message, help, meant.answer().map(str::to_owned))
    }

    fn help_with_example(&self) -> Option<String> {
        Some(with_example(
            &expected(self.description?),
            &self.schema["examples"][0],
            "",
        ))
    }

    fn not_one_of(&self, instance: &Value, options: &Value) -> Explanation {
        let Some(word) = instance.as_str() else {
            let expected = type_name(JsonType::String);
            let message = format!(
                "{} must be {expected}, not {}",
                self.subject,
                actual_type(instance)
            );
            return (message, self.help(), None);
        };
        let elements = options.as_array().into_iter().flatten();
        let options: Vec<&str> = elements.filter_map(Value::as_str).collect();
        let named = options.iter().enumerate().find(|(index, _)| {
            let about = self.schema["enumDescriptions"][*index].as_str();
            about.is_some_and(|about| about.eq_ignore_ascii_case(word.trim()))
        });
        let meant = match named {
            Some((_, option)) => Meant::certain(option),
            None => Meant::of(&self.definition, word, &options),
        };
        let message = match word.is_empty() {
            true => format!("{} is empty", self.subject),
            false => format!(
                "unknown {} {}{}",
                self.title(),
                quote(word),
                meant.question()
            ),
        };
        let help = match (meant.note, meant.answer()) {
            (Some(note), _) => Some(note.to_owned()),
            (None, Some(option)) => self
                .about_option(&options, option)
                .map(|about| format!("{}: {about}.", quote(option))),
            (None, None) => Some(self.choices(&options, &meant.words)),
        };
        (message, help, meant.answer().map(str::to_owned))
    }

    /// The help that lists the options that may be meant, or all if none is.
    fn choices(&self, options: &[&str], meant: &[String]) -> String {
        let mut listed = options.to_vec();
        listed.retain(|option| meant.iter().any(|word| word == option));
        let mut other = "";
        if listed.is_empty() {
            listed.extend(options);
            if options.contains(&"other") {
                other = ", or `other` if none fits";
            }
        }
        // A short list is easier to read with one item per line.
        let is_short = listed.len() <= MAX_LINES;
        let mut lines = Vec::with_capacity(listed.len());
        for option in listed {
            lines.push(match self.about_option(options, option) {
                Some(about) if is_short => format!("{}: {about}", quote(option)),
                Some(about) => format!("{} ({about})", quote(option)),
                None => quote(option),
            });
        }
        let described = if is_short {
            lines.join("\n")
        } else {
            list(&lines)
        };
        format!("Use one of these{other}:\n{described}")
    }

    /// The description of an option.
    fn about_option(&self, options: &[&str], option: &str) -> Option<String> {
        let index = options.iter().position(|other| *other == option)?;
        let about = self.schema["enumDescriptions"][index].as_str()?;
        // A title that only repeats the word, such as `Banking`, says nothing about it.
        if about.replace('-', "").eq_ignore_ascii_case(option) {
            None
        } else {
            Some(visible(about))
        }
    }

    /// The fields that the schema has.
    fn known(&self) -> Vec<&'s str> {
        match self.schema["properties"].as_object() {
            Some(properties) => properties.keys().map(String::as_str).collect(),
            None => Vec::new(),
        }
    }

    /// The field that an unknown one was meant to be.
    fn meant(&self, unknown: &str) -> Meant {
        Meant::of(&self.definition, unknown, &self.known())
    }

    fn unknown_field(&self, name: &str, instance: &Value) -> Violation {
        let meant = self.meant(name);
        let location = Location::Name(format!("{}/{}", self.path.as_str(), escape(name)));
        // A field that is already there is not overwritten.
        let (answer, taken) = match meant.answer() {
            Some(field) if instance.get(field).is_some() => (None, Some(field)),
            answer => (answer, None),
        };
        let question = match taken {
            Some(taken) => format!("; {} is already there", quote(taken)),
            None => meant.question(),
        };
        let about = answer.and_then(|field| Some((field, self.about_field(field)?)));
        let help = match (meant.note, about) {
            (Some(note), _) => note.to_owned(),
            (None, Some((field, about))) => format!("{}: {about}", quote(field)),
            (None, None) if taken.is_some() => "Merge the two into one.".to_owned(),
            (None, None) => {
                let known: Vec<String> = self.known().into_iter().map(quote).collect();
                format!("The fields are:\n{}", list(&known))
            }
        };
        let fix = match answer {
            Some(answer) => Some(replace(name, answer, location.clone())),
            None if meant == Meant::default() => {
                let pointer = format!("{}/{}", self.path.as_str(), escape(name));
                Some(remove(name, pointer))
            }
            None => None,
        };
        Violation {
            message: format!("unknown field {}{question}", quote(name)),
            help: Some(help),
            definition: self.definition.clone(),
            fix,
            location,
        }
    }

    /// Removes an `img` that is the URL of an image elsewhere.
    fn without_foreign_icon(&self, instance: &Value) -> Option<Fix> {
        let is_url = instance.as_str().is_some_and(|text| text.contains("://"));
        let name = self.path.as_str().rsplit('/').next()?;
        (self.definition == "icon" && is_url).then(|| remove(name, self.path.as_str().to_owned()))
    }

    /// The description of a missing field, or else why it is needed.
    fn about_field(&self, name: &str) -> Option<String> {
        let field = &self.schema["properties"][name];
        let about = field["description"].as_str().or(self.description)?;
        Some(with_example(
            about,
            &field["examples"][0],
            &format!("\"{name}\": "),
        ))
    }

    /// A violation for each element that an earlier one equals.
    fn repeated(&self, instance: &Value) -> Vec<Violation> {
        let elements = instance.as_array().map_or(&[][..], Vec::as_slice);
        let mut earlier = HashSet::new();
        let mut violations = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            if !earlier.insert(element.to_string()) {
                violations.push(self.repeated_item(index, element));
            }
            if violations.len() > MAX_VIOLATIONS {
                break;
            }
        }
        violations
    }

    fn repeated_item(&self, index: usize, element: &Value) -> Violation {
        let value = match element.as_str() {
            Some(text) => quote(text),
            None => quote(&element.to_string()),
        };
        let pointer = format!("{}/{index}", self.path.as_str());
        Violation {
            location: Location::Value(pointer.clone()),
            message: format!("{} lists {value} twice", self.subject),
            help: Some("Remove one of them.".to_owned()),
            definition: self.definition.clone(),
            fix: Some(Fix {
                title: Verb::Remove.title("the repeated item"),
                change: Change::Remove(pointer),
                alters_output: false,
            }),
        }
    }
}
