//! The settings of a directory, `directory.toml`.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::extensions::SignatureExtensions;
use super::{Files, SETTINGS_FILE, SettingsProblem, invalid, read};
use crate::address::Hosts;
use crate::failure::Result;
use crate::finding::{Finding, Guard};
use crate::finding::{Severity, Stage};
use crate::schema::{self, Schemas, Tables, violations};
use crate::source::{Document, Location};

/// The rule under which problems of the settings are reported.
pub(super) const RULE: Stage = Stage::Settings;

/// The settings, as `schemas/directory.schema.json` describes them. The defaults are the settings
/// of the 2FA Directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The directory's name.
    pub(crate) name: String,
    /// The URL of the website; ends with `/`.
    pub(crate) site: String,
    /// The URL at which `dist/` is served; ends with `/`.
    pub(crate) api: Setting,
    /// The URL of the repository with the entries.
    pub(crate) repository: Setting,
    /// The licence of the data as an SPDX identifier.
    pub(crate) license: String,
    /// What the pages call the listed sites.
    pub(crate) wording: Wording,
    /// Who publishes the data.
    pub(crate) publisher: Publisher,
    /// The content of `.well-known/security.txt`, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) security: Option<Security>,
    /// The sentence that users of the data are asked to show.
    pub(crate) attribution: String,
    /// What the publisher asks of programs that use the API, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) terms: Option<String>,
    /// When the published files are updated, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) updates: Option<String>,
    /// The minimum number of months between the announcement of the end of a version and its last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notice: Option<u64>,
    /// How many requests are too many, and what a blocked client sees, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limits: Option<String>,
    /// Who uses the data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) consumers: Vec<Consumer>,
    /// The versions of the API, newest first.
    pub(crate) versions: Vec<VersionSettings>,
    /// The file extensions of signatures.
    pub(crate) signatures: SignatureExtensions,
    /// Paths of files and folders, relative to the root.
    pub(crate) paths: Paths,
    pub(crate) build: BuildSettings,
    /// How strict the rules are.
    pub(crate) check: CheckSettings,
    /// Settings for the host that serves `dist/`.
    pub(crate) hosting: Hosting,
    /// The data of the directory's own website.
    pub(crate) frontend: Feature,
    /// The list of changes, from git history.
    pub(crate) feed: Feature,
}

/// What the pages call the listed sites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Wording {
    /// The heading of the index, if it is not the usual question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) question: Option<String>,
    /// The noun for one listed site.
    pub(crate) singular: String,
    /// The noun for several.
    pub(crate) plural: String,
}

/// A text that belongs to another directory unless this one sets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub(crate) enum Setting {
    /// The text of the 2FA Directory, because the directory leaves it out.
    Default(String),
    /// The directory's own text.
    Own(String),
}

impl Setting {
    /// The text, if the directory sets it.
    pub(crate) fn own(&self) -> Option<&str> {
        match self {
            Self::Default(_) => None,
            Self::Own(text) => Some(text),
        }
    }
}

impl Deref for Setting {
    type Target = String;

    fn deref(&self) -> &String {
        match self {
            Self::Default(text) | Self::Own(text) => text,
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl From<String> for Setting {
    fn from(text: String) -> Self {
        Self::Own(text)
    }
}

impl From<Setting> for String {
    fn from(setting: Setting) -> Self {
        match setting {
            Setting::Default(text) | Setting::Own(text) => text,
        }
    }
}

/// A program or website that uses the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Consumer {
    pub(crate) name: String,
    /// The URL of its website.
    pub(crate) url: String,
    /// What it uses the data for, in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) about: Option<String>,
}

/// Who publishes the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Publisher {
    /// The publisher's name.
    pub(crate) name: String,
    /// The URL of the publisher's website.
    pub(crate) site: String,
    /// Where to report problems; the e-mail address in the OpenPGP key.
    pub(crate) email: String,
}

/// Where to report a vulnerability (RFC 9116).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Security {
    /// An `https:` or `mailto:` URL; the publisher's e-mail address by default.
    #[serde(default)]
    pub(crate) contact: Option<String>,
    /// The expiry date and time (RFC 3339).
    pub(crate) expires: String,
}

