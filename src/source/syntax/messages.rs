//! The messages about syntax errors.

use crate::source::title::Verb;

/// A message, its help, and what its correction does. `{}` is the text in question.
pub(super) type MessageText = (&'static str, &'static str, (Verb, &'static str));

/// What only a person can correct. No report shows it.
const BY_HAND: (Verb, &str) = (Verb::Correct, "{}");

pub(super) const COMMA: MessageText = (
    "missing comma",
    "Put a comma after this. Commas separate fields, and the items of an array.",
    (Verb::Add, "the comma"),
);
pub(super) const NOT_A_COMMA: MessageText = (
    "{} instead of a comma",
    "JSON separates fields and items with a plain comma: `,`.",
    (Verb::Replace, "it with a comma"),
);
pub(super) const TRAILING_COMMA: MessageText = (
    "trailing comma",
    "JSON allows no comma after the last item; remove it.",
    (Verb::Remove, "the trailing comma"),
);
pub(super) const EXTRA_COMMA: MessageText = (
    "extra comma",
    "There is nothing to separate here; remove the comma.",
    (Verb::Remove, "the extra comma"),
);
pub(super) const COMMA_INSIDE: MessageText = (
    "the comma is on the wrong side of the quote",
    "Quotes go around the value alone: `\"totp\",`.",
    (Verb::Move, "the comma out of the quotes"),
);
pub(super) const COLON: MessageText = (
    "missing colon after the field name",
    "A field is written as `\"name\": value`.",
    (Verb::Add, "the colon"),
);
pub(super) const NOT_A_COLON: MessageText = (
    "{} instead of a colon",
    "A field is written as `\"name\": value`.",
    (Verb::Replace, "it with a colon"),
);
pub(super) const EXTRA_COLON: MessageText = (
    "extra colon",
    "A colon stands only between a field name and its value; remove this one.",
    (Verb::Remove, "the extra colon"),
);
pub(super) const COLON_INSIDE: MessageText = (
    "the colon is on the wrong side of the quote",
    "Quotes go around the name alone: `\"name\": value`.",
    (Verb::Move, "the colon out of the quotes"),
);
pub(super) const VALUE: MessageText = (
    "missing value after the colon",
    "A field is written as `\"name\": value`.",
    BY_HAND,
);
pub(super) const ITEM: MessageText = (
    "missing value",
    "Write a value here, or remove the comma.",
    BY_HAND,
);
pub(super) const QUOTES: MessageText = (
    "missing double quotes",
    "Names and strings need straight double quotes: `\"totp\"`.",
    (Verb::Add, "the double quotes"),
);
pub(super) const OPENING_QUOTE: MessageText = (
    "the opening quote of this string is missing",
    "Add a double quote before the string.",
    (Verb::Add, "the opening quote"),
);
const CURLY_QUOTES: MessageText = (
    "curly quotes around this string",
    "JSON needs straight double quotes (`\"`). Word processors replace them with curly ones.",
    (Verb::Replace, "the quotes"),
);
const OTHER_QUOTES: MessageText = (
    "this string is not in double quotes",
    "JSON needs straight double quotes: `\"totp\"`.",
    (Verb::Replace, "the quotes"),
);
const SINGLE_QUOTES: MessageText = (
    "single quotes around this string",
    "JSON needs double quotes: `\"totp\"`.",
    (Verb::Replace, "the quotes"),
);
pub(super) const ENCODED_QUOTES: MessageText = (
    "the quotes of this string are not plain double quotes",
    "Write a plain double quote on both sides, without a backslash: `\"totp\"`.",
    (Verb::Replace, "the quotes"),
);
pub(super) const CLOSING_QUOTE: MessageText = (
    "the closing quote of this string is missing",
    "Add a double quote after the string, on the same line.",
    (Verb::Close, "the string"),
);
pub(super) const INNER_QUOTE: MessageText = (
    "double quote inside this string",
    "Write `\\\"` for a double quote inside a string. If the string ends here, a comma is missing.",
    (Verb::Add, "a backslash"),
);
pub(super) const EXTRA_QUOTE: MessageText = (
    "extra double quote",
    "A string has one double quote before it and one after it; remove this one.",
    (Verb::Remove, "the extra quote"),
);
pub(super) const MISPLACED_QUOTE: MessageText = (
    "misplaced double quote",
    "Quotes go around the whole string: `\"totp\"`.",
    (Verb::Move, "the quote"),
);
pub(super) const LINE_BREAK: MessageText = (
    "line break in this string",
    "Write the whole string on one line.",
    (Verb::Join, "the lines of the string"),
);
pub(super) const CONTROL: MessageText = (
    "this string contains a control character, such as a tab",
    "Remove it, or replace it with a space.",
    (Verb::Remove, "the control character"),
);
pub(super) const ESCAPE: MessageText = (
    "unknown escape {}",
    "Write `\\\"` for a double quote, `\\\\` for a backslash.",
    (Verb::Remove, "the backslash"),
);
pub(super) const HALF_CHARACTER: MessageText = (
    "{} is only half of a character",
    "Write the character itself, such as `é` or `😀`.",
    BY_HAND,
);
pub(super) const CLOSING_BRACE: MessageText = (
    "missing closing brace",
    "Every `{` needs a `}` after its last field.",
    (Verb::Add, "the closing brace"),
);
pub(super) const CLOSING_BRACKET: MessageText = (
    "missing closing bracket",
    "Every `[` needs a `]` after its last item.",
    (Verb::Add, "the closing bracket"),
);
pub(super) const OPENING_BRACE: MessageText = (
    "missing opening brace",
    "Put `{` before the first field.",
    (Verb::Add, "the opening brace"),
);
pub(super) const OPENING_BRACKET: MessageText = (
    "missing opening bracket",
    "Put `[` before the first value: this field is an array.",
    (Verb::Add, "the opening bracket"),
);
pub(super) const OUTER_BRACES: MessageText = (
    "missing braces around the whole file",
    "Put `{` before the site's name and `}` at the end: `{ \"Example\": { \"domain\": … } }`.",
    (Verb::Add, "the braces"),
);
pub(super) const BRACKET_FOR_OBJECT: MessageText = (
    "{} instead of a brace",
    "Write `{` before the first field and `}` after the last one.",
    (Verb::Replace, "it with a brace"),
);
pub(super) const BRACKET_FOR_ARRAY: MessageText = (
    "{} instead of a square bracket",
    "Write `[` before the first value and `]` after the last one: `[\"sms\", \"totp\"]`.",
    (Verb::Replace, "it with a square bracket"),
);
pub(super) const EXTRA_OPENING: MessageText = (
    "unexpected opening bracket",
    "Every `{` and `[` needs a `}` or `]` after it. Remove the extra one.",
    (Verb::Remove, "the extra bracket"),
);
pub(super) const EXTRA_CLOSING: MessageText = (
    "unexpected closing bracket",
    "Every `}` and `]` needs a `{` or `[` before it. Remove the extra one.",
    (Verb::Remove, "the extra bracket"),
);
pub(super) const COMMENT: MessageText = (
    "JSON allows no comments",
    "Remove the comment. Information for users belongs in `notes`.",
    (Verb::Remove, "the comment"),
);
pub(super) const FENCE: MessageText = (
    "a Markdown code fence is not part of the entry",
    "Remove the lines with ``` before and after the entry.",
    (Verb::Remove, "the code fence"),
);
pub(super) const CONFLICT: MessageText = (
    "unresolved merge conflict",
    "The lines between `<<<<<<<` and `=======` are one version, those between `=======` and `>>>>>>>` the other. Keep the \
     right one, delete the other, and delete the three marker lines.",
    BY_HAND,
);
pub(super) const RICH_TEXT: MessageText = (
    "this is a rich text (RTF) file, not JSON",
    "Replace everything with the text of the entry. If it is from TextEdit, choose Format > Make Plain Text there, and copy \
     it again.",
    BY_HAND,
);
pub(super) const MARKUP: MessageText = (
    "this is an HTML or XML file, not JSON",
    "If you downloaded it, download the raw file. Otherwise, copy the text of the entry alone.",
    BY_HAND,
);
pub(super) const LFS_POINTER: MessageText = (
    "this is a Git LFS pointer, not JSON",
    "Add the file to git itself: remove it from `.gitattributes`, and add it again.",
    BY_HAND,
);
pub(super) const DOCUMENT: MessageText = (
    "this is a document of another program, not JSON",
    "Save the entry as plain text, with a text editor.",
    BY_HAND,
);
pub(super) const PATCH: MessageText = (
    "this is a patch (the output of `diff`), not JSON",
    "Delete the lines before the entry (such as `diff`, `new file`, `index`, `---`, `+++` and `@@`), and all lines that start with \
     `-` or `\\`. Then delete the first character of each remaining line. Or apply the patch with `git apply`.",
    BY_HAND,
);
/// The help for text in another format.
const WRITE_JSON: &str = "Write the entry as JSON, with braces, brackets, commas and double quotes. Put your \
    values into this example: \
    `{ \"Example\": { \"domain\": \"example.com\", \"tfa\": [\"totp\"], \
    \"documentation\": \"https://example.com/2fa\", \"categories\": [\"email\"] } }`.";
pub(super) const YAML: MessageText = ("this is YAML, not JSON", WRITE_JSON, BY_HAND);
pub(super) const TOML: MessageText = ("this is TOML, not JSON", WRITE_JSON, BY_HAND);
pub(super) const PLAIN_TEXT: MessageText = ("this is plain text, not JSON", WRITE_JSON, BY_HAND);
pub(super) const REST: MessageText = (
    "unexpected text after the end of the entry",
    "A file is one object in braces. Check where the first `{` is closed.",
    BY_HAND,
);
pub(super) const DEPTH: MessageText = (
    "this is nested too deeply",
    "An entry has two levels of objects, and arrays inside them.",
    BY_HAND,
);
pub(super) const UNEXPECTED: MessageText = (
    "unexpected {}",
    "Remove it, or look for a missing quote, comma or bracket here or just before.",
    (Verb::Remove, "{}"),
);
pub(super) const UNREADABLE: MessageText = (
    "this is not JSON",
    "Look for a missing quote, comma or bracket here or just before. Compare the file with another entry.",
    BY_HAND,
);
pub(super) const INVISIBLE: MessageText = (
    "invisible character between values",
    "Replace it with a space. Web pages and word processors insert such characters.",
    (Verb::Remove, "an invisible character"),
);

/// What to say about a quote of another kind.
pub(super) fn other_quotes(quote: char) -> MessageText {
    match quote {
        '\'' | '`' | '´' => SINGLE_QUOTES,
        '\u{2018}'..='\u{201f}' | '«' | '»' => CURLY_QUOTES,
        _ => OTHER_QUOTES,
    }
}
