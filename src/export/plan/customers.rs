//! Sorts customers: those of the backup must still be who they were, new ones may have come back already.

use super::{CUSTOMERS, Plan};
use crate::export::customers::SAME_PERSON;
use crate::export::script::Writer;

impl<W: Writer> Plan<'_, W> {
    pub(super) fn sort_customers(&mut self) {
        let Some(relation) = &self.relations.customer else {
            return;
        };
        self.title("Customers: those of the backup must still be who they were; new ones may have come back already.");
        self.create_lookup("rebook_live_customers", relation, &[]);
        self.create_lookup("rebook_new_customers", relation, &[]);
        let matching = self.customer_match(relation, "t");
        self.lookup("rebook_live_customers", relation, &[], Some(&matching), "");
        let live = self.w.temporary("rebook_live_customers");

        let groups: Vec<Vec<(String, String)>> = SAME_PERSON
            .iter()
            .map(|fields| {
                let pairs = fields
                    .iter()
                    .filter_map(|field| self.pair(relation, field, "t", "s"));
                pairs.collect()
            })
            .filter(|pairs: &Vec<_>| !pairs.is_empty())
            .collect();
        let alike: Vec<String> = groups
            .iter()
            .map(|pairs| {
                let equal: Vec<String> = pairs
                    .iter()
                    .map(|(live, ours)| format!("{live} = {ours}"))
                    .collect();
                equal.join(" AND ")
            })
            .collect();
        let nameless: Vec<String> = groups
            .iter()
            .flatten()
            .map(|(_, ours)| format!("{ours} IS NULL"))
            .collect();
        self.hold(
            CUSTOMERS,
            "its customer is gone, or is somebody else now",
            &format!(
                "s.rebook_known = 1 AND NOT EXISTS (SELECT 1 FROM {} AS t WHERE {} AND ({} OR ({})))",
                self.w.table(&relation.name),
                self.keyed(relation, "t", "s"),
                alike.join(" OR "),
                nameless.join(" AND ")
            ),
        );
        self.set(
            CUSTOMERS,
            "rebook_state = 'live'",
            "s.rebook_known = 1 AND s.rebook_state IS NULL",
        );

        let new = "s.rebook_known = 0 AND s.rebook_state IS NULL";
        self.hold(
            CUSTOMERS,
            "several live customers could be its customer",
            &format!(
                "{new} AND (SELECT count(*) FROM {live} AS l WHERE l.rebook_match = s.rebook_match) > 1"
            ),
        );
        let mut sets = self.taken_keys(relation, "l");
        sets.push(("rebook_state".to_owned(), "'live'".to_owned()));
        self.take(
            CUSTOMERS,
            ("rebook_live_customers", "l"),
            &sets,
            &format!("{new} AND l.rebook_match = s.rebook_match"),
        );
        self.hold_taken(CUSTOMERS, relation, new, "its customer: ");
        self.hold_computed(CUSTOMERS, relation, new, "its customer: ");
        self.hold_orphans(CUSTOMERS, relation, new, "its customer: ");
        self.hold_refused(CUSTOMERS, relation, new, "its customer: ");
    }
}
