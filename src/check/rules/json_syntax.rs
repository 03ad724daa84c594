use std::sync::LazyLock;

use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::schema::{self, Input, Meant};
use crate::source::syntax::{self, Diagnosis, Fields, Form, Words};
use crate::source::{Location, ParseError, Verb};
use crate::text::count;

rule! {
    /// Finds files that are not valid JSON.
    ///
    /// ## Why
    ///
    /// One misplaced comma makes the whole file unreadable.
    ///
    /// ## Bad
    ///
    /// ```json
    /// {
    ///   "Example": {
    ///     "domain": "example.com"
    ///     "tfa": ["totp",],
    ///   }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// {
    ///   "Example": {
    ///     "domain": "example.com",
    ///     "tfa": ["totp"],
    ///     "documentation": "https://example.com/help/two-factor",
    ///     "categories": ["email"]
    ///   }
    /// }
    /// ```
    ///
    /// ## Fix
    ///
    /// Searches for the fewest corrections that turn the text into an entry: missing, extra and wrong
    /// commas, colons, quotes and brackets, also of other scripts; commas and colons inside the quotes;
    /// invisible characters; the marks of a code block. It corrects nothing if several repairs are
    /// equally short but differ in meaning, or if something that may matter would be lost, such as a
    /// comment. It never converts a file of another kind, such as YAML or rich text.
    JSON_SYNTAX = "json-syntax", Error, Output, fix: Safe, File(check)
}

/// How many errors of a file are reported, each with its place.
const MAX_REPORTED: usize = 20;

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    let Some(Err(ParseError::Syntax(error))) = context.content else {
        return Vec::new();
    };
    let text = &context.file.text;
    if text.trim().is_empty() {
        let help = "Add the site's entry, or remove the file.";
        return vec![Problem::of_file("this file is empty", help)];
    }
    let Diagnosis {
        mut errors,
        is_correctable,
    } = syntax::diagnose(text, error, &ENTRY_FILE);
    let rest = errors.split_off(MAX_REPORTED.min(errors.len()));
    let mut problems = Vec::new();
    for error in errors {
        let problem = Problem::new(Location::Bytes(error.range), error.message, error.help);
        problems.push(match is_correctable {
            true => problem.fix(error.title, Change::Replace(error.edits)),
            false => problem,
        });
    }
    if !rest.is_empty() {
        let more = count(rest.len(), "more syntax error", "more syntax errors");
        let help = "Fix the first ones, and check again.";
        let problem = Problem::of_file(format!("{more} in this file"), help);
        let edits = rest.into_iter().flat_map(|error| error.edits).collect();
        problems.push(match is_correctable {
            true => problem.fix(
                Verb::Correct.title("the other syntax errors"),
                Change::Replace(edits),
            ),
            false => problem,
        });
    }
    problems
}

/// The form of an entry file, as its schema describes it.
pub(super) static ENTRY_FILE: LazyLock<Form> = LazyLock::new(|| {
    let schema = serde_json::from_str(schema::ENTRY.text).unwrap_or_default();
    let inputs = schema::inputs(&schema);
    let contact = Form::Object(Fields {
        forms: fields_below("/contact/", &inputs),
        meant: meant_contact,
    });
    let mut forms = fields_below("/", &inputs);
    forms.push(("contact".to_owned(), contact));
    let meant = meant_field;
    Form::Site(Box::new(Form::Object(Fields { forms, meant })))
});

/// The fields directly below a pointer, with their forms.
fn fields_below(parent: &str, inputs: &[Input]) -> Vec<(String, Form)> {
    let mut forms = Vec::new();
    for input in inputs {
        if let Some(name) = input.pointer.strip_prefix(parent)
            && !name.contains('/')
        {
            forms.push((name.to_owned(), form_of(input)));
        }
    }
    forms
}

fn form_of(input: &Input) -> Form {
    let choices = input.choices.iter().map(|(word, _)| word.clone());
    let words = match choices.collect::<Vec<_>>() {
        _ if input.is_free_text => Words::Text,
        none if none.is_empty() => Words::Word,
        choices => Words::Choice(choices),
    };
    match input.is_list {
        true => Form::Array(Box::new(Form::String(words))),
        false => Form::String(words),
    }
}

fn meant_field(name: &str, known: &[&str]) -> Option<String> {
    Meant::of("entry", name, known).answer().map(str::to_owned)
}

fn meant_contact(name: &str, known: &[&str]) -> Option<String> {
    Meant::of("contact", name, known)
        .answer()
        .map(str::to_owned)
}
