//! What a fix does, in the two forms in which it is said.

use std::fmt::Display;

/// What a fix does: before it is applied, and afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixTitle {
    /// An infinitive without a full stop: "remove `url`".
    pub(crate) infinitive: String,
    /// The same in the past tense: "removed `url`".
    pub(crate) past: String,
}

impl FixTitle {
    /// The title of the fix that reformats a file.
    pub(crate) fn reformat() -> Self {
        Self {
            infinitive: "reformat it".to_owned(),
            past: "reformatted".to_owned(),
        }
    }
}

/// What fixes do with something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Add,
    Close,
    Convert,
    Correct,
    Join,
    Make,
    Move,
    Name,
    Put,
    Remove,
    Rename,
    Reorder,
    Replace,
    Set,
}

impl Verb {
    /// The title of a fix that does this with the object, such as "`url`" or "it on one line".
    pub(crate) fn title(self, object: impl Display) -> FixTitle {
        let (infinitive, past) = match self {
            Self::Add => ("add", "added"),
            Self::Close => ("close", "closed"),
            Self::Convert => ("convert", "converted"),
            Self::Correct => ("correct", "corrected"),
            Self::Join => ("join", "joined"),
            Self::Make => ("make", "made"),
            Self::Move => ("move", "moved"),
            Self::Name => ("name", "named"),
            Self::Put => ("put", "put"),
            Self::Remove => ("remove", "removed"),
            Self::Rename => ("rename", "renamed"),
            Self::Reorder => ("reorder", "reordered"),
            Self::Replace => ("replace", "replaced"),
            Self::Set => ("set", "set"),
        };
        FixTitle {
            infinitive: format!("{infinitive} {object}"),
            past: format!("{past} {object}"),
        }
    }
}
