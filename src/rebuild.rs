//! From documents to bookings: the composition of learn, link and fuse that every command runs.

mod alarms;
mod recall;
mod redesign;

pub use recall::Recall;

use crate::backtest;
use crate::fuse::{self, Fused, Trial};
use crate::learn::agreement::{Agreed, agree, has_teacher, numbers};
use crate::learn::{Learned, Overlap, assign};
use crate::link::{self, Margins};
use crate::mapping::{
    Claims, Gazetteer, Groups, KeyNumbers, Lines, Mapping, Monies, PhoneForms, Reader, Shape, SlotType, Told,
    split, stated_of_party, take_days_apart, take_rosters_apart,
};
use crate::model::{
    Baseline, Booking, BookingId, Bucket, Business, Charge, Claim, Document, FieldName, Linked, Money,
    RecordId, Stage, Target, Tie, Value, Window,
};
use rayon::prelude::*;
use recall::Prints;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What goes in; nothing here reads a clock, a file or a database.
pub struct Evidence<'a> {
    pub documents: &'a [Document],
    /// Calendar entries from before the overlap: they tell which titles come back for nobody, and no more.
    pub earlier: &'a [Document],
    pub baseline: &'a Baseline,
    pub window: &'a Window,
    pub business: &'a Business,
    pub target: Option<&'a Target>,
    /// Mappings that a person wrote or edited, by source: they win over what is learned.
    pub given: &'a [Mapping],
    /// What the last build left.
    pub recall: &'a Recall,
}

/// What comes out.
#[derive(Debug, Clone, Default)]
pub struct Rebuilt {
    /// In the order of their ids.
    pub bookings: Vec<Booking>,
    pub mappings: Vec<Mapping>,
    pub claims: Vec<Claim>,
    pub trial: Trial,
    /// Every charge since the backup that took money, in one bucket each.
    pub charges: Vec<Charge>,
    pub warnings: Vec<String>,
}

/// What a build took over from the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reused {
    pub learned: bool,
    pub trial: bool,
}

/// Learns, links and fuses; `progress` is told when a stage begins. `ties` are what people said of which records
/// belong together.
pub fn rebuild(evidence: Evidence<'_>, ties: &[Tie], progress: &mut dyn FnMut(Stage)) -> Rebuilt {
    let bench = Bench::new(evidence, progress);
    progress(Stage::Fuse);
    bench.fuse(ties)
}

/// Everything up to fusing, kept so that bookings can be fused again at once when somebody has said what belongs
/// together.
pub struct Bench<'a> {
    evidence: Evidence<'a>,
    learned: Learned,
    mappings: Vec<Mapping>,
    told: Vec<Told<'a>>,
    /// Without any tie.
    linked: Linked,
    trial: Trial,
    /// What the agreement of the sources taught, where there is no backup that could.
    agreed: Option<Agreed>,
    recall: Recall,
    reused: Reused,
}

