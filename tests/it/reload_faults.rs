//! What goes wrong on real servers in mid-load: nothing is half loaded, and it is said why.

use crate::reload::{DIALECTS, rows, started};
use crate::reload_business::{baseline, booking, business, ddl, options, payment, standing, target};
use crate::reload_servers::{Database, Ran};
use rebook::export::{ExportError, Reload, export};
use rebook::model::{Action, Booking, Dialect, Status};
use std::time::Duration;

fn exported(dialect: Dialect) -> Reload {
    let baseline = baseline(dialect);
    export(
        &bookings(),
        &target(dialect),
        &business(),
        Some(&baseline),
        &options(),
    )
    .expect("a reload")
}

fn bookings() -> Vec<Booking> {
    let mut paid = booking("b_1", "KY-20", 21);
    paid.payments = vec![payment("ch_20", 6000)];
    let mut cancelled = standing("b_2", 2, Action::Update);
    cancelled.status = Some(Status::Cancelled);
    vec![paid, cancelled]
}

/// Loads a changed file, and wants nothing to have moved; then the file as it was, and wants all of it.
fn nothing_is_half_loaded(name: &str, dialect: Dialect, change: impl Fn(&str) -> String) -> Option<Ran> {
    let database = started(dialect, name)?;
    let before = rows(&database, dialect);
    let reload = exported(dialect);
    let changed = change(&reload.sql);
    assert_ne!(changed, reload.sql, "{dialect:?}: the file was to be changed");
    let ran = database.load(&changed);
    assert!(!ran.ok, "{dialect:?} {name}: {}", ran.out);
    assert_eq!(rows(&database, dialect), before, "{dialect:?} {name}");
    let whole = database.load(&reload.sql);
    assert!(whole.ok, "{dialect:?} {name}: {}{}", whole.out, whole.err);
    assert_eq!(
        rows(&database, dialect).len(),
        before.len() + 3,
        "{dialect:?} {name}"
    );
    Some(ran)
}

#[test]
fn a_connection_cut_before_the_end_leaves_nothing() {
    for dialect in DIALECTS {
        let cut = match dialect {
            Dialect::Postgres => "SELECT pg_terminate_backend(pg_backend_pid());",
            Dialect::Mysql => "KILL CONNECTION_ID();",
            Dialect::Sqlite => ".system kill -9 $PPID",
        };
        nothing_is_half_loaded("cut", dialect, |sql| {
            sql.replace("\n-- The end.\n", &format!("\n{cut}\n-- The end.\n"))
        });
    }
}

#[test]
fn a_statement_that_takes_too_long_leaves_nothing() {
    let slow = |sql: &str, slow: &str| sql.replace("\n-- The end.\n", &format!("\n{slow}\n-- The end.\n"));
    let ran = nothing_is_half_loaded("slow", Dialect::Postgres, |sql| {
        slow(
            &sql.replace("statement_timeout = '10min'", "statement_timeout = '300ms'"),
            "SELECT pg_sleep(5);",
        )
    });
    assert!(ran.is_none_or(|ran| ran.err.contains("statement timeout")));
    // MySQL, which this may be as well, sets no limit to statements that write.
    let is_mariadb = Database::create(Dialect::Mysql, "which")
        .is_some_and(|database| database.query("SELECT VERSION();").contains("MariaDB"));
    if !is_mariadb {
        return;
    }
    let ran = nothing_is_half_loaded("slow", Dialect::Mysql, |sql| {
        slow(
            &sql.replace("max_statement_time = 600", "max_statement_time = 0.3"),
            "SELECT count(*) FROM information_schema.columns AS a, information_schema.columns AS b, information_schema.columns AS c;",
        )
    });
    assert!(ran.is_none_or(|ran| ran.err.contains("max_statement_time")));
}

