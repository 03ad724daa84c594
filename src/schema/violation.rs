//! What a validator says, in sentences for people.
//!
//! Each keyword of JSON Schema has one sentence; the nouns come from the titles and descriptions in
//! the schemas. Nobody should ever read that something "must match exactly one schema in oneOf".

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::types::JsonType;
use jsonschema::{ValidationError, paths::Location as JsonPointer};
use serde_json::Value;

use super::{ENTRY, Schemas, Validator};
use crate::source::Location;
use crate::source::document::escape;
use crate::text::{count, enumerate, nearest, quote};

/// One way in which a document does not meet its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Where in the document.
    pub(crate) location: Location,
    /// What is wrong: one sentence without a full stop. Values in it are quoted.
    pub(crate) message: String,
    /// How to mend it.
    pub(crate) help: Option<String>,
    /// The schema's definition (a name in `$defs`) that is not met; empty for the schema itself.
    pub(crate) definition: String,
}

/// How many violations of one document are looked at. Nobody mends more at a time, and a document
/// can be made to have a million.
const MAX_VIOLATIONS: usize = 100;

/// The violations of a document, in the validator's order. Violations that say the same of the
/// same location are given once. Of more than a hundred the rest is summed up in one.
pub(crate) fn violations(
    schemas: &Schemas,
    validator: &Validator,
    document: &Value,
) -> Vec<Violation> {
    let mut found: Vec<Violation> = Vec::new();
    for error in validator.iter_errors(document).take(MAX_VIOLATIONS + 1) {
        for violation in translate(schemas, &error) {
            if found.len() == MAX_VIOLATIONS {
                found.push(Violation {
                    location: Location::File,
                    message: format!(
                        "this file has more than {MAX_VIOLATIONS} faults; here are the first"
                    ),
                    help: Some("Mend these and check again.".to_owned()),
                    definition: "entry".to_owned(),
                });
                return found;
            }
            if !found.iter().any(|other| {
                other.location == violation.location && other.message == violation.message
            }) {
                found.push(violation);
            }
        }
    }
    found
}

/// The part of a schema that an error is about, with what describes it.
struct Context<'s> {
    /// The schema object that holds the violated keyword.
    schema: &'s Value,
    /// The nearest description around the keyword.
    description: Option<&'s str>,
    /// The definition that holds the keyword.
    definition: String,
    /// The field that the error is about, quoted, or what the whole document is.
    subject: String,
    path: &'s JsonPointer,
}

fn translate(schemas: &Schemas, error: &ValidationError<'_>) -> Vec<Violation> {
    let context = Context::of(schemas, error);
    let instance = error.instance();
    let value = || context.at_value(instance);
    let mut definition = context.definition.clone();
    let (location, message, help) = match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            return unexpected
                .iter()
                .take(MAX_VIOLATIONS + 1)
                .map(|name| context.unknown_field(name))
                .collect();
        }
        ValidationErrorKind::PropertyNames { error } => {
            let name = error.instance().as_str().unwrap_or_default();
            let inner = Context::of(schemas, error);
            let location = Location::Name(format!("{}/{}", context.path.as_str(), escape(name)));
            let (message, help) = match error.kind() {
                ValidationErrorKind::Enum { options } => {
                    inner.not_one_of(error.instance(), options)
                }
                _ => inner.not_a(name),
            };
            definition = inner.definition;
            (location, message, help)
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let location = Location::Name(context.path.as_str().to_owned());
            (location, format!("{} is missing", quote(name)), context.about_field(name))
        }
        ValidationErrorKind::Type { kind } => {
            let message = format!(
                "{} must be {}, not {}",
                context.subject,
                expected_type(kind),
                actual_type(instance)
            );
            (value(), message, context.help_with_example())
        }
        ValidationErrorKind::Enum { options } => {
            let (message, help) = context.not_one_of(instance, options);
            (value(), message, help)
        }
        ValidationErrorKind::Pattern { .. } | ValidationErrorKind::Format { .. } => {
            let (message, help) = context.not_a(instance.as_str().unwrap_or_default());
            (value(), message, help)
        }
        ValidationErrorKind::UniqueItems => {
            let (location, message) = context.repeated(instance);
            (location, message, Some("Remove one of them.".to_owned()))
        }
        ValidationErrorKind::MinItems { .. } => {
            let message = format!("{} is an empty list", context.subject);
            (value(), message, Some("Put something into it, or remove the field.".to_owned()))
        }
        ValidationErrorKind::MinProperties { .. } => {
            (value(), format!("{} is empty", context.subject), context.help())
        }
        ValidationErrorKind::MaxProperties { .. } => {
            let fields = instance.as_object().map_or(0, serde_json::Map::len);
            let message = format!("{} has {fields} fields", context.subject);
            (value(), message, context.help())
        }
        ValidationErrorKind::MinLength { limit } => {
            let length = instance.as_str().unwrap_or_default().chars().count();
            let message = match length {
                0 => format!("{} is empty", context.subject),
                _ => format!(
                    "{} is too short: {} where at least {limit} are needed",
                    context.subject,
                    count(length, "character", "characters")
                ),
            };
            (value(), message, context.help())
        }
        ValidationErrorKind::Minimum { limit } => {
            let message = format!("{} is less than {limit}", context.subject);
            (value(), message, context.help())
        }
        ValidationErrorKind::FalseSchema => {
            let location = Location::Name(context.path.as_str().to_owned());
            (location, format!("{} has no location here", context.subject), context.help())
        }
        other => {
            let message = match context.description {
                Some(description) => clause(description),
                None => format!("{} breaks the schema's `{}`", context.subject, other.keyword()),
            };
            (value(), message, None)
        }
    };
    vec![Violation { location, message, help, definition }]
}