impl<'a> Bench<'a> {
    pub fn new(evidence: Evidence<'a>, progress: &mut dyn FnMut(Stage)) -> Self {
        progress(Stage::Learn);
        let agreed = untaught(
            evidence.documents,
            evidence.baseline,
            evidence.window,
            evidence.business,
        );
        let standing_in = agreed.iter().flat_map(|agreed| agreed.stand_in.references());
        let references = evidence.baseline.references().chain(standing_in);
        let gazetteer = Gazetteer::new(&evidence.baseline.resources)
            .knowing(evidence.documents)
            .trading_as(evidence.business, evidence.documents)
            .numbered(evidence.documents, references.clone())
            .telephoned(PhoneForms::learn(evidence.baseline.phones()))
            .paid_in(Monies::new(
                evidence.business.currency,
                evidence.baseline.currencies(),
            ));
        // What the sources agree on is asked of every record: none of it can be kept.
        let prints = agreed
            .is_none()
            .then(|| Prints::of(evidence.documents, evidence.earlier));
        let print = prints
            .as_ref()
            .map(|prints| prints.learned(&evidence, &gazetteer));
        let known = print.as_deref().and_then(|print| evidence.recall.learned(print));
        let mut overlap = (agreed.is_none() && known.is_none()).then(|| {
            Overlap::cut(evidence.documents, gazetteer.clone(), evidence.window)
                .calling(evidence.baseline, evidence.business)
                .with_earlier(evidence.earlier)
        });
        let mut reused = Reused {
            learned: known.is_some(),
            trial: false,
        };
        let mut learned = match (&agreed, known, &overlap) {
            (Some(agreed), ..) => agreed.learned.clone(),
            (None, Some(known), _) => known.clone(),
            (None, None, Some(overlap)) => {
                overlap.teach(evidence.baseline, evidence.window, evidence.business, &|_| true)
            }
            (None, None, None) => Learned::default(),
        };
        let mut recall = Recall {
            learned: print.clone().map(|print| (print, learned.clone())),
            trial: None,
        };
        let mut mappings = choose(learned.mappings.clone(), evidence.given);
        // What a person wrote is known from here on; nothing was learned with it.
        let gazetteer = gazetteer.calling(&mappings);
        overlap = overlap.map(|overlap| overlap.called(&mappings));
        progress(Stage::Extract);
        let shape = Shape::new(references.clone());
        let groups = Groups::new(references);
        let rows = evidence.baseline.bookings.iter();
        let keyed = rows.filter_map(|row| Some((row.key.as_str(), row.reference.as_deref()?)));
        let key_numbers = KeyNumbers::learn(&keyed.collect::<Vec<_>>());
        let bare = Lens {
            gazetteer: &gazetteer,
            shape: &shape,
            groups: &groups,
            key_numbers: key_numbers.as_ref(),
            business: evidence.business,
            overlap: None,
        };
        let lens = Lens {
            overlap: overlap.as_ref(),
            ..bare
        };
        let all = || evidence.documents.par_iter().enumerate();
        let mut told = lens.tell(all(), &mappings);
        progress(Stage::Link);
        let zone = evidence.business.zone;
        let link = |told: &[Told<'_>], margins| link::link(told, evidence.baseline, zone, margins, None);
        let mut linked = link(&told, Margins::default());
        if agreed.is_none()
            && let Some((revised, count)) = redesign::learn(&evidence, &lens, &mappings, &told, &linked)
        {
            // What a person wrote stands as it is.
            mappings = choose(revised, evidence.given);
            told = lens.tell(all(), &mappings);
            linked = link(&told, Margins::default());
            learned.warnings.push(format!(
                "{count} messages since the backup are worded anew: they are read as the other sources say of the same \
                 bookings"
            ));
        }
        progress(Stage::Backtest);
        // What the sources agree on cannot be tested on what they agree on.
        let (mut trial, mut margins) = <(Trial, Margins)>::default();
        if let (Some(prints), Some(print)) = (&prints, &print) {
            let truth = backtest::Truth::new(evidence.baseline, &told, &linked);
            let print = prints.trial(print, &evidence, &mappings, &truth);
            if let Some(known) = evidence.recall.trial(&print) {
                reused.trial = true;
                (trial, margins) = known.clone();
            } else {
                let cut = || Overlap::cut(evidence.documents, gazetteer.clone(), evidence.window);
                let overlap = overlap.get_or_insert_with(|| cut().with_earlier(evidence.earlier));
                let lens = Lens {
                    overlap: Some(overlap),
                    ..bare
                };
                (trial, margins) = backtest::run(&evidence, overlap, &lens, &mappings, &told, &truth);
            }
            recall.trial = Some((print, (trial.clone(), margins)));
        }
        if margins != Margins::default() {
            linked = link(&told, margins);
        }
        Self {
            evidence,
            learned,
            mappings,
            told,
            linked,
            trial,
            agreed,
            recall,
            reused,
        }
    }

    /// What the next build may take over, and what this one took over.
    pub fn recall(&self) -> (&Recall, Reused) {
        (&self.recall, self.reused)
    }

    /// Fuses with these ties: the same as a whole rebuild with them.
    pub fn fuse(&self, ties: &[Tie]) -> Rebuilt {
        let linked = link::tie(self.linked.clone(), &self.told, self.evidence.baseline, ties);
        let fused = fuse_with(
            &self.evidence,
            &self.mappings,
            &self.told,
            &linked,
            &self.trial,
            self.agreed.as_ref().map(|agreed| &agreed.fields),
        );
        finish(
            &self.evidence,
            self.learned.clone(),
            self.mappings.clone(),
            &self.told,
            &linked,
            fused,
            self.trial.clone(),
        )
    }
}

/// Tells whose records are that say so in a place of their own, and takes records apart that tell of several bookings,
/// by the backup's numbers, where no backup has bookings by those that the sources agree on, and by the days of lists
/// that the backup knows.
pub fn take_apart(documents: &mut Vec<Document>, baseline: &Baseline, window: &Window, business: &Business) {
    assign(documents, baseline);
    let agreed = if baseline.bookings.is_empty() {
        numbers(documents, baseline, business)
    } else {
        Vec::new()
    };
    let known = baseline.references().chain(agreed.iter().map(String::as_str));
    let shape = Shape::new(known.clone());
    take_rosters_apart(documents, baseline, &shape);
    split(documents, &shape, known);
    take_days_apart(documents, baseline, window.backup, business.zone);
}

/// What the agreement of the sources teaches, where there is no backup that could.
fn untaught(
    documents: &[Document],
    baseline: &Baseline,
    window: &Window,
    business: &Business,
) -> Option<Agreed> {
    (!has_teacher(documents, baseline, window)).then(|| agree(documents, baseline, window, business))
}

/// Learns from the overlap with the backup; where there is none, from the agreement of the sources.
pub fn teach(
    documents: &[Document],
    earlier: &[Document],
    baseline: &Baseline,
    window: &Window,
    business: &Business,
) -> Learned {
    match untaught(documents, baseline, window, business) {
        Some(agreed) => agreed.learned,
        None => Overlap::new(documents, baseline, window, business)
            .calling(baseline, business)
            .with_earlier(earlier)
            .teach(baseline, window, business, &|_| true),
    }
}

pub(crate) fn choose(learned: Vec<Mapping>, given: &[Mapping]) -> Vec<Mapping> {
    let mut by: BTreeMap<String, Mapping> = learned
        .into_iter()
        .map(|mapping| (mapping.source.clone(), mapping))
        .collect();
    by.extend(
        given
            .iter()
            .map(|mapping| (mapping.source.clone(), mapping.clone())),
    );
    by.into_values().collect()
}

/// How records are read, whatever was learned.
#[derive(Clone, Copy)]
pub struct Lens<'r> {
    pub gazetteer: &'r Gazetteer,
    pub shape: &'r Shape,
    pub groups: &'r Groups,
    pub key_numbers: Option<&'r KeyNumbers>,
    pub business: &'r Business,
    /// The records of the overlap, cut up with the same gazetteer.
    pub overlap: Option<&'r Overlap<'r>>,
}

