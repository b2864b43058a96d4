//! Mailboxes on a real Dovecot, which `tests/run` starts. Without one a test says that it is skipped when it is
//! run by hand, and fails under CI.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

pub const PASSWORD: &str = "hush-word";

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Plain,
    StartTls,
    Tls,
}

/// One user's mailbox, empty at first.
pub struct Mailbox {
    server: PathBuf,
    pub user: String,
    pub maildir: PathBuf,
}

impl Mailbox {
    pub fn create(name: &str) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("REBOOK_TEST_IMAP") else {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "REBOOK_TEST_IMAP is not set: run tests/run"
            );
            // Not through the macro, whose words the test harness keeps to itself.
            let _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("{name}: skipped, REBOOK_TEST_IMAP is not set: run tests/run\n").as_bytes(),
            );
            return None;
        };
        let server = PathBuf::from(server);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let user = format!("{name}-{}-{number}", std::process::id());
        let mailbox = Self {
            maildir: server.join("mail").join(&user).join("Maildir"),
            server,
            user,
        };
        mailbox.add_folder("");
        Some(mailbox)
    }

    /// A folder by its name on disk: `.Sent`; the inbox is "".
    pub fn add_folder(&self, folder: &str) {
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(self.maildir.join(folder).join(part)).expect("a new folder");
        }
        let mut path = self.maildir.join(folder).join("tmp");
        while path.starts_with(self.server.join("mail").join(&self.user)) {
            open_to_all(&path, 0o777);
            path.pop();
        }
        for part in ["cur", "new"] {
            open_to_all(&self.maildir.join(folder).join(part), 0o777);
        }
    }

    /// Lays a mail into `new` or, seen, into `cur`.
    pub fn add(&self, folder: &str, name: &str, mail: &[u8]) {
        let part = if name.contains(":2,") { "cur" } else { "new" };
        let path = self.maildir.join(folder).join(part).join(name);
        fs::write(&path, mail).expect("a new file");
        open_to_all(&path, 0o666);
    }

    /// Makes the server number every mail anew.
    pub fn renumber(&self) {
        for kept in ["control", "index"] {
            fs::remove_dir_all(self.server.join(kept).join(&self.user)).expect("what the server keeps");
        }
    }

    pub fn url(&self, door: Door) -> String {
        let ports = fs::read_to_string(self.server.join("ports")).expect("the server's ports");
        let (scheme, name) = match door {
            Door::Plain => ("imap", "plain"),
            Door::StartTls => ("imap", "starttls"),
            Door::Tls => ("imaps", "tls"),
        };
        let port = ports
            .split_whitespace()
            .filter_map(|entry| entry.split_once('='))
            .find(|(key, _)| *key == name)
            .expect("a port")
            .1;
        format!("{scheme}://{}@localhost:{port}", self.user)
    }

    pub fn authority(&self) -> PathBuf {
        self.server.join("ca.pem")
    }

    /// Every file of the mailbox: its content, its time, its rights. The server's own list of rights is no mail.
    pub fn snapshot(&self) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime, u32)> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.maildir.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a readable folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    found.insert(path.clone(), (Vec::new(), std::time::UNIX_EPOCH, 0));
                    folders.push(path);
                } else if !path.ends_with("dovecot-acl-list") {
                    let about = fs::metadata(&path).expect("a file");
                    let content = fs::read(&path).expect("a readable file");
                    let modified = about.modified().expect("a time");
                    found.insert(path, (content, modified, about.permissions().mode()));
                }
            }
        }
        found
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.server.join("mail").join(&self.user));
    }
}

fn open_to_all(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a file of ours");
}

/// A business whose mails are in a mailbox.
pub struct Desk {
    pub folder: TempDir,
    authority: PathBuf,
}

impl Desk {
    /// `more`: further lines of the source, such as how to get in.
    pub fn new(url: &str, more: &str, authority: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = format!(
            "[business]\nname = \"Lake Boats\"\ntimezone = \"Europe/Zurich\"\ncountry = \"CH\"\ncurrency = \"chf\"\n\
             [window]\nlearn_from = \"2026-01-01T00:00:00Z\"\nbackup = \"2026-03-01T02:00:00Z\"\n\
             loss = \"2026-05-01T09:30:00Z\"\n\
             [[source]]\nname = \"mail\"\nkind = \"mail\"\nimap = \"{url}\"\n{more}\n\
             senders = [\"desk@lakeboats.example\"]\n"
        );
        fs::write(folder.path().join("rebook.toml"), config).expect("a new file");
        fs::write(folder.path().join("password"), format!("{PASSWORD}\n")).expect("a new file");
        Self {
            folder,
            authority: authority.to_path_buf(),
        }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rebook"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("SSL_CERT_FILE", &self.authority);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .expect("the program can be started")
    }

    /// Pulls to the end; what it answers.
    pub fn pull(&self) -> String {
        let output = self.run(&["pull", "--quiet"]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Every record of staging in order: id, folder, revisions, bytes.
    pub fn dump(&self) -> String {
        let path = self.folder.path().join("staging.db");
        let staging = rebook::store::Staging::open(&path).expect("a staging database");
        let mut dump = String::new();
        staging
            .read_records::<rebook::store::StoreError>(&["mail".to_owned()], 100, &mut |chunk| {
                for packed in chunk {
                    let record = packed.unpack()?;
                    let revisions = staging.count_revisions(&record.id)?;
                    let text = String::from_utf8_lossy(&record.bytes).into_owned();
                    writeln!(
                        dump,
                        "{} in {}, {revisions}: {text:?}",
                        record.id, record.container
                    )
                    .expect("writing to a text does not fail");
                }
                Ok(())
            })
            .expect("readable records");
        dump
    }
}

/// A short mail of the business.
pub fn mail(id: &str, subject: &str) -> Vec<u8> {
    format!(
        "From: desk@lakeboats.example\nTo: guest@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0100\n\
         Message-ID: <{id}@lakeboats.example>\nSubject: {subject}\n\nTrip: {subject}\nPrice: CHF 50.00\n"
    )
    .into_bytes()
}
