//! Rule ids as arguments.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};

use crate::text::nearest;

/// Accepts the id of a known rule. Otherwise, lists all and suggests the most similar one.
#[derive(Debug, Clone)]
pub(super) struct RuleParser(Vec<&'static str>);

impl RuleParser {
    pub(super) fn new(known: impl Iterator<Item = &'static str>) -> Self {
        Self(known.collect())
    }
}

impl TypedValueParser for RuleParser {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        let rule = value.to_string_lossy();
        if self.0.contains(&&*rule) {
            return Ok(rule.into_owned());
        }
        let similar = nearest(&rule, self.0.iter().copied());
        let question = similar
            .map(|name| format!("; did you mean `{name}`?"))
            .unwrap_or_default();
        let rules = self.0.join("\n  ");
        let rule = crate::text::quote(&rule);
        let text = format!(
            "unknown rule {rule}\n\nThe rules are:\n  {rules}\n\nUnknown rule {rule}{question}\n"
        );
        Err(Error::raw(ErrorKind::InvalidValue, text).with_cmd(command))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(PossibleValue::new)))
    }
}
