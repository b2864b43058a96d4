//! The country of a time zone. Source: zone.tab of the tz database, which is in the public domain.

const TABLE: &str = include_str!("zones.txt");

/// The ISO 3166 code, where the zone has one.
pub(super) fn country(zone: &str) -> Option<&'static str> {
    TABLE
        .lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(name, _)| *name == zone)
        .map(|(_, country)| country)
}
