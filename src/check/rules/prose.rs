//! The texts of an entry that people read: the site's name, notes, and names of products.

use crate::check::context::EntryContext;
use crate::source::{Entry, Location};

/// The maximum length of a site or product name, in characters.
const MAX_NAME_CHARS: usize = 200;

/// The maximum length of a note, in characters.
const MAX_NOTE_CHARS: usize = 1000;

/// Where a text is in its entry; its location is only written for a finding.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Name,
    Field(&'static str),
    Product(&'static str, usize),
}

impl Place {
    pub(super) fn location(self, context: &EntryContext<'_>) -> Location {
        match self {
            Self::Name => Location::Name(context.entry.pointer()),
            Self::Field(field) => context.value_of(field),
            Self::Product(field, index) => {
                Location::Value(format!("{}/{index}", context.entry.pointer_to(field)))
            }
        }
    }

    /// What the text is, as the subject of a sentence.
    pub(super) fn subject(self) -> String {
        match self {
            Self::Name => "the site's name".to_owned(),
            Self::Field(field) => format!("`{field}`"),
            Self::Product(field, _) => format!("an item of `{field}`"),
        }
    }
}

/// A text that people read.
#[derive(Clone, Copy)]
pub(super) struct Text<'c> {
    pub(super) place: Place,
    pub(super) value: &'c str,
    /// The maximum length.
    pub(super) max_chars: usize,
}

/// All texts of an entry that people read.
pub(super) fn texts<'c>(context: &EntryContext<'c>) -> impl Iterator<Item = Text<'c>> + use<'c> {
    let entry = context.entry;
    let name = Text {
        place: Place::Name,
        value: &entry.name,
        max_chars: MAX_NAME_CHARS,
    };
    let notes = entry.text("notes").map(|value| Text {
        place: Place::Field("notes"),
        value,
        max_chars: MAX_NOTE_CHARS,
    });
    let products = ["custom-software", "custom-hardware"]
        .into_iter()
        .flat_map(|field| products(entry, field));
    std::iter::once(name).chain(notes).chain(products)
}

/// The products that a field of an entry names.
fn products<'c>(entry: &'c Entry, field: &'static str) -> impl Iterator<Item = Text<'c>> {
    let products = entry.array(field).iter().enumerate();
    products.filter_map(move |(index, product)| {
        Some(Text {
            place: Place::Product(field, index),
            value: product.as_str()?,
            max_chars: MAX_NAME_CHARS,
        })
    })
}