/// A folder of the server's own on a small file system, `REBOOK_TEST_SMALL_DISK`.
fn small_disk(name: &str, database: &Database) -> Option<std::path::PathBuf> {
    let Some(disk) = std::env::var_os("REBOOK_TEST_SMALL_DISK") else {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "REBOOK_TEST_SMALL_DISK is not set: run tests/run"
        );
        eprintln!(
            "skipped: a full disk under {name}, for REBOOK_TEST_SMALL_DISK is not set (run tests/run as root)"
        );
        return None;
    };
    let folder = std::path::Path::new(&disk).join(format!("{name}_{}", std::process::id()));
    std::fs::create_dir(&folder).expect("a new folder on the small disk");
    // Servers run as users of their own, who own what they are reached by.
    let (_, place) = database.address();
    let socket = place
        .split_whitespace()
        .find_map(|option| option.strip_prefix("host="))
        .unwrap_or(&place);
    let owner = std::fs::metadata(socket).expect("a socket, its folder, or a file");
    std::os::unix::fs::chown(
        &folder,
        Some(std::os::unix::fs::MetadataExt::uid(&owner)),
        Some(std::os::unix::fs::MetadataExt::gid(&owner)),
    )
    .expect("tests/run mounts it as root");
    Some(folder)
}

/// Takes what is left of a disk, but for some bytes.
fn fill(folder: &std::path::Path, left: usize) -> std::path::PathBuf {
    use std::io::Write as _;
    let ballast = folder.join("ballast");
    let mut file = std::fs::File::create(&ballast).expect("a file on the small disk");
    let block = [7u8; 4096];
    while file.write_all(&block).is_ok() {}
    let length = file.metadata().expect("a length").len();
    file.set_len(length - left as u64).expect("a shorter file");
    ballast
}

/// New bookings whose rows need more room than the disk is left with.
fn bulky() -> Vec<Booking> {
    let long = "A long name, as people have them. ".repeat(40);
    (0..2000)
        .map(|no| {
            let mut bulky = booking(&format!("b_{no}"), &format!("KY-{}", 100 + no), 21);
            bulky.resource.key = None;
            bulky.customer.phone = Some(format!("{no}"));
            bulky.customer.name = Some(format!("{no} {}", &long[..150 + no % 7]));
            bulky
        })
        .collect()
}

/// The disk under the target's tables fills up in mid-load: the server says so, and stands as it did. MariaDB 10.11 ends
/// itself where InnoDB has no room left to take something back, which a server that others use should be spared; when it was
/// started again, nothing of the load was there.
#[test]
fn a_full_disk_leaves_nothing() {
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        let Some(database) = started(dialect, "full") else {
            continue;
        };
        let Some(folder) = small_disk(&format!("{dialect:?}"), &database) else {
            continue;
        };
        let place = folder.display();
        let space = format!("rebook_small_{}", std::process::id());
        if dialect == Dialect::Postgres {
            // Each on its own, for no transaction makes a tablespace.
            database.query(&format!("CREATE TABLESPACE {space} LOCATION '{place}';"));
            database.query(&format!("ALTER TABLE guests SET TABLESPACE {space};"));
            database.query(&format!("ALTER TABLE trips SET TABLESPACE {space};"));
        } else {
            let (_, file) = database.address();
            let moved = folder.join("live.db");
            std::fs::copy(&file, &moved).expect("a copy on the small disk");
            std::fs::remove_file(&file).expect("it is ours");
            std::os::unix::fs::symlink(&moved, &file).expect("a link");
        }
        let before = rows(&database, dialect);
        let baseline = baseline(dialect);
        let reload = export(
            &bulky(),
            &target(dialect),
            &business(),
            Some(&baseline),
            &options(),
        )
        .expect("a reload");
        let ballast = fill(&folder, 128 * 1024);
        let ran = database.load(&reload.sql);
        assert!(!ran.ok, "{dialect:?} {}", ran.out);
        let said = ran.err.to_lowercase();
        assert!(
            said.contains("full") || said.contains("no space left"),
            "{dialect:?} {said}"
        );
        assert_eq!(rows(&database, dialect), before, "{dialect:?}");
        // With room again the same file goes in.
        std::fs::remove_file(&ballast).expect("it is ours");
        let whole = database.load(&reload.sql);
        assert!(whole.ok, "{dialect:?} {}{}", whole.out, whole.err);
        assert_eq!(rows(&database, dialect).len(), before.len() + 4000, "{dialect:?}");
        drop(database);
        if dialect == Dialect::Postgres {
            let admin = Database::create(dialect, "fulladmin").expect("the server is there");
            admin.query(&format!("DROP TABLESPACE {space};"));
        }
        drop(std::fs::remove_dir_all(&folder));
    }
}