/// One version of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VersionSettings {
    /// The number; its files are published under `v` and the number.
    pub(crate) number: u64,
    /// The last day of a version that is no longer built, as year-month-day (RFC 3339).
    #[serde(default)]
    pub(crate) ended: Option<String>,
    /// The last day of a version that is still built, if its end is planned.
    #[serde(default)]
    pub(crate) ends: Option<String>,
}

/// Paths of files and folders, relative to the root, with `/` as the separator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Paths {
    /// The folder of the entries.
    pub(crate) entries: String,
    /// The folder of the icons, which is optional.
    pub(crate) icons: String,
    /// The folder for the output of a build.
    pub(crate) dist: String,
    /// The folder of files that are published unchanged, which is optional.
    #[serde(rename = "static")]
    pub(crate) static_files: String,
}

/// Settings for the host that serves `dist/`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Hosting {
    /// Whether the hostname in the API's URL is written to `CNAME`, for GitHub Pages.
    pub(crate) cname: bool,
}

/// Something that a directory can publish.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Feature {
    /// Whether it is published.
    pub(crate) enabled: bool,
}

/// What stops a build.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct BuildSettings {
    pub(crate) refuse: Refuse,
}

/// The errors that stop a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Refuse {
    /// Errors that stop a build.
    #[default]
    Output,
    /// All errors.
    Errors,
}

/// How strict the rules are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct CheckSettings {
    /// Whether hosts may have no dot, as in a company's own network.
    #[serde(rename = "internal-hosts")]
    pub(crate) internal_hosts: bool,
    /// The settings of single rules, by id.
    pub(crate) rules: BTreeMap<String, RuleSetting>,
    /// Findings to accept.
    pub(crate) allow: Vec<Allowance>,
}

/// The rules that compare domains with the Public Suffix List, which lists no internal hosts.
const RULES_FOR_PUBLIC_HOSTS: [&str; 3] = ["shared-domain", "subdomain", "unknown-tld"];

impl CheckSettings {
    /// The hosts that entries may have.
    pub(crate) fn hosts(&self) -> Hosts {
        match self.internal_hosts {
            true => Hosts::Internal,
            false => Hosts::Public,
        }
    }

    /// Turns off the rules that make no sense for internal hosts, unless they are set.
    fn relax_for_internal_hosts(&mut self) {
        for rule in RULES_FOR_PUBLIC_HOSTS {
            self.rules
                .entry(rule.to_owned())
                .or_insert(RuleSetting::Off);
        }
    }
}

/// What a rule's findings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RuleSetting {
    Deny,
    Warn,
    Note,
    /// Nothing: the rule does not run.
    Off,
}

impl RuleSetting {
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            Self::Deny => Some(Severity::Error),
            Self::Warn => Some(Severity::Warning),
            Self::Note => Some(Severity::Note),
            Self::Off => None,
        }
    }
}

/// Accepts all findings of one rule in one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Allowance {
    /// The id of the rule.
    pub(crate) rule: String,
    /// The file, relative to the root, with `/` as the separator.
    pub(crate) path: String,
    /// Why the findings are accepted, for later maintainers.
    pub(crate) reason: String,
}

impl Refuse {
    /// Whether an error stops a build.
    pub(crate) fn includes(self, error: &Finding) -> bool {
        error.guards == Guard::Output || self == Self::Errors
    }
}

impl Settings {
    /// The files and folders that a build reads, relative to the root.
    pub(crate) fn inputs(&self) -> [&str; 7] {
        let Paths {
            entries,
            icons,
            static_files,
            ..
        } = &self.paths;
        let fixed = [
            "schemas",
            "templates",
            "tests/categories.json",
            SETTINGS_FILE,
        ];
        let [schemas, templates, categories, settings] = fixed;
        [
            entries,
            icons,
            static_files,
            schemas,
            templates,
            categories,
            settings,
        ]
    }

