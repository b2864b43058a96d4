//! Archives as they are downloaded give what their files give, and damage in them is told.

use flate2::Compression;
use flate2::write::GzEncoder;
use rebook::model::SourceKind;
use rebook::pull::{FileSource, Pulled, read};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const MBOX: &str = "From desk@lakeboats.example Mon Mar  2 10:00:00 2026\nMessage-ID: <1@lakeboats.example>\n\
    Subject: one\n\nx\n\nFrom desk@lakeboats.example Mon Mar  2 10:00:00 2026\nMessage-ID: <2@lakeboats.example>\n\
    Subject: two\n\nx\n";
const ICS: &str = "BEGIN:VCALENDAR\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\nX-WR-CALNAME:Boats\n\
    BEGIN:VEVENT\nDTSTART:20260405T083000Z\nUID:e1@google.com\nSUMMARY:Boat 2\nEND:VEVENT\nEND:VCALENDAR\n";

fn files() -> Vec<(&'static str, Vec<u8>)> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed
        .write_all(MBOX.replace("1@", "3@").replace("2@", "4@").as_bytes())
        .expect("memory");
    vec![
        ("Takeout/archive_browser.html", b"<html>Archive</html>".to_vec()),
        ("Takeout/Mail/All mail.mbox", MBOX.into()),
        ("Takeout/Mail/Old.mbox.gz", packed.finish().expect("memory")),
        (
            "Takeout/Mail/User Settings/Filters.json",
            b"{\"filter\": []}".to_vec(),
        ),
        ("Takeout/Calendar/Boats.ics", ICS.into()),
        (
            "Takeout/Box/cur/7.a:2,S",
            b"Message-ID: <5@lakeboats.example>\n\nx\n".to_vec(),
        ),
    ]
}

fn write_zip(path: &Path) {
    let mut zip = ZipWriter::new(fs::File::create(path).expect("a new file"));
    for (index, (name, bytes)) in files().into_iter().enumerate() {
        let method = [CompressionMethod::Deflated, CompressionMethod::Stored][index % 2];
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(name, options).expect("a file in the archive");
        zip.write_all(&bytes).expect("a file in the archive");
    }
    zip.finish().expect("an archive");
}

fn write_tar(file: impl std::io::Write) {
    let mut tar = tar::Builder::new(file);
    for (name, bytes) in files() {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes.as_slice())
            .expect("a file in the archive");
    }
    tar.finish().expect("an archive");
}

/// A record's id, container and bytes.
type Read = (String, String, Vec<u8>);

/// Every record; every problem.
fn pulled(path: &Path, kind: SourceKind) -> (Vec<Read>, Vec<String>) {
    let source = FileSource {
        name: "box".to_owned(),
        kind,
        path: path.to_path_buf(),
    };
    let (mut records, mut problems) = (Vec::new(), Vec::new());
    read(&source, &mut |pulled| {
        match pulled {
            Pulled::Record(record) => records.push((record.id.to_string(), record.container, record.bytes)),
            Pulled::Problem(problem) => problems.push(format!("{}: {}", problem.place, problem.message)),
            Pulled::Progress {
                bytes_done,
                bytes_total,
            } => assert!(bytes_done <= bytes_total),
        }
        Ok(())
    })
    .expect("damage is no error");
    records.sort();
    (records, problems)
}

#[test]
fn an_archive_gives_what_its_files_give() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let plain = folder.path().join("plain");
    for (name, bytes) in files()
        .into_iter()
        .filter(|(name, _)| !name.ends_with("html") && !name.ends_with("json"))
    {
        let path = plain.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
        fs::write(path, bytes).expect("a new file");
    }
    let zip = folder.path().join("takeout-001.zip");
    write_zip(&zip);
    let tar = folder.path().join("takeout-001.tar");
    write_tar(fs::File::create(&tar).expect("a new file"));
    let tgz = folder.path().join("takeout-001.tgz");
    write_tar(GzEncoder::new(
        fs::File::create(&tgz).expect("a new file"),
        Compression::fast(),
    ));
    for (kind, place, count) in [
        (SourceKind::Mail, plain.join("Takeout"), 5),
        (SourceKind::GoogleCalendar, plain.join("Takeout/Calendar"), 1),
    ] {
        let (mut expected, _) = pulled(&place, kind);
        let prefix = if kind == SourceKind::Mail { "Takeout/" } else { "" };
        for record in &mut expected {
            record.1 = format!("{prefix}{}", record.1);
        }
        expected.sort();
        assert_eq!(expected.len(), count);
        for archive in [&zip, &tar, &tgz] {
            let (records, problems) = pulled(archive, kind);
            assert!(problems.is_empty(), "{problems:?}");
            assert!(records == expected, "{} {kind:?}: {records:?}", archive.display());
        }
    }
}

#[test]
fn damage_in_an_archive_is_told_and_the_rest_is_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let zip = folder.path().join("box.zip");
    write_zip(&zip);
    let mut bytes = fs::read(&zip).expect("an archive");
    let at = bytes
        .windows(15)
        .position(|window| window == b"1@lakeboats.exa")
        .expect("the mailbox is stored as it is");
    bytes[at] = b'9';
    fs::write(&zip, &bytes).expect("an archive");
    let (records, problems) = pulled(&zip, SourceKind::Mail);
    assert!(records.iter().any(|(id, ..)| id == "box:5@lakeboats.example"));
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].contains("All mail.mbox") && problems[0].contains("checksum"),
        "{problems:?}"
    );
    // Cut off: there is no list of files any more.
    fs::write(&zip, &bytes[..bytes.len() / 2]).expect("an archive");
    let (records, problems) = pulled(&zip, SourceKind::Mail);
    assert!(records.is_empty());
    assert!(
        problems[0].starts_with("box.zip: the archive cannot be read"),
        "{problems:?}"
    );
    // An archive of something else is not "none found".
    write_zip(&zip);
    let (records, problems) = pulled(&zip, SourceKind::Stripe);
    assert!(records.is_empty());
    assert!(!problems.is_empty(), "nothing was found, and nothing was said");
}