#[test]
fn a_database_that_may_not_grow_leaves_nothing() {
    let ran = nothing_is_half_loaded("full", Dialect::Sqlite, |sql| {
        // As many pages as there are: the file cannot grow.
        sql.replacen(
            "PRAGMA foreign_keys = ON;",
            "PRAGMA foreign_keys = ON;\nPRAGMA max_page_count = 1;",
            1,
        )
    });
    assert!(ran.is_none_or(|ran| ran.err.contains("full")));
}

#[test]
fn a_lock_that_somebody_holds_is_not_waited_for_long() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "locked") else {
            continue;
        };
        let before = rows(&database, dialect);
        let hold = match dialect {
            Dialect::Postgres => {
                "BEGIN; LOCK TABLE trips IN ROW EXCLUSIVE MODE; SELECT pg_sleep(4); ROLLBACK;"
            }
            Dialect::Mysql => "START TRANSACTION; UPDATE trips SET via = 'desk'; DO SLEEP(4); ROLLBACK;",
            Dialect::Sqlite => "BEGIN IMMEDIATE;\n.system sleep 4\nROLLBACK;",
        };
        let impatient = exported(dialect)
            .sql
            .replace("lock_timeout = '10s'", "lock_timeout = '1s'")
            .replace("lock_wait_timeout = 10", "lock_wait_timeout = 1")
            .replace(".timeout 10000", ".timeout 1000");
        let ran = std::thread::scope(|scope| {
            let holder = scope.spawn(|| database.beside(hold));
            std::thread::sleep(Duration::from_millis(1500));
            let ran = database.load(&impatient);
            assert!(holder.join().expect("the holder ends").ok);
            ran
        });
        assert!(!ran.ok, "{dialect:?}: {}", ran.out);
        let said = ran.err.to_lowercase();
        assert!(said.contains("lock"), "{dialect:?}: {said}");
        assert_eq!(rows(&database, dialect), before, "{dialect:?}");
    }
}

#[test]
fn a_row_edited_between_rehearsal_and_load_is_held() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "between") else {
            continue;
        };
        let baseline = baseline(dialect);
        let mut rehearsing = options();
        rehearsing.rehearse = true;
        let rehearsal = export(
            &bookings(),
            &target(dialect),
            &business(),
            Some(&baseline),
            &rehearsing,
        )
        .expect("a rehearsal");
        let ran = database.rehearse(&rehearsal.sql);
        assert!(
            ran.ok && !ran.out.contains("by somebody else"),
            "{dialect:?} {}{}",
            ran.out,
            ran.err
        );
        database.query("UPDATE trips SET price = 9000 WHERE code = 'KY-2';");
        let ran = database.load(&exported(dialect).sql);
        assert!(
            ran.ok && ran.out.contains("by somebody else"),
            "{dialect:?} {}",
            ran.out
        );
        let state = database.query("SELECT state, price FROM trips WHERE code = 'KY-2';");
        assert_eq!(state.trim_end(), "open|9000", "{dialect:?}");
        let new = database.query("SELECT count(*) FROM trips WHERE code = 'KY-20';");
        assert_eq!(new.trim_end(), "1", "{dialect:?}: the rest goes in");
    }
}