impl Lens<'_> {
    /// Reads the claims of each record, in the records' order. A record comes with its place among all, by which the
    /// overlap knows it: what it cut up already is not cut up again.
    pub fn tell<'a>(
        &self,
        documents: impl IndexedParallelIterator<Item = (usize, &'a Document)>,
        mappings: &[Mapping],
    ) -> Vec<Told<'a>> {
        let empty = Mapping::default();
        let readers: BTreeMap<&str, Reader<'_>> = mappings
            .iter()
            .map(|mapping| {
                let reader = Reader::new(mapping, self.gazetteer, self.business);
                (mapping.source.as_str(), reader)
            })
            .collect();
        let fallback = Reader::new(&empty, self.gazetteer, self.business);
        let known = |at: usize| self.overlap.and_then(|overlap| overlap.lines(at));
        let documents: Vec<(usize, &'a Document)> = documents.collect();
        let others = documents.iter().filter(|(at, _)| known(*at).is_none());
        let others: Vec<(usize, &Document)> = others.copied().collect();
        let cut = fallback
            .lexer
            .cut(&others.iter().map(|(_, document)| *document).collect::<Vec<_>>());
        let cut: HashMap<usize, Lines> = others.iter().map(|(at, _)| *at).zip(cut).collect();
        let mut told: Vec<Told<'a>> = documents
            .into_par_iter()
            .map(|(at, document)| {
                let reader = readers.get(document.record.source()).unwrap_or(&fallback);
                let mut claims = match (known(at), cut.get(&at)) {
                    (Some((texts, defining)), _) => reader.read_lines(document, texts, defining),
                    (None, Some(lines)) => reader.read_lines(document, &lines.texts, lines.defining.as_ref()),
                    (None, None) => reader.read(document),
                };
                claims.claims.retain(|claim| match (&claim.field, &claim.value) {
                    (FieldName::Reference, Value::Text(text)) => self.shape.fits(text),
                    _ => true,
                });
                self.read_party(document, &mut claims);
                if let Some(numbers) = self.key_numbers {
                    numbers.state(document, &mut claims);
                }
                for claim in &mut claims.claims {
                    if let (FieldName::Reference, Value::Text(text)) = (claim.field, &mut claim.value) {
                        *text = self.shape.dress(text);
                    }
                }
                Told { document, claims }
            })
            .collect();
        self.groups.part(&mut told);
        told
    }

    /// Where no rule reads what the line of a party states, it is the party's own.
    fn read_party(&self, document: &Document, claims: &mut Claims) {
        const NAMES: [FieldName; 4] = [
            FieldName::CustomerName,
            FieldName::CustomerFirstName,
            FieldName::CustomerLastName,
            FieldName::CustomerCalled,
        ];
        for (field, place, text) in stated_of_party(document, self.shape) {
            let own = [field];
            let fields = if NAMES.contains(&field) { &NAMES[..] } else { &own };
            if fields.iter().any(|field| claims.of(*field).next().is_some()) {
                continue;
            }
            if field == FieldName::Reference {
                claims
                    .unexplained
                    .retain(|(slot, said)| *slot != SlotType::Code || said != text);
            }
            claims.claims.push(Claim {
                record: document.record.clone(),
                field,
                value: Value::Text(text.to_owned()),
                place,
                rule: "backup".to_owned(),
                standing: document.standing,
                said_at: document.said_at,
            });
        }
    }
}

