//! What time it is: that of the source, that of signing, and that of the clock.

use std::time::{Duration, SystemTime};

use super::keys::variable;

/// The last second of the year 9999. What comes later has no date, and could not be reckoned with.
const LAST: u64 = 253_402_300_799;

/// The time of the source is no number, or of no calendar.
#[derive(Debug, thiserror::Error)]
#[error(
    "SOURCE_DATE_EPOCH is no number of seconds since 1970 that is a date before the year 10000"
)]
pub(crate) struct BadTime;

/// The time of the source where somebody says it: `SOURCE_DATE_EPOCH` (reproducible-builds.org).
pub(crate) fn source_date() -> Result<Option<u64>, BadTime> {
    let Some(value) = variable("SOURCE_DATE_EPOCH") else {
        return Ok(None);
    };
    let seconds = value.to_str().and_then(|text| text.parse().ok());
    seconds.filter(|seconds| *seconds <= LAST).ok_or(BadTime).map(Some)
}

/// What the clock says, in seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The time of signing: that of the source, or else now.
pub(crate) fn time() -> Result<SystemTime, BadTime> {
    let Some(seconds) = source_date()? else {
        return Ok(SystemTime::now());
    };
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).ok_or(BadTime)
}
