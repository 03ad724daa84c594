//! The settings of a directory, `directory.toml`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Number;
use toml::de::{DeString, DeTable, DeValue};

use super::contradictions::{Problems, contradictions};
use super::{ProjectError, SETTINGS_FILE, invalid, read};
use crate::check;
use crate::schema::{Name, Schemas, violations};
use crate::source::{Document, Json, Place};

/// The id under which faults of the settings are reported.
const RULE: &str = "settings";

/// What is one directory's own. The form of each setting is described in
/// `schemas/directory.schema.json`; every setting has a default, that of the 2FA Directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What the directory calls itself.
    pub name: String,
    /// The address of the site for people; ends in `/`.
    pub site: String,
    /// The address under which `dist/` is served; ends in `/`.
    pub api: String,
    /// The address of the repository with the entries.
    pub repository: String,
    /// The licence of the data as an SPDX identifier.
    pub license: String,
    /// Who answers for the data.
    pub publisher: Publisher,
    /// What `.well-known/security.txt` says; without it there is no such file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security: Option<Security>,
    /// The sentence that users of the data are asked to show.
    pub attribution: String,
    /// The versions of the API, newest first.
    pub versions: Vec<Version>,
    /// The endings of signature files.
    pub signatures: SignatureEndings,
    /// Where things are, relative to the root.
    pub paths: Paths,
    /// What the checks make of the rules.
    pub check: CheckSettings,
    /// What the host of `dist/` needs to know.
    pub hosting: Hosting,
}

/// Who answers for the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Publisher {
    /// The publisher's name.
    pub name: String,
    /// The address of the publisher's site.
    pub site: String,
    /// Where to report problems; the e-mail address in the OpenPGP key.
    pub email: String,
}

/// Whom to tell about a weakness (RFC 9116).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Security {
    /// An `https:` or `mailto:` address; the publisher's e-mail address where there is none.
    #[serde(default)]
    pub contact: Option<String>,
    /// When this is no longer to be trusted, as a date and time of RFC 3339.
    pub expires: String,
}

/// One version of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The number; its files are published under `v` and the number.
    pub number: u64,
    /// The day since which the version is no longer published, as year-month-day (RFC 3339).
    #[serde(default)]
    pub ended: Option<String>,
}

/// The endings that name a file's signatures, without the dot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignatureEndings {
    /// That of detached signatures.
    pub detached: String,
    /// That of signed messages, which contain the file.
    pub inline: String,
}

/// Where things are, relative to the root, with `/` between the parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Paths {
    /// The folder of the entries.
    pub entries: String,
    /// The folder of the icons; a root need not have one.
    pub icons: String,
    /// The folder that a build leaves.
    pub dist: String,
}

/// What the host of `dist/` needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Hosting {
    /// Whether the host of the API's address is written into `CNAME`, for GitHub Pages.
    pub cname: bool,
}

/// What the checks make of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckSettings {
    /// How strictly a rule is taken, by its id, where that differs from the rule's own severity.
    pub rules: BTreeMap<String, Strictness>,
    /// Findings that are as they should be.
    pub allow: Vec<Allowance>,
}

/// How strictly a rule is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strictness {
    /// Its findings are errors.
    Deny,
    /// Its findings are warnings.
    Warn,
    /// It does not look.
    Off,
}

/// All findings of one rule in one file, which are as they should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// The id of the rule.
    pub rule: String,
    /// The file, relative to the root, with `/` between the parts.
    pub path: String,
    /// Why, for those who come later.
    pub reason: String,
}

impl Settings {
    /// The numbers of the versions that are built, in the order of the settings.
    pub fn supported(&self) -> impl Iterator<Item = u64> {
        let supported = self.versions.iter().filter(|version| version.ended.is_none());
        supported.map(|version| version.number)
    }

