//! What staging tells a review of its bookings is what the bookings themselves tell.

use super::review::many;
use rebook::model::{
    Baseline, BaselineBooking, BaselineCustomer, BaselineResource, BookingId, ConflictKind, RecordId, Status,
    When,
};
use rebook::review::{MAY_MAKE_STALE, Pile, Shelf, headings};
use rebook::store::Staging;

fn staging() -> (tempfile::TempDir, Staging) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let staging = Staging::open(&folder.path().join("staging.db")).expect("a new staging");
    (folder, staging)
}

#[test]
fn staging_finds_what_a_look_through_all_bookings_finds() {
    let (_folder, mut staging) = staging();
    let mut bookings = many(120);
    bookings[7].customer.baseline_key = Some("41".to_owned());
    bookings[8].customer.baseline_key = Some("41".to_owned());
    bookings[9].customer.name = bookings[10]
        .customer
        .name
        .as_ref()
        .map(|name| name.to_uppercase());
    bookings[11].baseline_key = Some("row|9".to_owned());
    bookings[12].status = Some(Status::Cancelled);
    bookings[13].ends_at = None;
    bookings[14].reference = Some("\"quoted\" ünïcode".to_owned());
    bookings[15].conflicts[0].kind = ConflictKind::UnlinkedRecord;
    staging.put_results(&bookings, &[], &[], &[]).expect("kept");
    assert!(
        !staging.is_headed().expect("readable"),
        "a build has no headings yet"
    );
    let generation = staging.generation().expect("readable");
    let all = headings(&bookings);
    staging.put_headings(&all, None, generation).expect("kept");
    assert!(staging.is_headed().expect("readable"));

    let pile = Pile::new(bookings.clone());
    assert_eq!(staging.extent().expect("readable"), pile.extent());
    assert_eq!(staging.headings().expect("readable"), pile.headings());
    assert_eq!(staging.wordings().expect("readable"), pile.wordings());
    let (kind, fields) = MAY_MAKE_STALE;
    for (place, booking) in bookings.iter().enumerate() {
        let read = staging.bookings_at(&[place], &[kind], &fields).expect("readable");
        assert_eq!(read, pile.bookings(&[place]), "{place}");
        assert_eq!(staging.places(&[&booking.id]).expect("readable"), [place]);
        let key = booking.resource.key.as_deref().expect("a resource");
        assert_eq!(
            staging.places_of_resource(key).expect("readable"),
            pile.of_thing(key)
        );
        let mut alike = staging.places_of_customer(&booking.customer).expect("readable");
        alike.sort_unstable();
        alike.dedup();
        assert_eq!(alike, pile.of_customer(&booking.customer), "{place}");
        let name = booking.reference.as_deref().expect("a reference");
        assert_eq!(
            staging.places_called(&name.to_lowercase()).expect("readable"),
            [place]
        );
        for record in &booking.records {
            assert_eq!(staging.places_of_record(record).expect("readable"), [place]);
        }
    }
    let record = RecordId("mail:15".to_owned());
    let asking = staging.places_asking(ConflictKind::UnlinkedRecord, &record);
    assert_eq!(
        asking.expect("readable"),
        pile.asking(ConflictKind::UnlinkedRecord, &record)
    );
    assert!(staging.is_told("row|9").expect("readable") && !staging.is_told("ROW|9").expect("readable"));
    assert!(
        staging
            .places(&[&BookingId("b_none".to_owned())])
            .expect("readable")
            .is_empty()
    );

    // The next build has bookings of its own: the headings are of those that are gone.
    staging.put_results(&bookings[1..], &[], &[], &[]).expect("kept");
    assert!(!staging.is_headed().expect("readable"));
    assert!(staging.generation().expect("readable") > generation);
}

#[test]
fn the_backups_rows_come_back_one_by_one() {
    let (_folder, mut staging) = staging();
    let when = |text: &str| Some(When::parse(text).expect("a moment"));
    let baseline = Baseline {
        resources: vec![BaselineResource {
            key: "7".to_owned(),
            name: Some("Van 3".to_owned()),
            code: Some("HR-3".to_owned()),
            ..BaselineResource::default()
        }],
        customers: vec![BaselineCustomer {
            key: "1".to_owned(),
            name: Some("Ann Example".to_owned()),
            email: Some("Ann@Guest.example".to_owned()),
            ..BaselineCustomer::default()
        }],
        bookings: vec![BaselineBooking {
            key: "5".to_owned(),
            resource: Some("7".to_owned()),
            starts_at: when("2026-05-01"),
            ends_at: when("2026-05-03T08:00:00Z"),
            status: Some(Status::Confirmed),
            ..BaselineBooking::default()
        }],
        ..Baseline::default()
    };
    staging.put_headings(&[], Some(&baseline), 1).expect("kept");
    assert_eq!(staging.backup_resources().expect("readable"), baseline.resources);
    let customer = staging.backup_customer("1").expect("readable");
    assert_eq!(customer.as_ref(), baseline.customers.first());
    assert_eq!(staging.backup_customer("2").expect("readable"), None);
    let found = staging
        .backup_customers_at("ann@guest.example")
        .expect("readable");
    assert_eq!(found, baseline.customers);
    assert_eq!(
        staging.backup_bookings_of("7").expect("readable"),
        baseline.bookings
    );
    assert!(staging.has_backup_booking("5").expect("readable"));
    assert!(!staging.has_backup_booking("6").expect("readable"));
}
