//! Entries from arbitrary bytes, most of which are valid.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::source::{Kind, SourceFile, Tree};

/// Decisions, one for each byte. After the last byte, each is the first choice.
struct Choices<'d>(std::slice::Iter<'d, u8>);

const DOMAINS: [&str; 8] = [
    "good.example",
    "b.example",
    "c-d.example",
    "1.example",
    "xn--bcher-kva.example",
    "a.b.example",
    "carrd.co",
    "gov.uk",
];
const METHODS: [&str; 7] = [
    "totp",
    "sms",
    "call",
    "email",
    "u2f",
    "custom-software",
    "custom-hardware",
];
const CATEGORIES: [&str; 4] = ["email", "other", "social", "banking"];
const REGIONS: [[&str; 3]; 2] = [["us", "de", "gb"], ["-us", "-fr", "-de"]];
/// Texts that could break a page, a terminal, a shell, a path or a program that reads the output.
const STRANGE: [&str; 13] = [
    "<script>alert(1)</script>",
    "\u{1b}[31m",
    "a\u{202e}b",
    "::error::x",
    "../../x",
    "&quot;",
    "{{ 7 * 7 }}",
    "`$(id)`",
    "Äß\u{301}\u{1f600}",
    "",
    " ",
    "##[group]",
    // Longer in lower case.
    "İ://é",
];

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or_default()
    }

    /// True about once in `times`.
    fn rarely(&mut self, times: u8) -> bool {
        self.byte() % times == times - 1
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::from(self.byte()) % from.len()]
    }

    /// Usually the given text, rarely with a strange one in it or arbitrary bytes instead.
    fn text(&mut self, usual: String) -> String {
        match self.byte() {
            255 => STRANGE[usize::from(self.byte()) % STRANGE.len()].to_owned(),
            254 => {
                let bytes: Vec<u8> = (0..self.byte() % 32).map(|_| self.byte()).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
            253 => usual + STRANGE[usize::from(self.byte()) % STRANGE.len()],
            _ => usual,
        }
    }

    /// One or more of some texts, usually without repetition.
    fn several(&mut self, from: &[&str]) -> Value {
        let mut chosen = vec![self.pick(from)];
        while chosen.len() < 5 && self.rarely(3) {
            let next = self.pick(from);
            if !chosen.contains(&next) || self.rarely(32) {
                chosen.push(next);
            }
        }
        json!(
            chosen
                .into_iter()
                .map(|text| self.text(text.to_owned()))
                .collect::<Vec<_>>()
        )
    }
}

/// A tree of one to four entries in files with the right names.
pub(super) fn tree(data: &[u8]) -> Tree {
    let mut choices = Choices(data.iter());
    let number = 1 + choices.byte() % 4;
    let mut files: Vec<Arc<SourceFile>> = Vec::new();
    for index in 0..number {
        let domain = DOMAINS[usize::from(index) * 2 + usize::from(choices.byte() % 2)];
        let path = PathBuf::from(format!("entries/{}/{domain}.json", &domain[..1]));
        let mut bytes = entry(&mut choices, domain).into_bytes();
        if choices.rarely(32) && !bytes.is_empty() {
            let at = usize::from(choices.byte()) * bytes.len() / 256;
            bytes[at] = choices.byte();
        }
        let file = SourceFile::from_bytes(path, Kind::Entry, &bytes, Some(0o644));
        files.push(Arc::new(file));
    }
    files.sort_by(|a, b| crate::source::tree::byte_order(&a.path, &b.path));
    Tree {
        files,
        ..Tree::default()
    }
}

fn entry(choices: &mut Choices<'_>, domain: &str) -> String {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    let url = |choices: &mut Choices<'_>, path: &str| {
        let text = format!("https://{domain}/{path}");
        json!(choices.text(text))
    };
    set("domain", json!(choices.text(domain.to_owned())));
    if choices.rarely(4) {
        let other = choices.pick(&[
            "other.example",
            "third.example",
            "www.fourth.example",
            "square.site",
        ]);
        set(
            "additional-domains",
            json!([choices.text(other.to_owned())]),
        );
    }
    if choices.rarely(4) {
        set("url", url(choices, "login"));
    }
    if choices.rarely(8) {
        set("img", json!(choices.text(format!("{domain}.png"))));
    }
    if choices.rarely(4) {
        let contact = match choices.byte() % 3 {
            0 => json!({ "twitter": choices.text("good".to_owned()) }),
            1 => json!({ "form": url(choices, "contact"), "language": "de" }),
            _ => json!({ "email": choices.text(format!("a@{domain}")), "facebook": "good" }),
        };
        set("contact", contact);
    } else {
        let methods = choices.several(&METHODS);
        for (name, product) in [("custom-software", "App"), ("custom-hardware", "Token")] {
            let has = methods
                .as_array()
                .is_some_and(|methods| methods.iter().any(|method| method == name));
            if has != choices.rarely(32) {
                set(name, json!([choices.text(format!("Good {product}"))]));
            }
        }
        set("tfa", methods);
        if !choices.rarely(8) {
            set("documentation", url(choices, "2fa"));
        }
        if choices.rarely(4) {
            set("recovery", url(choices, "recovery"));
        }
        if choices.rarely(4) {
            set(
                "notes",
                json!(choices.text("Call them to turn it on.".to_owned())),
            );
        }
    }
    set("categories", choices.several(&CATEGORIES));
    if choices.rarely(3) {
        let regions = choices.pick(&REGIONS);
        set("regions", choices.several(&regions));
    }
    if choices.rarely(64) {
        let (name, value) = (choices.text("unknown".to_owned()), choices.byte());
        fields.insert(name, json!([value, null, { "a": value }]));
    }
    let name = choices.text(format!("Site {domain}"));
    let entry = json!({ name: fields });
    let pretty = choices.rarely(2);
    let text = if pretty {
        serde_json::to_string_pretty(&entry)
    } else {
        serde_json::to_string(&entry)
    };
    text.unwrap_or_default()
}
