//! Two calendar entries of which one is when a booking begins and the other when it ends are about one booking. Apart, each
//! tells half of it; a surname, or what a customer is called, is little to go by twice.

use super::facts::Facts;
use super::units::Unit;
use crate::model::{SourceKind, When};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// Whoever enters a beginning enters its end within this.
const AT_ONCE: TimeDelta = TimeDelta::minutes(60);
/// A word in one entry of so many is wording, and nobody's name; one in fewer than that may be a name, and one in fewer than
/// the second, or in one entry alone, is one.
const WORDING: usize = 8;
const NAME: usize = 40;

/// One of the two entries.
struct Edge<'a> {
    unit: usize,
    made: DateTime<Utc>,
    when: When,
    facts: &'a Facts,
    /// The words that may tell whose it is, and those of them that do.
    words: BTreeSet<&'a str>,
    names: BTreeSet<&'a str>,
}

impl Edge<'_> {
    /// Whether this begins what the other ends.
    fn goes_with(&self, end: &Edge<'_>, zone: Tz) -> bool {
        let keys = |edge: &Edge<'_>| -> BTreeSet<String> {
            edge.facts.resources.iter().flatten().cloned().collect()
        };
        let (mine, theirs) = (keys(self), keys(end));
        let references = |edge: &Edge<'_>| edge.facts.references.first().map(|(folded, _)| folded.clone());
        let numbers = references(self).zip(references(end));
        (self.made - end.made).abs() <= AT_ONCE
            && !self.words.is_disjoint(&end.words)
            && self.names.is_subset(&end.words)
            && end.names.is_subset(&self.words)
            && self.facts.tenant == end.facts.tenant
            && self.facts.planned == end.facts.planned
            && self.when.date(zone) <= end.when.date(zone)
            && (mine.is_empty() || theirs.is_empty() || !mine.is_disjoint(&theirs))
            && numbers.is_none_or(|(mine, theirs)| mine == theirs)
    }
}

/// The units with each such pair as one. The two say the same of whose they are, were made at once, and neither goes with
/// a third.
pub fn joined(mut units: Vec<Unit>, facts: &[Facts], zone: Tz) -> Vec<Unit> {
    let begin = edges(&units, facts, |facts| {
        match (facts.starts.first(), facts.ends.first()) {
            (Some(start), None) => Some(*start),
            _ => None,
        }
    });
    let end = edges(&units, facts, |facts| {
        match (facts.starts.first(), facts.ends.first()) {
            (None, Some(end)) => Some(*end),
            _ => None,
        }
    });
    let mut by_time: BTreeMap<(DateTime<Utc>, usize), &Edge<'_>> = BTreeMap::new();
    by_time.extend(end.iter().map(|edge| ((edge.made, edge.unit), edge)));
    let mut ends_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut begun_by: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for edge in &begin {
        let near = by_time.range((edge.made - AT_ONCE, 0)..=(edge.made + AT_ONCE, usize::MAX));
        for (_, other) in near.filter(|(_, other)| edge.goes_with(other, zone)) {
            ends_of.entry(edge.unit).or_default().push(other.unit);
            begun_by.entry(other.unit).or_default().push(edge.unit);
        }
    }
    let only = |(from, to): (usize, Vec<usize>)| match to.as_slice() {
        [to] if begun_by[to].len() == 1 => Some((from, *to)),
        _ => None,
    };
    let pairs: Vec<(usize, usize)> = ends_of.into_iter().filter_map(only).collect();
    for (begins, ends) in pairs {
        let (first, second) = (begins.min(ends), begins.max(ends));
        let more = std::mem::take(&mut units[second].members);
        units[first].members.extend(more);
        units[first].members.sort_unstable();
    }
    units.retain(|unit| !unit.members.is_empty());
    units
}

/// The entries that are an edge of some booking, each with what tells whose it is.
fn edges<'a>(units: &[Unit], facts: &'a [Facts], is_edge: impl Fn(&Facts) -> Option<When>) -> Vec<Edge<'a>> {
    let entry = |(unit, of): (usize, &Unit)| {
        let facts = &facts[unit];
        let is_alone = of.kind == SourceKind::GoogleCalendar && of.members.len() == 1;
        let stands_for_one = !(facts.aside || facts.party || facts.listed);
        let when = (is_alone && stands_for_one).then(|| is_edge(facts)).flatten()?;
        Some(Edge {
            unit,
            made: facts.made_at?,
            when,
            facts,
            words: facts.words.iter().map(String::as_str).collect(),
            names: BTreeSet::new(),
        })
    };
    let mut edges: Vec<Edge<'a>> = units.iter().enumerate().filter_map(entry).collect();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for word in edges.iter().flat_map(|edge| &edge.words) {
        *seen.entry(word).or_default() += 1;
    }
    let all = edges.len();
    for edge in &mut edges {
        edge.words.retain(|word| seen[word] * WORDING < all);
        let is_name = |word: &&&str| seen[**word] == 1 || seen[**word] * NAME < all;
        edge.names = edge.words.iter().filter(is_name).copied().collect();
    }
    edges.retain(|edge| !edge.words.is_empty());
    edges
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 5, 4, hour, minute, 0)
            .single()
            .expect("a time")
    }

    /// An entry that somebody made then, with these words, for the start or the end at this hour.
    fn entry(made: DateTime<Utc>, words: &str, starts: Option<u32>, ends: Option<u32>) -> Facts {
        let when = |hour: Option<u32>| hour.map(|hour| When::Instant(at(hour, 0))).into_iter().collect();
        Facts {
            made_at: Some(made),
            words: words.split(' ').map(str::to_owned).collect(),
            starts: when(starts),
            ends: when(ends),
            planned: true,
            ..Facts::default()
        }
    }

    /// The members of each unit that has several, where many other entries have the words for a start and an end.
    fn pairs(entries: &[Facts]) -> Vec<Vec<usize>> {
        let mut facts = entries.to_vec();
        for other in 0..20 {
            let name = format!("name{other}");
            facts.push(entry(at(1, other), &format!("{name} out"), Some(9), None));
            facts.push(entry(at(3, other), &format!("{name} in"), None, Some(12)));
        }
        let units = (0..facts.len()).map(|at| Unit {
            kind: SourceKind::GoogleCalendar,
            members: vec![at],
        });
        let joined = joined(units.collect(), &facts, Tz::UTC).into_iter();
        joined
            .map(|unit| unit.members)
            .filter(|members| members.len() > 1)
            .collect()
    }

    #[test]
    fn a_start_and_an_end_of_one_name_that_were_entered_at_once_are_one() {
        let start = entry(at(7, 0), "teddy out", Some(9), None);
        let end = entry(at(7, 4), "teddy in", None, Some(15));
        assert_eq!(pairs(&[start.clone(), end]), [[0, 1]]);
        let later = entry(at(10, 0), "teddy in", None, Some(15));
        assert!(pairs(&[start.clone(), later]).is_empty(), "hours later");
        let other = entry(at(7, 4), "mina in", None, Some(15));
        assert!(pairs(&[start.clone(), other]).is_empty(), "somebody else");
        let both = entry(at(7, 4), "teddy mina in", None, Some(15));
        assert!(pairs(&[start, both]).is_empty(), "with somebody else");
    }

    #[test]
    fn of_two_that_may_go_with_one_neither_does() {
        let start = entry(at(7, 0), "teddy out", Some(9), None);
        let end = |hour| entry(at(7, 4), "teddy in", None, Some(hour));
        assert!(pairs(&[start, end(15), end(18)]).is_empty());
    }
}
