//! Names of time zones as calendars write them.

use crate::reading::content_line::{ContentLine, unfold};
use calcard::common::timezone::Tz as AnyZone;
use chrono_tz::Tz;

/// IANA's names, with a path before them or not, and those of Windows.
pub(super) fn zone_named(name: &str) -> Option<Tz> {
    let plain = name.trim().trim_start_matches('/');
    let known = |name: &str| match name.parse::<AnyZone>().ok()? {
        AnyZone::Tz(zone) => Some(zone),
        _ => None,
    };
    plain.parse().ok().or_else(|| known(plain)).or_else(|| {
        let mut rest = plain;
        while let Some((_, tail)) = rest.split_once('/') {
            if let Ok(zone) = tail.parse() {
                return Some(zone);
            }
            rest = tail;
        }
        None
    })
}

/// A zone that the file describes: known where it says which of the world's it is.
pub(super) fn own_zone(text: &str) -> Option<(String, Tz)> {
    let (mut id, mut zone) = (None, None);
    for line in unfold(text) {
        let Some(line) = ContentLine::read(&line) else {
            continue;
        };
        match line.name.as_str() {
            "tzid" => id = Some(line.value.to_owned()),
            "x-lic-location" => zone = zone_named(line.value),
            _ => {}
        }
    }
    let id = id?;
    let zone = zone.or_else(|| zone_named(&id))?;
    Some((id, zone))
}

#[cfg(test)]
mod tests {
    use super::zone_named;

    #[test]
    fn a_zone_is_known_by_any_of_its_names() {
        for name in [
            "Europe/Vienna",
            "/Europe/Vienna",
            "/tool.example/2026/Europe/Vienna",
            "W. Europe Standard Time",
        ] {
            assert!(zone_named(name).is_some(), "{name}");
        }
        assert_eq!(zone_named("Harbour time"), None);
    }
}