fn trigger(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => {
            "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NEW; END $f$;\nCREATE TRIGGER mailer BEFORE INSERT ON trips FOR EACH ROW EXECUTE FUNCTION shout();"
        }
        Dialect::Mysql => "CREATE TRIGGER mailer BEFORE INSERT ON trips FOR EACH ROW SET @mailed = 1;",
        Dialect::Sqlite => "CREATE TRIGGER mailer AFTER INSERT ON trips BEGIN SELECT 1; END;",
    }
}

#[test]
fn a_trigger_that_nobody_allowed_stops_the_load() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "trigger") else {
            continue;
        };
        // Made after the backup: only the server knows of it.
        database.query(trigger(dialect));
        let before = rows(&database, dialect);
        let ran = database.load(&exported(dialect).sql);
        assert!(!ran.ok, "{dialect:?} {}", ran.out);
        let said = ran.err.replace('_', " ");
        assert!(
            said.contains("no unknown trigger fires on bookings"),
            "{dialect:?} {said}"
        );
        assert_eq!(rows(&database, dialect), before, "{dialect:?}");
        let (baseline, mut allowing) = (baseline(dialect), target(dialect));
        allowing.booking.triggers_allowed = vec!["mailer".to_owned()];
        let reload =
            export(&bookings(), &allowing, &business(), Some(&baseline), &options()).expect("a reload");
        let ran = database.load(&reload.sql);
        assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
    }
}

#[test]
fn a_trigger_in_the_schema_is_refused_before_a_file_is_written() {
    for dialect in DIALECTS {
        let mut baseline = baseline(dialect);
        let dump = format!("{}\n{}", ddl(dialect), trigger(dialect));
        baseline.schema = rebook::baseline::read(dump.as_bytes(), &target(dialect), &business())
            .expect("a dump that can be read")
            .schema;
        let refused = export(
            &bookings(),
            &target(dialect),
            &business(),
            Some(&baseline),
            &options(),
        );
        let Err(ExportError::Trigger {
            table,
            triggers,
            rows,
            ..
        }) = refused
        else {
            panic!("{dialect:?}: {refused:?}");
        };
        assert_eq!((table.as_str(), rows), ("trips", 2), "{dialect:?}");
        assert_eq!(triggers, ["mailer"], "{dialect:?}");
    }
}

#[test]
fn another_schema_than_the_known_one_stops_the_load() {
    for (at, change) in [
        "ALTER TABLE trips ADD COLUMN note varchar(10);",
        "ALTER TABLE receipts ADD COLUMN note varchar(10);",
    ]
    .into_iter()
    .enumerate()
    {
        for dialect in DIALECTS {
            let Some(database) = started(dialect, &format!("changed{at}")) else {
                continue;
            };
            database.query(change);
            let before = rows(&database, dialect);
            let ran = database.load(&exported(dialect).sql);
            assert!(!ran.ok, "{dialect:?} {}", ran.out);
            let said = ran.err.replace('_', " ");
            assert!(
                said.contains("as it was when this file was written"),
                "{dialect:?} {said}"
            );
            assert_eq!(rows(&database, dialect), before, "{dialect:?}");
        }
    }
}

/// Databases are dropped when they go out of scope; a client that was killed has let go of its own by then.
#[test]
fn a_client_that_ends_early_lets_go_of_its_locks() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "letgo") else {
            continue;
        };
        let reload = exported(dialect);
        let half = &reload.sql[..reload.sql.find("-- The end.").expect("an end")];
        let ran: Ran = Database::load(&database, half);
        let after = rows(&database, dialect);
        assert!(
            !after.iter().any(|row| row.contains("KY-20")),
            "{dialect:?}: a file cut short commits nothing: {}",
            ran.out
        );
        assert!(database.load(&reload.sql).ok, "{dialect:?}");
    }
}