    /// The host name in the API's address; `None` where that names a port or no host name at all.
    pub fn api_host(&self) -> Option<&str> {
        let (_, rest) = self.api.split_once("://")?;
        let host = rest.split('/').next()?;
        let is_name = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '.';
        let is_number = host.chars().all(|it| it.is_ascii_digit() || it == '.');
        (host.contains('.') && host.chars().all(is_name) && !is_number).then_some(host)
    }
}

impl SignatureEndings {
    /// The ending of detached signatures and that of signed messages.
    pub fn pair(&self) -> [&str; 2] {
        [&self.detached, &self.inline]
    }
}

impl Default for Settings {
    fn default() -> Self {
        let version =
            |number, ended: Option<&str>| Version { number, ended: ended.map(str::to_owned) };
        Self {
            name: "2FA Directory".to_owned(),
            site: "https://2fa.directory/".to_owned(),
            api: "https://api.2fa.directory/".to_owned(),
            repository: "https://github.com/2factorauth/twofactorauth".to_owned(),
            license: "MIT".to_owned(),
            publisher: Publisher::default(),
            security: None,
            attribution: "Data sourced from 2FA Directory by 2factorauth".to_owned(),
            versions: vec![
                version(4, None),
                version(3, None),
                version(2, Some("2023-08-01")),
                version(1, Some("2023-07-01")),
            ],
            signatures: SignatureEndings::default(),
            paths: Paths::default(),
            check: CheckSettings::default(),
            hosting: Hosting::default(),
        }
    }
}

impl Default for Publisher {
    fn default() -> Self {
        Self {
            name: "2factorauth".to_owned(),
            site: "https://github.com/2factorauth".to_owned(),
            email: "security@2fa.directory".to_owned(),
        }
    }
}

impl Default for SignatureEndings {
    fn default() -> Self {
        Self { detached: "sig".to_owned(), inline: "gpg".to_owned() }
    }
}

impl Default for Paths {
    fn default() -> Self {
        let [entries, icons, dist] = ["entries", "img", "dist"].map(str::to_owned);
        Self { entries, icons, dist }
    }
}

/// Reads the settings of a root with their text; those that it leaves out have their defaults.
pub(super) fn load(root: &Path) -> Result<(Settings, String), ProjectError> {
    let path = Path::new(SETTINGS_FILE);
    let Some(text) = read(root, path, RULE)? else {
        return Ok((Settings::default(), String::new()));
    };
    match parse(&text)? {
        Ok(settings) => Ok((settings, text)),
        Err(problems) => Err(invalid(root, path, text, RULE, problems)),
    }
}

/// Settings, or what is wrong with them; the outer error is a fault of the program.
fn parse(text: &str) -> Result<Result<Settings, Problems>, ProjectError> {
    let document = match Document::toml(text) {
        Ok(document) => document,
        Err(error) => {
            let place = error.span().map_or(Place::File, Place::Bytes);
            let message = format!("this is no TOML: {}", error.message().trim());
            return Ok(Err(vec![(place, message, None)]));
        }
    };
    let value = match &document {
        Document::Toml(table) => to_json(table.get_ref()),
        Document::Json(_) => Json::Null,
    };
    let schemas = Schemas::new("https://tfadir.invalid/", [], check::ids())?;
    let validator = schemas.validator(Name::Directory)?;
    let violations = violations(&schemas, &validator, &value);
    if !violations.is_empty() {
        let problems = violations.into_iter().map(|it| (it.place, it.message, it.help));
        return Ok(Err(problems.collect()));
    }
    Ok(match serde_json::from_value::<Settings>(value.to_value()) {
        Ok(settings) => match contradictions(&settings) {
            problems if problems.is_empty() => Ok(settings),
            problems => Err(problems),
        },
        Err(error) => Err(vec![(Place::File, error.to_string(), None)]),
    })
}

/// The table as the JSON value that the schema describes: dates become texts.
fn to_json<'t>(table: &'t DeTable<'_>) -> Json<'t> {
    let member =
        |(key, value): (&'t toml::Spanned<DeString<'_>>, &'t toml::Spanned<DeValue<'_>>)| {
            (Cow::Borrowed(key.get_ref().as_ref()), value_to_json(value.get_ref()))
        };
    Json::Object(table.iter().map(member).collect())
}