impl<'s> Context<'s> {
    fn of<'e: 's>(schemas: &'s Schemas, error: &'e ValidationError<'_>) -> Self {
        let location = error.absolute_keyword_location().map_or("", |location| location.as_str());
        let (address, keyword) = location.split_once('#').unwrap_or((location, ""));
        let keyword = keyword.replace("%24", "$");
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
        Self { schema, description, definition, subject: subject(root, path), path }
    }

    /// What the schema calls the thing it describes.
    fn title(&self) -> &'s str {
        self.schema["title"].as_str().unwrap_or("valid value")
    }

    fn help(&self) -> Option<String> {
        self.description.map(str::to_owned)
    }

    fn at_value(&self, instance: &Value) -> Location {
        let pointer = self.path.as_str().to_owned();
        // The name of a field that holds a list or group says enough, and is one line.
        match instance {
            Value::Object(_) | Value::Array(_) if !pointer.is_empty() => Location::Name(pointer),
            Value::Object(_) | Value::Array(_) => Location::File,
            _ => Location::Value(pointer),
        }
    }

    fn not_a(&self, value: &str) -> (String, Option<String>) {
        let message = match (value, self.meant(value)) {
            ("", _) => format!("{} is empty", self.subject),
            (_, Some(meant)) => {
                format!("{} is no {}; did you mean {}?", quote(value), self.title(), quote(&meant))
            }
            _ => format!("{} is no {}", quote(value), self.title()),
        };
        (message, Some(self.help_with_example().unwrap_or_default()))
    }

    /// What a value was probably meant to be: the same in lower case, or with or without a scheme.
    fn meant(&self, value: &str) -> Option<String> {
        let lower = value.to_lowercase();
        let address = lower.trim_start_matches("https://").trim_start_matches("http://");
        let candidate = match self.schema["format"].as_str() {
            Some("hostname") => address.trim_end_matches('/').to_owned(),
            Some("uri") if value.contains('.') && !value.contains([':', ' ']) => {
                format!("https://{}", value.trim_start_matches('/'))
            }
            Some(_) => return None,
            None => lower,
        };
        let validator = jsonschema::validator_for(self.schema).ok()?;
        let is_meant = candidate != value && validator.is_valid(&candidate.as_str().into());
        is_meant.then_some(candidate)
    }

    fn help_with_example(&self) -> Option<String> {
        let help = self.description?;
        match &self.schema["examples"][0] {
            Value::Null => Some(help.to_owned()),
            example => Some(format!("{help} For example {}.", quote(&shown(example)))),
        }
    }

    fn not_one_of(&self, instance: &Value, options: &Value) -> (String, Option<String>) {
        let Some(word) = instance.as_str() else {
            let expected = type_name(JsonType::String);
            let message =
                format!("{} must be {expected}, not {}", self.subject, actual_type(instance));
            return (message, self.help());
        };
        let options: Vec<&str> =
            options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let message = match nearest(word, options.iter().copied()) {
            Some(near) => {
                format!("{} is no {}; did you mean {}?", quote(word), self.title(), quote(near))
            }
            None => format!("{} is no {}", quote(word), self.title()),
        };
        (message, Some(format!("There are {}.", enumerate(options, "and"))))
    }

    fn unknown_field(&self, name: &str) -> Violation {
        let known = self.schema["properties"].as_object();
        let known = || known.into_iter().flat_map(|it| it.keys().map(String::as_str));
        let message = match nearest(name, known()) {
            Some(near) => format!(
                "{} has no field {}; did you mean {}?",
                self.subject,
                quote(name),
                quote(near)
            ),
            None => format!("{} has no field {}", self.subject, quote(name)),
        };
        Violation {
            location: Location::Name(format!("{}/{}", self.path.as_str(), escape(name))),
            message,
            help: Some(format!("Its fields are {}.", enumerate(known(), "and"))),
            definition: self.definition.clone(),
        }
    }

    /// What a missing field is, or else why it is needed.
    fn about_field(&self, name: &str) -> Option<String> {
        let field = &self.schema["properties"][name];
        let help = field["description"].as_str().or(self.description)?;
        match &field["examples"][0] {
            Value::Null => Some(help.to_owned()),
            example => {
                let field = format!("\"{name}\": {}", shown(example));
                Some(format!("{help} For example {}.", quote(&field)))
            }
        }
    }

    fn repeated(&self, instance: &Value) -> (Location, String) {
        let elements = instance.as_array().map_or(&[][..], Vec::as_slice);
        let again = elements
            .iter()
            .enumerate()
            .find(|(index, element)| elements[..*index].contains(element));
        match again {
            Some((index, element)) => {
                let value = element.as_str().map_or_else(|| quote(&element.to_string()), quote);
                let location = Location::Value(format!("{}/{index}", self.path.as_str()));
                (location, format!("{value} stands twice in {}", self.subject))
            }
            None => (self.at_value(instance), format!("{} repeats a value", self.subject)),
        }
    }
}

