//! Reads a column's text as a point in time.
//!
//! The zone is the text's own (`+00`, `Z`), else the column type's, else the one that the
//! configuration gives. Where none tells it, the text is not read: an hour's error is a wrong booking.

use super::problems::Cause;
use crate::model::{TimeAs, When};
use chrono::offset::LocalResult;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// What is known about a column of times beside its texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeColumn<'a> {
    pub time: Option<TimeAs>,
    /// As `model::Column` has it, in lower case.
    pub sql_type: &'a str,
    /// The zone of the session that wrote a MySQL dump.
    pub session_zone: Option<FixedOffset>,
    pub business_zone: Tz,
}

impl TimeColumn<'_> {
    /// Reads one value, or says why not.
    pub fn read(&self, text: &str) -> Result<When, Cause> {
        let text = text.trim();
        if self.time == Some(TimeAs::Epoch) {
            return read_epoch(text).map(When::Instant).ok_or(Cause::NotATime);
        }
        let written = Written::read(text).ok_or(Cause::NotATime)?;
        let Some(time) = written.time else {
            return Ok(When::Date(written.date));
        };
        let local = written.date.and_time(time);
        let wants_date = self.time == Some(TimeAs::Date) || self.sql_type == "date";
        let instant = match written.offset.or_else(|| self.offset_of_type()) {
            Some(offset) => Some(at(&offset, local)?),
            None => match self.time {
                _ if wants_date => None,
                Some(TimeAs::Local) => Some(at(&self.business_zone, local)?),
                Some(TimeAs::Utc) => Some(local.and_utc()),
                _ => return Err(Cause::NoZone),
            },
        };
        Ok(match instant {
            Some(instant) if wants_date => {
                When::Date(instant.with_timezone(&self.business_zone).date_naive())
            }
            Some(instant) => When::Instant(instant),
            None => When::Date(written.date),
        })
    }

    /// The offset of a text that states none, where the column's type settles it.
    fn offset_of_type(&self) -> Option<FixedOffset> {
        let has_zone = self.sql_type.contains("with time zone") || self.sql_type.contains("timestamptz");
        if has_zone {
            return FixedOffset::east_opt(0);
        }
        // MySQL stores a TIMESTAMP as an instant, and writes it in the session's zone; a DATETIME is bare.
        self.session_zone
            .filter(|_| self.sql_type.starts_with("timestamp"))
    }
}

/// The instant of a local time. Of an hour that comes twice, the first; one that is skipped has none.
fn at<Z: TimeZone>(zone: &Z, local: NaiveDateTime) -> Result<DateTime<Utc>, Cause> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Ok(at.with_timezone(&Utc)),
        LocalResult::None => Err(Cause::SkippedHour),
    }
}

/// Seconds since 1970. Milliseconds would be a year past 9999, and are none.
fn read_epoch(text: &str) -> Option<DateTime<Utc>> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let seconds: i64 = whole.parse().ok()?;
    (seconds < 253_402_300_800)
        .then(|| DateTime::from_timestamp(seconds, 0))
        .flatten()
}

/// ISO 8601 as databases write it: `2026-02-20`, `2026-02-20 15:00:00.5+00`, `2026-02-20T15:00Z`.
struct Written {
    date: NaiveDate,
    time: Option<NaiveTime>,
    offset: Option<FixedOffset>,
}

impl Written {
    fn read(text: &str) -> Option<Self> {
        let date = text.get(..10)?.parse().ok()?;
        let rest = &text[10..];
        if rest.is_empty() {
            return Some(Self {
                date,
                time: None,
                offset: None,
            });
        }
        let rest = rest.strip_prefix([' ', 'T', 't'])?;
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.')
            .unwrap_or(rest.len());
        let (clock, zone) = rest.split_at(end);
        let time = ["%H:%M:%S%.f", "%H:%M"]
            .iter()
            .find_map(|form| NaiveTime::parse_from_str(clock, form).ok())?;
        let offset = match zone.trim() {
            "" => None,
            zone => Some(read_offset(zone)?),
        };
        Some(Self {
            date,
            time: Some(time),
            offset,
        })
    }
}

