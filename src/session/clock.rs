//! The time of the source, the signing time, and the current time.

use std::time::{Duration, SystemTime};

use crate::failure::{Result, fail, failure};
use crate::limits::MAX_SECONDS;
use crate::process::variable;

const BAD_TIME: &str =
    "SOURCE_DATE_EPOCH must be a number of seconds since 1970, before the year 10000";

/// The time of the source from `SOURCE_DATE_EPOCH` (reproducible-builds.org).
pub(crate) fn source_date() -> Result<Option<u64>> {
    let Some(value) = variable("SOURCE_DATE_EPOCH") else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let has_sign = text.starts_with('+');
    match text.parse() {
        Ok(seconds) if seconds <= MAX_SECONDS && !has_sign => Ok(Some(seconds)),
        _ => fail!("{BAD_TIME}"),
    }
}

/// The current time, in seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

/// The signing time: `SOURCE_DATE_EPOCH`, or else the current time.
pub(crate) fn time() -> Result<SystemTime> {
    let Some(seconds) = source_date()? else {
        return Ok(SystemTime::now());
    };
    SystemTime::UNIX_EPOCH
        .checked_add(Duration::from_secs(seconds))
        .ok_or_else(|| failure!("{BAD_TIME}").into())
}