    /// The numbers of the versions that are built, in the order of the settings.
    pub(crate) fn supported(&self) -> impl Iterator<Item = u64> {
        let supported = self
            .versions
            .iter()
            .filter(|version| version.ended.is_none());
        supported.map(|version| version.number)
    }

    /// The path in the API's URL without the last slash, such as `/2fa/api`; empty if `dist/` is
    /// served at the root of its host.
    pub(crate) fn api_path(&self) -> &str {
        let (_, rest) = self.api.split_once("://").unwrap_or_default();
        let path = rest.find('/').map_or("", |start| &rest[start..]);
        path.trim_end_matches('/')
    }

    /// The hostname in the API's URL; `None` if the URL has a port or no hostname.
    pub(crate) fn api_host(&self) -> Option<&str> {
        let (_, rest) = self.api.split_once("://")?;
        let host = rest.split('/').next()?;
        let is_name = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '.';
        let is_number = host
            .chars()
            .all(|char| char.is_ascii_digit() || char == '.');
        (host.contains('.') && host.chars().all(is_name) && !is_number).then_some(host)
    }
}

impl Default for Settings {
    fn default() -> Self {
        let version = |number, ended: Option<&str>| VersionSettings {
            number,
            ended: ended.map(str::to_owned),
            ends: None,
        };
        Self {
            name: "2FA Directory".to_owned(),
            site: "https://2fa.directory/".to_owned(),
            api: Setting::Default("https://api.2fa.directory/".to_owned()),
            repository: Setting::Default("https://github.com/2factorauth/twofactorauth".to_owned()),
            license: "MIT".to_owned(),
            wording: Wording::default(),
            publisher: Publisher::default(),
            security: None,
            attribution: "Data sourced from 2FA Directory by 2factorauth".to_owned(),
            terms: None,
            updates: None,
            notice: None,
            limits: None,
            consumers: Vec::new(),
            versions: vec![
                version(4, None),
                version(3, None),
                version(2, Some("2023-08-01")),
                version(1, Some("2023-07-01")),
            ],
            signatures: SignatureExtensions::default(),
            paths: Paths::default(),
            build: BuildSettings::default(),
            check: CheckSettings::default(),
            hosting: Hosting::default(),
            frontend: Feature::default(),
            feed: Feature::default(),
        }
    }
}

