//! When keys expire: reads periods and days, and shows times as days.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::failure::{Failure, failure};

/// Builds warn when a key expires within this many days.
pub(crate) const WARN_DAYS: u32 = 60;

/// When a key should expire.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expires {
    Never,
    After(Span),
    /// At the first moment of a day in UTC.
    On(Date),
}

/// OpenPGP has 32 bits for the seconds.
fn too_long() -> Failure {
    failure!(
        "a key can be valid for 136 years at most";
        help: "choose a shorter period with --expires, or `never`"
    )
}

fn malformed() -> Failure {
    failure!("use `never`, a period such as `2y`, `18m` or `90d`, or a day such as `2030-12-31`")
}

impl FromStr for Expires {
    type Err = Failure;

    /// Reads `never`, a number with `d`, `m` or `y`, or a day as year-month-day (RFC 3339).
    fn from_str(text: &str) -> Result<Self, Failure> {
        if text == "never" {
            return Ok(Self::Never);
        }
        if text.len() == 10 && text.contains('-') {
            return text.parse().map(Self::On).map_err(|_| malformed());
        }
        let mut chars = text.chars();
        let unit = chars.next_back().unwrap_or_default();
        let digits = chars.as_str();
        let is_zero = digits.trim_start_matches('0').is_empty();
        if is_zero || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed());
        }
        let number: i64 = digits.parse().map_err(|_| too_long())?;
        let span = match unit {
            'd' => Span::new().try_days(number),
            'm' => Span::new().try_months(number),
            'y' => Span::new().try_years(number),
            _ => return Err(malformed()),
        };
        span.map(Self::After).map_err(|_| too_long())
    }
}

impl Expires {
    /// When a key created at a time expires. Months and years are calendar months and years.
    pub(crate) fn of_key_made(self, at: SystemTime) -> Result<Option<SystemTime>, Failure> {
        let made = Timestamp::try_from(whole_second(at)).map_err(|_| too_long())?;
        let expiry = match self {
            Self::Never => return Ok(None),
            Self::After(span) => {
                let end = made.to_zoned(TimeZone::UTC).checked_add(span);
                end.map_err(|_| too_long())?.timestamp()
            }
            Self::On(day) => {
                let start = day.to_zoned(TimeZone::UTC).map_err(|_| too_long())?;
                if start.timestamp() <= made {
                    return Err(failure!(
                        "{day} is not after the day on which the key is created";
                        help: "choose a later day, or a period such as `2y`, with --expires"
                    ));
                }
                start.timestamp()
            }
        };
        u32::try_from(expiry.as_second() - made.as_second()).map_err(|_| too_long())?;
        Ok(Some(expiry.into()))
    }
}

/// A time in whole seconds, as in OpenPGP; times before 1970 become 1970.
pub(crate) fn whole_second(at: SystemTime) -> SystemTime {
    let since = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

/// The day of a time in UTC, as year-month-day (RFC 3339).
pub(crate) fn day(time: SystemTime) -> String {
    match Timestamp::try_from(time) {
        Ok(time) => time.to_zoned(TimeZone::UTC).date().to_string(),
        // After the year 9999, which no key reaches.
        Err(_) => "far away".to_owned(),
    }
}

/// A time to the second in UTC (RFC 3339).
pub(crate) fn timestamp(time: SystemTime) -> Option<String> {
    let seconds = Timestamp::try_from(time).ok()?.as_second();
    Timestamp::from_second(seconds)
        .ok()
        .map(|time| time.to_string())
}

/// The whole days between two times; 0 if the second is not later.
pub(crate) fn days_until(from: SystemTime, to: SystemTime) -> u64 {
    to.duration_since(from)
        .map_or(0, |left| left.as_secs() / (24 * 60 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-02-29 00:00:01 UTC.
    fn leap_day() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_164_801)
    }

    fn expiry(text: &str) -> Result<String, Failure> {
        let expiry = text.parse::<Expires>()?.of_key_made(leap_day())?;
        Ok(expiry.map_or_else(|| "never".to_owned(), day))
    }

    #[test]
    fn periods_are_calendar_periods() {
        assert_eq!(expiry("never").unwrap(), "never");
        assert_eq!(expiry("2y").unwrap(), "2026-02-28");
        assert_eq!(expiry("18m").unwrap(), "2025-08-29");
        assert_eq!(expiry("90d").unwrap(), "2024-05-29");
        assert_eq!(expiry("2030-12-31").unwrap(), "2030-12-31");
    }

    #[test]
    fn impossible_expiry_is_refused() {
        for text in [
            "",
            "y",
            "2",
            "2w",
            "-2y",
            "+2y",
            "0d",
            "2024-13-01",
            "tomorrow",
            "2 y",
            "é",
        ] {
            let error = expiry(text).unwrap_err().to_string();
            assert!(
                error.starts_with("use `never`, a period"),
                "{text}: {error}"
            );
        }
        for text in ["137y", "99999d", "2161-01-01", "99999999999999999999d"] {
            let error = expiry(text).unwrap_err();
            assert!(error.help[0].contains("--expires"), "{text}: {error}");
        }
        assert!(
            expiry("2024-02-29")
                .unwrap_err()
                .message
                .contains("is not after the day")
        );
    }

    #[test]
    fn days_are_counted_down() {
        let at = leap_day();
        assert_eq!(days_until(at, at + Duration::from_hours(49)), 2);
        assert_eq!(days_until(at + Duration::from_hours(49), at), 0);
        assert_eq!(timestamp(at).unwrap(), "2024-02-29T00:00:01Z");
    }
}