fn value_to_json<'t>(value: &'t DeValue<'_>) -> Json<'t> {
    match value {
        DeValue::String(text) => Json::String(Cow::Borrowed(text)),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix());
            number.map_or(Json::Null, |number| Json::Number(number.into()))
        }
        DeValue::Float(number) => {
            let number = number.as_str().parse().ok().and_then(Number::from_f64);
            number.map_or(Json::Null, Json::Number)
        }
        DeValue::Boolean(value) => Json::Bool(*value),
        DeValue::Datetime(time) => Json::String(Cow::Owned(time.to_string())),
        DeValue::Array(elements) => {
            Json::Array(elements.iter().map(|element| value_to_json(element.get_ref())).collect())
        }
        DeValue::Table(table) => to_json(table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_are_left_out_have_their_defaults() {
        let settings = parse("name = 'X'\n[paths]\ndist = 'out'\n").unwrap().unwrap();
        assert_eq!(settings.name, "X");
        assert_eq!(settings.paths.dist, "out");
        assert_eq!(settings.paths.entries, "entries");
        assert_eq!(settings.site, Settings::default().site);
    }

    #[test]
    fn the_schema_accepts_the_defaults_and_knows_every_setting() {
        let security = Security { contact: None, expires: "2030-01-31T00:00:00Z".to_owned() };
        let all = Settings { security: Some(security), ..Settings::default() };
        let defaults = serde_json::to_value(all).unwrap();
        let schemas = Schemas::new("https://api.example/", [], check::ids()).unwrap();
        let schema = schemas.document(Name::Directory);
        let names = |value: &serde_json::Value| {
            let mut names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
            names.sort();
            names
        };
        assert_eq!(names(&defaults), names(&schema["properties"]));
        for table in ["publisher", "security", "signatures", "paths", "check", "hosting"] {
            let described = &schema["properties"][table]["properties"];
            assert_eq!(names(&defaults[table]), names(described), "{table}");
        }
        let written = toml::to_string(&Settings::default()).unwrap();
        assert_eq!(parse(&written).unwrap().unwrap(), Settings::default());
    }

    #[test]
    fn an_unknown_setting_is_refused_with_a_suggestion() {
        let problems = parse("nmae = 'X'\n").unwrap().unwrap_err();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].0, Place::Name("/nmae".into()));
        assert!(problems[0].1.contains("did you mean `name`?"), "{}", problems[0].1);
    }

    #[test]
    fn contradictions_are_refused() {
        for text in [
            "[signatures]\ndetached = 'gpg'\n",
            "[[versions]]\nnumber = 5\n",
            "[[versions]]\nnumber = 4\n[[versions]]\nnumber = 4\n",
            "[[versions]]\nnumber = 4\nended = 2023-13-01\n",
            "[paths]\ndist = '../elsewhere'\n",
            "[paths]\ndist = 'entries/dist'\n",
            "[[versions]]\nnumber = 4\nended = 2030-01-31\n",
            "api = 'https://api.example.com'\n",
            "[paths]\nicons = 'entries/img'\n",
            "[check.rules]\njson-syntax = 'off'\n",
            "[[check.allow]]\nrule = 'schema'\npath = 'entries/e/x.json'\nreason = 'why not'\n",
            "[[check.allow]]\nrule = 'subdomain'\npath = 'entries/e/x.json'\n",
            "[check.rules]\nsubdomian = 'off'\n",
            "api = 'https://api.example.com:8443/'\n[hosting]\ncname = true\n",
            "api = 'https://192.0.2.1/'\n[hosting]\ncname = true\n",
            "[security]\ncontact = 'mailto:a@b.example'\n",
            "[security]\nexpires = 2030-01-31\n",
            "[security]\nexpires = 2030-01-31T00:00:00Z\ncontact = 'javascript:x'\n",
        ] {
            assert!(parse(text).unwrap().is_err(), "{text}");
        }
    }
}
