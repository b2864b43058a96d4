//! Pulls from a real mailbox server: whole, without a trace, and to the same end however often it is killed.

use super::imap_faults::Tray;
use super::live::dump;
use super::live_rebuild::{demo, kill_twenty_times};
use super::mailbox::{Desk, Door, Mailbox, PASSWORD, mail};
use rebook::model::SourceKind;
use rebook::pull::live::imap::{Credential, Imap};
use rebook::pull::live::{Access, LiveSource as _, Secret};
use rebook::pull::{FileSource, Pulled, read};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const BY_PASSWORD: &str = "password = { file = \"password\" }";

fn filled(name: &str) -> Option<Mailbox> {
    let mailbox = Mailbox::create(name)?;
    for folder in [".Sent", ".Gel&APY-scht", ".Drafts", ".Junk"] {
        mailbox.add_folder(folder);
    }
    mailbox.add("", "1.a", &mail("unread", "Unread"));
    mailbox.add("", "2.a:2,S", &mail("read", "Read"));
    mailbox.add("", "3.a:2,", b"From: a@b.example\nSubject: no id\n\nx\n");
    mailbox.add(".Sent", "4.a:2,S", &mail("sent", "Sent"));
    mailbox.add(".Sent", "5.a:2,S", &mail("read", "Read"));
    mailbox.add(".Gel&APY-scht", "6.a:2,S", &mail("other", "Gelöscht"));
    mailbox.add(".Drafts", "7.a:2,D", &mail("draft", "Never sent"));
    mailbox.add(".Junk", "8.a", &mail("junk", "Forged"));
    Some(mailbox)
}

#[test]
fn every_way_in_gives_the_same_mails_and_changes_none() {
    let Some(mailbox) = filled("ways") else { return };
    let before = mailbox.snapshot();
    let by_token = format!(
        "oauth_token = {{ command = [\"echo\", \"token-of-{}\"] }}",
        mailbox.user
    );
    let mut dumps = Vec::new();
    for (door, way) in [
        (Door::Plain, BY_PASSWORD),
        (Door::StartTls, BY_PASSWORD),
        (Door::Tls, BY_PASSWORD),
        (Door::Tls, by_token.as_str()),
    ] {
        let desk = Desk::new(&mailbox.url(door), way, &mailbox.authority());
        assert_eq!(desk.pull(), "mail: 5 new, 0 changed, 1 known\n", "{door:?} {way}");
        dumps.push(desk.dump());
    }
    assert_eq!(mailbox.snapshot(), before, "a mailbox was changed");
    assert!(dumps.iter().all(|dump| *dump == dumps[0]));
    let lines: Vec<&str> = dumps[0].lines().collect();
    let starts = [
        "mail:other@lakeboats.example in Gelöscht, 1: ",
        "mail:read@lakeboats.example in INBOX, 1: ",
        "mail:sent@lakeboats.example in Sent, 1: ",
        "mail:sha-",
        "mail:unread@lakeboats.example in INBOX, 1: ",
    ];
    assert_eq!(lines.len(), starts.len(), "{lines:?}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line} does not start with {start}");
    }
}

#[test]
fn what_the_user_may_do_and_how_much_there_is_is_told() {
    let Some(mailbox) = filled("rights") else { return };
    let check = |folders: &[String]| {
        let password = Arc::new(|| Ok(Secret::new(PASSWORD)));
        let moment = |text: &str| text.parse().expect("a moment");
        let window = (moment("2026-01-01T00:00:00Z"), moment("2026-05-01T09:30:00Z"));
        let url = mailbox.url(Door::Plain);
        let source = Imap::new(
            "mail".to_owned(),
            &url,
            Credential::Password(password),
            folders,
            window,
        );
        let permit = source.expect("an address").check(&Tray::default());
        permit.expect("an answer")
    };
    let permit = check(&[]);
    assert_eq!(
        (permit.who.as_str(), permit.records),
        (mailbox.user.as_str(), Some(6))
    );
    assert_eq!(permit.access, Access::CanWrite);
    fs::write(mailbox.maildir.join("dovecot-acl"), "owner lr\n").expect("a new file");
    let permit = check(&["INBOX".to_owned()]);
    assert_eq!((permit.access, permit.records), (Access::ReadOnly, Some(3)));
}

#[test]
fn folders_are_read_by_the_names_that_people_use() {
    let Some(mailbox) = filled("names") else { return };
    let more = |folders: &str| format!("{BY_PASSWORD}\nfolders = {folders}");
    let desk = Desk::new(
        &mailbox.url(Door::Plain),
        &more("[\"Gelöscht\", \"Junk\"]"),
        &mailbox.authority(),
    );
    assert_eq!(desk.pull(), "mail: 2 new, 0 changed, 0 known\n");
    let desk = Desk::new(
        &mailbox.url(Door::Plain),
        &more("[\"Sennt\"]"),
        &mailbox.authority(),
    );
    let output = desk.run(&["pull", "--quiet"]);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        words.contains("\"Sennt\"") && words.contains("Gelöscht"),
        "{words}"
    );
}