impl Default for Wording {
    fn default() -> Self {
        Self {
            question: None,
            singular: "site".to_owned(),
            plural: "sites".to_owned(),
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

impl Default for Paths {
    fn default() -> Self {
        let [entries, icons, dist, static_files] =
            ["entries", "img", "dist", "static"].map(str::to_owned);
        Self {
            entries,
            icons,
            dist,
            static_files,
        }
    }
}

/// Reads the settings of a root with their text; missing settings have their defaults.
pub(super) fn load(files: &dyn Files, tables: &Tables) -> Result<(Settings, String)> {
    let path = Path::new(SETTINGS_FILE);
    let Some(text) = read(files, path, RULE)? else {
        // A root without settings is the 2FA Directory, which publishes its website's data.
        let frontend = Feature { enabled: true };
        return Ok((
            Settings {
                frontend,
                ..Settings::default()
            },
            String::new(),
        ));
    };
    match parse(&text, tables)? {
        Ok(settings) => Ok((settings, text)),
        Err(problems) => Err(invalid(files.root(), path, text, RULE, problems).into()),
    }
}

/// Settings, or their problems; the outer error is a bug in tfadir.
fn parse(text: &str, tables: &Tables) -> Result<Result<Settings, Vec<SettingsProblem>>> {
    let document = match Document::toml(text) {
        Ok(document) => document,
        Err(error) => {
            let location = error.span().map_or(Location::File, Location::Bytes);
            let message = format!("this file is not TOML: {}", error.message().trim());
            return Ok(Err(vec![(location, message, None)]));
        }
    };
    let value = match &document {
        Document::Toml(table) => to_json(table.get_ref()),
        Document::Json(_) => Value::Null,
    };
    let schemas = Schemas::of_settings(tables)?;
    let validator = schemas.validator(schema::DIRECTORY)?;
    let violations = violations(&schemas, &validator, &value);
    if !violations.is_empty() {
        let problems = violations
            .into_iter()
            .map(|violation| (violation.location, violation.message, violation.help));
        return Ok(Err(problems.collect()));
    }
    Ok(match serde_json::from_value::<Settings>(value) {
        Ok(mut settings) => {
            if settings.check.internal_hosts {
                settings.check.relax_for_internal_hosts();
            }
            Ok(settings)
        }
        Err(error) => Err(vec![(Location::File, error.to_string(), None)]),
    })
}

/// The table as the JSON value that the schema describes: dates become strings.
fn to_json(table: &DeTable<'_>) -> Value {
    table
        .iter()
        .map(|(key, value)| (key.get_ref().to_string(), value_to_json(value.get_ref())))
        .collect()
}

fn value_to_json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, Value::from)
        }
        // A number that JSON does not have becomes `null`.
        DeValue::Float(number) => number
            .as_str()
            .parse::<f64>()
            .map_or(Value::Null, Value::from),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Array(elements) => elements
            .iter()
            .map(|value| value_to_json(value.get_ref()))
            .collect(),
        DeValue::Table(table) => to_json(table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_are_left_out_have_their_defaults() {
        let settings = parse("name = 'X'\n[paths]\ndist = 'out'\n", &Tables::default())
            .unwrap()
            .unwrap();
        assert_eq!(settings.name, "X");
        assert_eq!(settings.paths.dist, "out");
        assert_eq!(settings.paths.entries, "entries");
        assert_eq!(settings.site, Settings::default().site);
        assert_eq!(
            (settings.api.own(), settings.repository.own()),
            (None, None)
        );
        let text = "api = 'https://x.example/'\n";
        let settings = parse(text, &Tables::default()).unwrap().unwrap();
        assert_eq!(settings.api.own(), Some("https://x.example/"));
    }

    #[test]
    fn the_schema_accepts_the_defaults_and_describes_every_setting() {
        let security = Security {
            contact: None,
            expires: "2030-01-31T00:00:00Z".to_owned(),
        };
        let terms = Some("Cache the files.".to_owned());
        let updates = Some("The files are updated once a day.".to_owned());
        let security = Some(security);
        let mut all = Settings {
            security,
            terms,
            updates,
            notice: Some(6),
            limits: Some("At most one request per second.".to_owned()),
            consumers: vec![Consumer {
                name: "App".to_owned(),
                url: "https://app.example/".to_owned(),
                about: None,
            }],
            ..Settings::default()
        };
        all.wording.question = Some("Which sites?".to_owned());
        all.signatures.frontend = true;
        let defaults = serde_json::to_value(all).unwrap();
        let schemas = Schemas::new("https://api.example/", [], &Tables::default()).unwrap();
        let schema = schemas.document(schema::DIRECTORY);
        let names = |value: &Value| {
            let mut names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
            names.sort();
            names
        };
        assert_eq!(names(&defaults), names(&schema["properties"]));
        for table in [
            "wording",
            "publisher",
            "security",
            "signatures",
            "paths",
            "build",
            "check",
            "hosting",
            "frontend",
            "feed",
        ] {
            let described = &schema["properties"][table]["properties"];
            assert_eq!(names(&defaults[table]), names(described), "{table}");
        }
        let written = toml::to_string(&Settings::default()).unwrap();
        let settings = parse(&written, &Tables::default()).unwrap().unwrap();
        assert_eq!(toml::to_string(&settings).unwrap(), written);
    }

    #[test]
    fn an_unknown_setting_is_refused_with_a_suggestion() {
        let problems = parse("nmae = 'X'\n", &Tables::default())
            .unwrap()
            .unwrap_err();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].0, Location::Name("/nmae".into()));
        assert!(
            problems[0].1.contains("did you mean `name`?"),
            "{}",
            problems[0].1
        );
    }
}