/// Fuses with what the backtest found.
pub(crate) fn fuse_with(
    evidence: &Evidence<'_>,
    mappings: &[Mapping],
    told: &[Told<'_>],
    linked: &Linked,
    trial: &Trial,
    untaught: Option<&BTreeSet<FieldName>>,
) -> Vec<Fused> {
    fuse::fuse(&fuse::Input {
        told,
        linked,
        baseline: evidence.baseline,
        mappings,
        window: evidence.window,
        business: evidence.business,
        target: evidence.target,
        trial,
        untaught,
    })
}

fn finish(
    evidence: &Evidence<'_>,
    learned: Learned,
    mappings: Vec<Mapping>,
    told: &[Told<'_>],
    linked: &Linked,
    fused: Vec<Fused>,
    trial: Trial,
) -> Rebuilt {
    let mut warnings = learned.warnings;
    let strange: BTreeSet<&str> = told
        .iter()
        .filter(|told| told.document.object == "message" && told.speaks() && !told.claims.known)
        .filter(|told| {
            told.document
                .said_at
                .is_some_and(|at| at > evidence.window.backup)
        })
        .map(|told| told.document.record.source())
        .collect();
    for source in strange {
        let count = told
            .iter()
            .filter(|told| told.document.record.source() == source && !told.claims.known && told.speaks())
            .count();
        warnings.push(format!(
            "{count} messages of `{source}` are of kinds that were not seen before the backup"
        ));
    }
    let unanswered = fuse::unanswered(linked, told, evidence.window);
    if unanswered > 0 {
        let requests = if unanswered == 1 { "request" } else { "requests" };
        warnings.push(format!(
            "{unanswered} {requests} came to nothing: only messages of kinds tell of them that never were a booking by \
             themselves"
        ));
    }
    warnings.extend(alarms::alarms(told, evidence.window));
    if !linked.cut.is_empty() {
        warnings.push(format!(
            "{} records want the same bookings as so many others that they could not all be weighed together: what fits \
             them less well was left out of account",
            linked.cut.len()
        ));
    }
    for (key, pattern, fields) in &trial.errors {
        warnings.push(format!(
            "in the test on your backup, booking {key} came out as certain and was wrong in: {} (known from: {})",
            fields.join(", "),
            pattern.0.replace('+', ", ")
        ));
    }
    let bookings: Vec<Booking> = fused.into_iter().map(|fused| fused.booking).collect();
    let charges = charges(evidence, told, linked, &bookings);
    Rebuilt {
        claims: told
            .iter()
            .flat_map(|told| told.claims.claims.iter().cloned())
            .collect(),
        bookings,
        mappings,
        trial,
        charges,
        warnings,
    }
}

/// Every captured charge since the backup in one bucket: on a booking, on none, or in a question.
fn charges(evidence: &Evidence<'_>, told: &[Told<'_>], linked: &Linked, bookings: &[Booking]) -> Vec<Charge> {
    let mut booked: BTreeMap<&str, Vec<&Booking>> = BTreeMap::new();
    let mut asked: BTreeMap<&str, &BookingId> = BTreeMap::new();
    for booking in bookings {
        for payment in &booking.payments {
            booked.entry(&payment.id).or_default().push(booking);
        }
        for conflict in &booking.conflicts {
            for record in conflict
                .candidates
                .iter()
                .flat_map(|candidate| &candidate.records)
            {
                asked.insert(record.native(), &booking.id);
            }
        }
    }
    let loose: BTreeSet<&RecordId> = linked.loose.iter().map(|at| &told[*at].document.record).collect();
    let mut charges: Vec<Charge> = Vec::new();
    for told in told.iter().filter(|told| told.took_money()) {
        let document = told.document;
        let Some(paid_at) = document.said_at.filter(|at| *at > evidence.window.backup) else {
            continue;
        };
        let Some(amount) = document.taken() else {
            continue;
        };
        let id = document.record.native();
        let (bucket, booking, reason) = if let Some(of) = booked.get(id) {
            // Of several that share it, one that waits keeps it waiting.
            let open = of.iter().find(|booking| booking.is_open());
            let booking = open.or(of.first()).map(|booking| &booking.id);
            match (open, of.len()) {
                (Some(_), _) => (Bucket::InConflict, booking, "its booking waits for a decision"),
                (None, 1) => (Bucket::OnBooking, booking, "pays for its booking"),
                (None, _) => (
                    Bucket::OnBooking,
                    booking,
                    "pays for several bookings, each with its share",
                ),
            }
        } else if let Some(booking) = asked.get(id) {
            (
                Bucket::InConflict,
                Some(*booking),
                "may belong to a booking that waits for a decision",
            )
        } else if !told.may_pay() {
            (
                Bucket::BelongsToNone,
                None,
                "its kind never paid for a booking before the backup",
            )
        } else if document.flag("/refunded") == Some(true) {
            (Bucket::BelongsToNone, None, "refunded whole")
        } else if loose.contains(&document.record) {
            (Bucket::BelongsToNone, None, "no booking fits it")
        } else {
            (Bucket::BelongsToNone, None, "stands in the backup already")
        };
        charges.push(Charge {
            id: id.to_owned(),
            amount,
            refunded: Money::new(document.given_back(0), amount.currency),
            paid_at,
            bucket,
            booking: booking.cloned(),
            reason: reason.to_owned(),
        });
    }
    charges.sort_by(|a, b| (a.paid_at, &a.id).cmp(&(b.paid_at, &b.id)));
    charges
}