/// An example as it is written: a text as it is, anything else as JSON on one line.
fn shown(example: &Value) -> String {
    match example {
        Value::String(text) => text.clone(),
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(Value::to_string).collect();
            format!("[{}]", elements.join(", "))
        }
        other => other.to_string(),
    }
}

fn description_of(schema: &Value) -> Option<&str> {
    schema.get("description").and_then(Value::as_str)
}

/// A sentence as part of another one: without its capital and full stop.
fn clause(sentence: &str) -> String {
    let mut chars = sentence.trim_end_matches('.').chars();
    let first = chars.next().map(|first| first.to_lowercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

/// The name of the innermost field on a path, quoted; for the document itself its schema's title.
fn subject(root: &Value, path: &JsonPointer) -> String {
    let field =
        path.as_str().split('/').skip(1).filter(|step| step.parse::<usize>().is_err()).last();
    match field {
        Some(name) => quote(&name.replace("~1", "/").replace("~0", "~")),
        None => format!("the {}", root["title"].as_str().unwrap_or("document").to_lowercase()),
    }
}

fn expected_type(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => type_name(*kind).to_owned(),
        TypeKind::Multiple(kinds) => {
            let names: Vec<&str> = kinds.iter().map(type_name).collect();
            names.join(" or ")
        }
    }
}

fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "null",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "a text in quotes",
        JsonType::Array => "a list in square brackets",
        JsonType::Object => "a group in braces",
    }
}

fn actual_type(value: &Value) -> &'static str {
    type_name(match value {
        Value::Null => JsonType::Null,
        Value::Bool(_) => JsonType::Boolean,
        Value::Number(_) => JsonType::Number,
        Value::String(_) => JsonType::String,
        Value::Array(_) => JsonType::Array,
        Value::Object(_) => JsonType::Object,
    })
}
