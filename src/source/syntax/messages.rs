//! The messages about syntax errors, each with its help.

/// A message and its help.
pub(super) type Text = (&'static str, &'static str);

pub(super) const DOUBLE_QUOTES: &str = "“”„‟«»";
pub(super) const SINGLE_QUOTES: &str = "'‘’‚‛`´";

pub(super) const COMMA: Text = (
    "missing comma",
    "Put a comma after this. Commas separate fields, and the items of an array.",
);
pub(super) const TRAILING: Text = (
    "trailing comma",
    "JSON allows no comma after the last item; remove it.",
);
pub(super) const EXTRA_COMMA: Text = ("extra comma", "One comma is enough; remove the other.");
pub(super) const COLON: Text = (
    "missing colon after the field name",
    "A field is written as `\"name\": value`.",
);
pub(super) const VALUE: Text = (
    "missing value after the colon",
    "A field is written as `\"name\": value`.",
);
pub(super) const ITEM: Text = ("missing value", "Write a value here, or remove the comma.");
pub(super) const QUOTES: Text = (
    "missing double quotes",
    "Names and strings need straight double quotes: `\"totp\"`.",
);
pub(super) const CURLY: Text = (
    "curly quotes around this string",
    "JSON needs straight double quotes (`\"`). Word processors replace them with curly ones.",
);
pub(super) const SINGLE: Text = (
    "single quotes around this string",
    "JSON needs double quotes: `\"totp\"`.",
);
pub(super) const CLOSING_QUOTE: Text = (
    "the closing quote of this string is missing",
    "Add a double quote after the string, on the same line.",
);
pub(super) const INNER_QUOTE: Text = (
    "double quote inside this string",
    "Write `\\\"` for a double quote inside a string. If the string ends here, a comma is missing.",
);
pub(super) const LINE_BREAK: Text = (
    "line break in this string",
    "Write the whole string on one line.",
);
pub(super) const CONTROL: Text = (
    "this string contains a control character, such as a tab",
    "Replace it with a space.",
);
pub(super) const BRACE: Text = (
    "missing closing brace",
    "Every `{` needs a `}` after its last field.",
);
pub(super) const BRACKET: Text = (
    "missing closing bracket",
    "Every `[` needs a `]` after its last item.",
);
pub(super) const OUTER_BRACES: Text = (
    "missing braces around the whole file",
    "Put `{` before the site's name and `}` at the end: `{ \"Example\": { \"domain\": … } }`.",
);
pub(super) const EXTRA_BRACKET: Text = (
    "unexpected closing bracket",
    "Every `}` and `]` needs a `{` or `[` before it. Remove the extra one.",
);
pub(super) const COMMENT: Text = (
    "JSON allows no comments",
    "Remove the comment. Information for users belongs in `notes`.",
);
pub(super) const CONFLICT: Text = (
    "unresolved merge conflict",
    "Keep one of the two versions, and remove the lines that start with `<<<<<<<`, `=======` and `>>>>>>>`.",
);
pub(super) const REST: Text = (
    "unexpected text after the end of the entry",
    "A file is one object in braces. Check where the first `{` is closed.",
);
pub(super) const DEPTH: Text = (
    "this is nested too deeply",
    "An entry has two levels of objects, and arrays inside them.",
);
pub(super) const UNEXPECTED: Text = (
    "unexpected character",
    "Look for a missing quote, comma or bracket here or just before.",
);
pub(super) const SPACE: Text = (
    "invisible character between values",
    "Replace it with a space. Web pages and word processors insert such characters.",
);