/// `Z`, `UTC`, `+00`, `-0730`, `+05:30`, `+00:09:21`.
fn read_offset(text: &str) -> Option<FixedOffset> {
    if text.eq_ignore_ascii_case("z") || text.eq_ignore_ascii_case("utc") {
        return FixedOffset::east_opt(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = text[1..].replace(':', "");
    let part = |from: usize| match digits.get(from..from + 2) {
        Some(pair) => pair.parse::<i32>().ok(),
        None => (digits.len() == from).then_some(0),
    };
    let is_known = matches!(digits.len(), 2 | 4 | 6);
    let seconds = part(0)? * 3600
        + if digits.len() > 2 { part(2)? * 60 } else { 0 }
        + if digits.len() > 4 { part(4)? } else { 0 };
    is_known.then(|| FixedOffset::east_opt(sign * seconds)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(time: Option<TimeAs>, sql_type: &str) -> TimeColumn<'_> {
        TimeColumn {
            time,
            sql_type,
            session_zone: None,
            business_zone: Tz::America__Denver,
        }
    }

    fn rendered(column: TimeColumn<'_>, text: &str) -> Result<String, Cause> {
        column.read(text).map(|when| when.render(Tz::UTC))
    }

    #[test]
    fn the_texts_own_zone_comes_first() {
        for text in [
            "2026-02-20 15:00:00+00",
            "2026-02-20T15:00:00Z",
            "2026-02-20T10:00:00.000-05:00",
            "2026-02-20 20:30:00+0530",
            "2026-02-20 15:00 UTC",
        ] {
            let read = rendered(column(Some(TimeAs::Local), "text"), text);
            assert_eq!(read.as_deref(), Ok("2026-02-20T15:00:00+00:00"), "{text}");
        }
    }

    #[test]
    fn a_bare_time_is_read_only_where_its_zone_is_known() {
        let text = "2026-02-20 15:00:00";
        let read = |time, sql_type| rendered(column(time, sql_type), text);
        assert_eq!(
            read(Some(TimeAs::Local), "datetime").as_deref(),
            Ok("2026-02-20T22:00:00+00:00")
        );
        assert_eq!(
            read(Some(TimeAs::Utc), "datetime").as_deref(),
            Ok("2026-02-20T15:00:00+00:00")
        );
        assert_eq!(read(Some(TimeAs::Date), "datetime").as_deref(), Ok("2026-02-20"));
        assert_eq!(read(None, "timestamp without time zone"), Err(Cause::NoZone));
        assert_eq!(read(None, "date").as_deref(), Ok("2026-02-20"));
        assert_eq!(
            read(None, "timestamp with time zone").as_deref(),
            Ok("2026-02-20T15:00:00+00:00")
        );
    }

    #[test]
    fn the_sessions_zone_holds_for_mysql_timestamps_alone() {
        let read = |time, sql_type| {
            let session_zone = FixedOffset::east_opt(0);
            rendered(
                TimeColumn {
                    session_zone,
                    ..column(time, sql_type)
                },
                "2026-02-20 15:00:00",
            )
        };
        assert_eq!(
            read(None, "timestamp").as_deref(),
            Ok("2026-02-20T15:00:00+00:00")
        );
        assert_eq!(
            read(Some(TimeAs::Local), "datetime").as_deref(),
            Ok("2026-02-20T22:00:00+00:00")
        );
    }

    #[test]
    fn clocks_that_change_leave_one_hour_out_and_one_twice() {
        let local = column(Some(TimeAs::Local), "datetime");
        assert_eq!(rendered(local, "2026-03-08 02:30:00"), Err(Cause::SkippedHour));
        assert_eq!(
            rendered(local, "2026-11-01 01:30:00").as_deref(),
            Ok("2026-11-01T07:30:00+00:00")
        );
    }

    #[test]
    fn seconds_since_1970_are_not_milliseconds() {
        let epoch = column(Some(TimeAs::Epoch), "integer");
        assert_eq!(
            rendered(epoch, "1771599600").as_deref(),
            Ok("2026-02-20T15:00:00+00:00")
        );
        assert_eq!(rendered(epoch, "1771599600000"), Err(Cause::NotATime));
    }

    #[test]
    fn what_is_no_time_is_none() {
        let local = column(Some(TimeAs::Local), "datetime");
        for text in [
            "",
            "0000-00-00 00:00:00",
            "infinity",
            "2026-02-30",
            "20.02.2026",
            "é2026-02-2",
            "2026-02-20 25:00",
        ] {
            assert_eq!(rendered(local, text), Err(Cause::NotATime), "{text}");
        }
    }
}
