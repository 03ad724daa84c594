//! What a file should contain, so that a repair can be judged.

use std::fmt;

/// The form of a value.
pub(crate) enum Form {
    /// Any value: that of an unknown field.
    Any,
    /// A string.
    String(Words),
    /// An array of such values.
    Array(Box<Self>),
    /// An object with these fields.
    Object(Fields),
    /// An object with one field of any name: a file with one entry.
    Site(Box<Self>),
}

/// The fields of an object.
pub(crate) struct Fields {
    pub(crate) forms: Vec<(String, Form)>,
    /// The field that an unknown name certainly means.
    pub(crate) meant: fn(&str, &[&str]) -> Option<String>,
}

/// The strings that a place takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Words {
    /// Any text.
    Text,
    /// A name, domain, URL or code: no white space, quotes or brackets.
    Word,
    /// One of these.
    Choice(Vec<String>),
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "any value",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
            Self::Site(_) => "a file with one entry",
        })
    }
}

impl Words {
    /// Whether a string can be meant here.
    pub(super) fn fit(&self, text: &str) -> bool {
        let is_part = |char: char| !char.is_whitespace() && !"\"'“”{}[]\\".contains(char);
        match self {
            Self::Text => !text.trim().is_empty(),
            Self::Word => !text.is_empty() && text.chars().all(is_part),
            Self::Choice(words) => words.iter().any(|word| word == text),
        }
    }
}

impl Fields {
    /// Whether a field has exactly this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.forms.iter().any(|(known, _)| known == name)
    }

    /// The form of a field, if it is known or certainly means one that is.
    pub(super) fn form(&self, name: &str) -> Option<&Form> {
        let find = |name: &str| self.forms.iter().find(|(known, _)| known == name);
        if let Some((_, form)) = find(name) {
            return Some(form);
        }
        if name.is_empty() || name.len() > MAX_NAME_BYTES {
            return None;
        }
        let known: Vec<&str> = self.forms.iter().map(|(name, _)| name.as_str()).collect();
        find(&(self.meant)(name, &known)?).map(|(_, form)| form)
    }
}

/// Longer names mean no field.
const MAX_NAME_BYTES: usize = 40;
