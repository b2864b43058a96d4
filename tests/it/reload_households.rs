//! Families of one e-mail address: a new member is a customer of their own, beside those whom the backup has.

use crate::reload::{DIALECTS, started};
use crate::reload_business::{baseline, booking, business, options, target};
use rebook::export::{Sides, export_beside};
use rebook::model::{Baseline, BaselineCustomer, Dialect};
use std::fmt::Write as _;

const FAMILIES: [(u32, &str, &str); 6] = [
    (11, "Petr Lind", "lind@mail.example"),
    (12, "Anna Lind", "lind@mail.example"),
    (13, "Milan Roth", "roth@mail.example"),
    (14, "Eva Roth", "roth@mail.example"),
    (15, "Karel Vogt", "vogt@mail.example"),
    (16, "Jana Vogt", "vogt@mail.example"),
];

fn backup(dialect: Dialect) -> Baseline {
    let mut backup = baseline(dialect);
    let since = backup.customers[0].raw["since"].clone();
    for (id, name, email) in FAMILIES {
        let cell = |column: &str, text: String| (column.to_owned(), Some(text));
        let mut raw = rebook::model::RawRow::from([
            cell("id", id.to_string()),
            cell("full", name.to_owned()),
            cell("mail", email.to_owned()),
        ]);
        raw.insert("since".to_owned(), since.clone());
        backup.customers.push(BaselineCustomer {
            key: id.to_string(),
            name: Some(name.to_owned()),
            email: Some(email.to_owned()),
            raw,
            ..BaselineCustomer::default()
        });
    }
    backup
}

#[test]
fn new_members_of_a_household_are_customers_of_their_own() {
    for dialect in DIALECTS {
        let backup = backup(dialect);
        for live in [None, Some(&backup)] {
            let Some(database) = started(dialect, "households") else {
                continue;
            };
            let quote = if dialect == Dialect::Mysql { '`' } else { '"' };
            let mut rows = String::new();
            for (id, name, email) in FAMILIES {
                let since = backup.customers[0].raw["since"].as_deref().unwrap_or_default();
                let _ = writeln!(
                    rows,
                    "INSERT INTO guests (id, {quote}full{quote}, mail, since) VALUES ({id}, '{name}', '{email}', '{since}');"
                );
            }
            if dialect == Dialect::Postgres {
                rows += "SELECT setval('guests_id_seq', 20);";
            }
            database.query(&rows);
            let of = |id: &str, reference: &str, day: u32, name: &str, email: &str| {
                let mut booking = booking(id, reference, day);
                booking.customer.name = Some(name.to_owned());
                booking.customer.email = Some(email.to_owned());
                booking
            };
            let bookings = [
                // A third of a family that the backup knows, twice, and two of one that is new.
                of("b_1", "KY-30", 21, "Ota Lind", "lind@mail.example"),
                of("b_2", "KY-31", 22, "OTA LIND", "Lind@mail.example"),
                of("b_3", "KY-32", 23, "Iva Kern", "kern@mail.example"),
                of("b_4", "KY-33", 24, "Ben Kern", "kern@mail.example"),
            ];
            let sides = Sides {
                backup: Some(&backup),
                live,
            };
            let reload =
                export_beside(&bookings, &target(dialect), &business(), sides, &options()).expect("a reload");
            assert_eq!((reload.counts.inserts, reload.counts.customers), (4, 3));
            for _ in 0..2 {
                let ran = database.load(&reload.sql);
                assert!(ran.ok, "{dialect:?}: {}{}", ran.out, ran.err);
                let found = database.query(&format!(
                    "SELECT t.code, g.{quote}full{quote} FROM trips AS t JOIN guests AS g ON g.id = t.guest \
                     WHERE t.code LIKE 'KY-3_' ORDER BY 1;"
                ));
                assert_eq!(
                    found.to_lowercase(),
                    "ky-30|ota lind\nky-31|ota lind\nky-32|iva kern\nky-33|ben kern\n",
                    "{dialect:?}"
                );
                let guests = database.query("SELECT count(*) FROM guests;");
                assert_eq!(guests.trim(), "11", "{dialect:?}");
            }
        }
    }
}