#[test]
fn whoever_is_not_let_in_is_told_and_no_secret_is() {
    let Some(mailbox) = filled("refused") else { return };
    let wrong = "wr0ng-s3cret-word";
    for way in [
        format!("password = {{ command = [\"echo\", \"{wrong}\"] }}"),
        format!("oauth_token = {{ command = [\"echo\", \"{wrong}\"] }}"),
    ] {
        let desk = Desk::new(&mailbox.url(Door::Tls), &way, &mailbox.authority());
        let begun = Instant::now();
        let output = desk.run(&["pull", "-v"]);
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success());
        assert!(words.contains("does not let"), "{words}");
        assert!(!words.contains(wrong), "{words}");
        assert!(
            begun.elapsed().as_secs() < 20,
            "a wrong password is no reason to try again"
        );
        let staged = fs::read(desk.folder.path().join("staging.db")).unwrap_or_default();
        assert!(
            !contains(&staged, wrong.as_bytes()),
            "the staging database holds the secret"
        );
    }
    // A certificate by an authority that nobody named.
    let desk = Desk::new(
        &mailbox.url(Door::Tls),
        BY_PASSWORD,
        Path::new("/etc/ssl/certs/ca-certificates.crt"),
    );
    let output = desk.run(&["pull"]);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(!words.contains(PASSWORD), "{words}");
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_later_pull_reads_what_was_added_unless_the_mails_were_numbered_anew() {
    let Some(mailbox) = filled("later") else { return };
    let desk = Desk::new(&mailbox.url(Door::Plain), BY_PASSWORD, &mailbox.authority());
    assert_eq!(desk.pull(), "mail: 5 new, 0 changed, 1 known\n");
    assert_eq!(desk.pull(), "mail: 0 new, 0 changed, 0 known\n");
    mailbox.add(".Sent", "9.a:2,S", &mail("added", "Added"));
    assert_eq!(desk.pull(), "mail: 1 new, 0 changed, 0 known\n");
    // The server numbers by the second.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    mailbox.renumber();
    assert_eq!(desk.pull(), "mail: 0 new, 0 changed, 7 known\n");
}

/// The demo's business with its mails in this mailbox.
fn demo_desk(mailbox: &Mailbox, door: Door) -> Desk {
    let desk = Desk::new("imaps://nobody@localhost", BY_PASSWORD, &mailbox.authority());
    for part in ["stripe", "calendar", "mail", "backup.sql"] {
        std::os::unix::fs::symlink(demo().join(part), desk.folder.path().join(part)).expect("a link");
    }
    let config = fs::read_to_string(demo().join("rebook.toml")).expect("a configuration");
    let place = format!("imap = \"{}\"\n{BY_PASSWORD}", mailbox.url(door));
    let from_server = config.replace("path = \"mail\"", &place);
    assert_ne!(config, from_server);
    fs::write(desk.folder.path().join("rebook.toml"), from_server).expect("a configuration");
    desk
}

/// Lays the demo's mails into a mailbox.
fn lay_demo(mailbox: &Mailbox) {
    let source = FileSource {
        name: "mail".to_owned(),
        kind: SourceKind::Mail,
        path: demo().join("mail"),
    };
    let mut count = 0;
    read(&source, &mut |pulled| {
        if let Pulled::Record(record) = pulled {
            mailbox.add("", &format!("{count:05}.a:2,S"), &record.bytes);
            count += 1;
        }
        Ok(())
    })
    .expect("readable mails");
}

fn rebuilt(desk: &Desk) -> String {
    let output = desk.run(&["rebuild", "--quiet"]);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{words}");
    let bookings = desk.run(&["bookings", "--json"]);
    assert!(bookings.status.success());
    String::from_utf8_lossy(&bookings.stdout).into_owned()
}

#[test]
fn a_pull_that_is_killed_again_and_again_ends_like_one_that_was_not() {
    let Some(mailbox) = Mailbox::create("killed") else {
        return;
    };
    mailbox.add_folder(".Sent");
    lay_demo(&mailbox);
    // Beside mails of bookings many of somebody else.
    for index in 0..3_000 {
        let folder = if index % 3 == 0 { ".Sent" } else { "" };
        mailbox.add(
            folder,
            &format!("{index:05}.b:2,S"),
            &mail(&index.to_string(), &format!("LB-{index}")),
        );
    }
    let pull = &["pull", "mail", "--quiet"];
    let whole = demo_desk(&mailbox, Door::Plain);
    // The server's indexes are made by the first pull: the second one is the measure.
    assert!(whole.run(pull).status.success());
    fs::remove_file(whole.folder.path().join("staging.db")).expect("a staging database");
    let begun = Instant::now();
    assert!(whole.run(pull).status.success());
    let length = begun.elapsed();
    let killed = demo_desk(&mailbox, Door::Plain);
    // What was read stays read: twenty short stretches make up about one pull.
    kill_twenty_times(length / 10, || killed.command(pull));
    assert!(killed.run(pull).status.success());
    let dump = |desk: &Desk| dump(&desk.folder.path().join("staging.db"));
    assert!(dump(&whole).len() > 3_000);
    assert!(dump(&killed) == dump(&whole), "it ends elsewhere");
    let bookings = rebuilt(&whole);
    assert!(bookings.lines().count() > 20);
    assert!(rebuilt(&killed) == bookings, "the bookings differ");
}

#[test]
fn a_world_gives_the_same_bookings_from_files_and_from_a_server() {
    let Some(mailbox) = Mailbox::create("world") else {
        return;
    };
    lay_demo(&mailbox);
    let of_files = demo_desk(&mailbox, Door::StartTls);
    fs::copy(
        demo().join("rebook.toml"),
        of_files.folder.path().join("rebook.toml"),
    )
    .expect("the demo");
    let bookings = rebuilt(&of_files);
    assert!(bookings.lines().count() > 20);
    assert!(
        rebuilt(&demo_desk(&mailbox, Door::StartTls)) == bookings,
        "the bookings differ"
    );
}
