//! What is live: a fresh dump, a SQLite file, or a server that is only read.
//!
//! Servers are asked through their own client programs, `pg_dump` and `mariadb`: those who load the file have
//! them, they know how this server wants to be reached (TLS, sockets, service files), and no second driver has to be
//! trusted with production. The session is read-only by the server's own word, not by our good will. A password is
//! handed over in the environment, never on a command line, where every user of the machine could read it.

use super::failure::Failure;
use super::stages;
use crate::baseline;
use crate::config::Config;
use crate::model::{Baseline, EntityKind, Target};
use std::fmt::Write as _;
use std::io::{BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Reads a dump, a SQLite file or a server.
pub(super) fn read(place: &str, config: &Config, target: &Target) -> Result<Baseline, Failure> {
    match Server::parse(place)? {
        None => {
            let path = place.strip_prefix("sqlite://").unwrap_or(place);
            stages::read_baseline(Path::new(path), config, target)
        }
        Some(server) if server.is_postgres => server.read_postgres(config, target),
        Some(server) => server.read_mysql(config, target),
    }
}

/// The place as it may be shown: without a password.
pub(super) fn shown(place: &str) -> String {
    match Server::parse(place) {
        Ok(Some(server)) => server.shown(),
        _ => Path::new(place)
            .file_name()
            .map_or_else(|| place.to_owned(), |name| name.to_string_lossy().into_owned()),
    }
}

/// A server, by its URL.
#[derive(Debug, PartialEq, Eq)]
struct Server {
    is_postgres: bool,
    user: String,
    password: Option<String>,
    host: String,
    port: String,
    database: String,
    /// What stands behind the question mark.
    options: Vec<(String, String)>,
}

impl Server {
    /// None: the place is no URL of a server.
    fn parse(place: &str) -> Result<Option<Self>, Failure> {
        let Some((scheme, rest)) = place.split_once("://") else {
            return Ok(None);
        };
        let is_postgres = match scheme {
            "postgres" | "postgresql" => true,
            "mysql" | "mariadb" => false,
            "sqlite" => return Ok(None),
            other => {
                return Err(Failure::usage(
                    format!("\"{other}\" is no kind of database"),
                    "write postgres://…, mysql://…, or the path of a dump or SQLite file",
                ));
            }
        };
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, Some(decoded(password))),
            None => (login, None),
        };
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && !port.contains(']') => (host, port),
            _ => (address, ""),
        };
        if database.is_empty() {
            return Err(Failure::usage(
                "the URL names no database",
                "write it behind the host: postgres://user@host/database",
            ));
        }
        Ok(Some(Self {
            is_postgres,
            user: decoded(user),
            password,
            host: decoded(host.trim_matches(['[', ']'])),
            port: port.to_owned(),
            database: decoded(database),
            options: options
                .split('&')
                .filter_map(|option| option.split_once('='))
                .map(|(name, value)| (name.to_owned(), decoded(value)))
                .collect(),
        }))
    }

    fn shown(&self) -> String {
        let host = if self.host.is_empty() {
            "the local server"
        } else {
            &self.host
        };
        format!("database {} on {host}", self.database)
    }

    fn option(&self, name: &str) -> Option<&str> {
        self.options
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The schema of the database, and the rows of the mapped tables, out of two runs of pg_dump.
    fn read_postgres(&self, config: &Config, target: &Target) -> Result<Baseline, Failure> {
        let mut arguments = vec!["--data-only".to_owned()];
        for table in tables(target) {
            // Of any schema: the reader knows which one is meant, or says that it cannot tell.
            let quoted: Vec<String> = table
                .split('.')
                .map(|part| format!("\"{}\"", part.replace('"', "\"\"")))
                .collect();
            let any = if quoted.len() == 1 { "*." } else { "" };
            arguments.push(format!("--table={any}{}", quoted.join(".")));
        }
        let schema = Running::start(self.pg_dump(&["--schema-only".to_owned()]), None, self)?;
        let rows = Running::start(self.pg_dump(&arguments), None, self)?;
        let (mut schema, mut rows) = (schema, rows);
        let input = schema.out()?.chain(rows.out()?);
        let read = baseline::read(BufReader::with_capacity(1 << 16, input), target, &config.business);
        // What the program says is the better reason.
        schema.end()?;
        rows.end()?;
        read.map_err(|error| stages::spoiled(&self.shown(), config, &error))
    }

    fn pg_dump(&self, arguments: &[String]) -> Command {
        let mut command = Command::new("pg_dump");
        command
            .args([
                "--no-password",
                "--no-owner",
                "--no-privileges",
                "--encoding=UTF8",
            ])
            .args(arguments);
        let flags = [
            ("--host", &self.host),
            ("--port", &self.port),
            ("--username", &self.user),
        ];
        for (flag, value) in flags.into_iter().filter(|(_, value)| !value.is_empty()) {
            command.arg(format!("{flag}={value}"));
        }
        for (name, variable) in [
            ("sslmode", "PGSSLMODE"),
            ("sslrootcert", "PGSSLROOTCERT"),
            ("host", "PGHOST"),
            ("port", "PGPORT"),
        ] {
            if let Some(value) = self.option(name) {
                command.env(variable, value);
            }
        }
        if let Some(password) = &self.password {
            command.env("PGPASSWORD", password);
        }
        // The server itself refuses every write of this session.
        command.env(
            "PGOPTIONS",
            "-c default_transaction_read_only=on -c lock_timeout=10s -c statement_timeout=10min",
        );
        command.arg(format!("--dbname={}", self.database));
        command
    }

    /// The tables' definitions and the mapped columns of the mapped tables, out of two runs of the client.
    fn read_mysql(&self, config: &Config, target: &Target) -> Result<Baseline, Failure> {
        let listed = self.ask(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY 1;",
        )?;
        let mut script =
            String::from("SET time_zone = '+00:00';\nSET sql_mode = '';\nSTART TRANSACTION READ ONLY;\n");
        for table in listed.lines() {
            let name = quoted(table);
            // The answer is the name, a tab and the definition: the name becomes a comment of its own line.
            let _ = writeln!(script, "SELECT '--';\nSHOW CREATE TABLE {name};\nSELECT ';';");
        }
        let schema = self.ask(&script)?;
        let mut dump = String::from("-- MySQL dump\n\nSET TIME_ZONE='+00:00';\n");
        for line in schema.split_inclusive('\n') {
            match line.split_once("\tCREATE TABLE ") {
                Some((_, rest)) => {
                    dump.push_str("CREATE TABLE ");
                    dump.push_str(rest);
                }
                None => dump.push_str(line),
            }
        }
        let triggers = self.ask(
            "SELECT CONCAT('CREATE TRIGGER `', REPLACE(trigger_name, '`', '``'), '` ', action_timing, ' ', event_manipulation, ' ON `', REPLACE(event_object_table, '`', '``'), '` FOR EACH ROW DO 0;') FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1;",
        )?;
        dump.push_str(&triggers);
        let known = |table: &str| listed.lines().any(|name| name == table);
        let mut script = String::from(
            "SET time_zone = '+00:00';\nSET sql_mode = '';\nSTART TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY;\n",
        );
        for kind in EntityKind::ALL {
            let Some(entity) = target.entity(kind) else {
                continue;
            };
            let table = entity.table.rsplit('.').next().unwrap_or(&entity.table);
            if !known(table) {
                continue;
            }
            let mut columns: Vec<&String> = entity.columns.values().map(|map| &map.column).collect();
            columns.extend(&entity.key);
            columns.extend(entity.constants.keys());
            columns.sort();
            columns.dedup();
            let names: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
            let values: Vec<String> = names.iter().map(|name| format!("QUOTE({name})")).collect();
            let _ = writeln!(
                script,
                "SELECT CONCAT('INSERT INTO {} ({}) VALUES (', CONCAT_WS(',', {}), ');') FROM {};",
                quoted(table).replace('\'', "''"),
                names.join(",").replace('\'', "''"),
                values.join(", "),
                quoted(table)
            );
        }
        let mut rows = Running::start(self.mariadb(), Some(script), self)?;
        let input = std::io::Cursor::new(dump.into_bytes()).chain(rows.out()?);
        let read = baseline::read(BufReader::with_capacity(1 << 16, input), target, &config.business);
        rows.end()?;
        read.map_err(|error| stages::spoiled(&self.shown(), config, &error))
    }

    fn mariadb(&self) -> Command {
        let program = ["mariadb", "mysql"]
            .into_iter()
            .find(|program| is_installed(program))
            .unwrap_or("mariadb");
        let mut command = Command::new(program);
        command.args([
            "--batch",
            "--raw",
            "--skip-column-names",
            "--quick",
            "--default-character-set=utf8mb4",
            // The server itself refuses every write of this session.
            "--init-command=SET SESSION TRANSACTION READ ONLY",
        ]);
        let socket = self.option("socket").unwrap_or_default().to_owned();
        let flags = [
            ("--host", &self.host),
            ("--port", &self.port),
            ("--user", &self.user),
            ("--socket", &socket),
        ];
        for (flag, value) in flags.into_iter().filter(|(_, value)| !value.is_empty()) {
            command.arg(format!("{flag}={value}"));
        }
        if let Some(password) = &self.password {
            command.env("MYSQL_PWD", password);
        }
        command.arg(&self.database);
        command
    }

    /// The whole answer to a few statements.
    fn ask(&self, script: &str) -> Result<String, Failure> {
        let mut running = Running::start(self.mariadb(), Some(script.to_owned()), self)?;
        let mut answer = Vec::new();
        let read = running.out()?.read_to_end(&mut answer);
        running.end()?;
        read.map_err(|error| self.spoiled(&error.to_string()))?;
        String::from_utf8(answer).map_err(|error| self.spoiled(&error.to_string()))
    }

    fn spoiled(&self, error: &str) -> Failure {
        Failure::usage(
            format!("{}: {error}", self.shown()),
            "correct [target] in rebook.toml, or the URL",
        )
    }
}

fn tables(target: &Target) -> impl Iterator<Item = &str> {
    EntityKind::ALL
        .into_iter()
        .filter_map(|kind| target.entity(kind))
        .map(|entity| entity.table.as_str())
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// `%40` is `@`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| first == b'%');
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A client program at work; what it complains of is read beside what it answers, so that neither blocks.
struct Running {
    program: String,
    of: String,
    child: Child,
    complaints: std::thread::JoinHandle<String>,
}

impl Running {
    /// `script` is what the program reads: a command line has no room for a thousand tables.
    fn start(mut command: Command, script: Option<String>, server: &Server) -> Result<Self, Failure> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(match script {
                Some(_) => Stdio::piped(),
                None => Stdio::null(),
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| {
                Failure::new(
                    format!("cannot run {program}: {error}"),
                    "install the database's client programs, or make a dump and name its file",
                )
            })?;
        if let (Some(mut stdin), Some(script)) = (child.stdin.take(), script) {
            // A program that ends early says why.
            std::thread::spawn(move || drop(stdin.write_all(script.as_bytes())));
        }
        let stderr = child.stderr.take();
        let complaints = std::thread::spawn(move || {
            let mut text = Vec::new();
            if let Some(mut stderr) = stderr {
                drop(stderr.read_to_end(&mut text));
            }
            String::from_utf8_lossy(&text).into_owned()
        });
        Ok(Self {
            program,
            of: server.shown(),
            child,
            complaints,
        })
    }

    fn out(&mut self) -> Result<ChildStdout, Failure> {
        self.child
            .stdout
            .take()
            .ok_or_else(|| Failure::new(format!("{} gives no answer", self.program), ""))
    }

    fn end(mut self) -> Result<(), Failure> {
        let status = self
            .child
            .wait()
            .map_err(|error| Failure::new(format!("{}: {error}", self.program), ""))?;
        let complaints = self.complaints.join().unwrap_or_default();
        if status.success() {
            return Ok(());
        }
        // Some repeat the statement before they say what is wrong with it.
        let lines = || complaints.lines().filter(|line| !line.trim().is_empty());
        let first = lines()
            .find(|line| line.to_lowercase().contains("error"))
            .or_else(|| lines().next())
            .unwrap_or("it says nothing");
        Err(Failure::new(
            format!("{} cannot be read: {}: {first}", self.of, self.program),
            "look at the URL, the password (~/.pgpass, ~/.my.cnf) and that this user may read the tables",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_gives_its_parts_and_never_shows_its_password() {
        let server = Server::parse("postgres://ann:p%40ss@db.example:5433/shop?sslmode=require")
            .ok()
            .flatten()
            .expect("a server");
        assert_eq!(
            (
                server.user.as_str(),
                server.host.as_str(),
                server.port.as_str(),
                server.database.as_str()
            ),
            ("ann", "db.example", "5433", "shop")
        );
        assert_eq!(server.password.as_deref(), Some("p@ss"));
        assert_eq!(server.option("sslmode"), Some("require"));
        let command = format!("{:?}", server.pg_dump(&[]).get_args().collect::<Vec<_>>());
        assert!(!command.contains("p@ss"), "{command}");
        assert_eq!(
            shown("postgres://ann:p%40ss@db.example/shop"),
            "database shop on db.example"
        );
        assert_eq!(shown("/var/dumps/live.sql"), "live.sql");
        let local = Server::parse("mysql://root@/shop?socket=/run/db.sock")
            .ok()
            .flatten();
        let local = local.expect("a server");
        assert_eq!(
            (local.host.as_str(), local.option("socket")),
            ("", Some("/run/db.sock"))
        );
        assert!(Server::parse("live.sql").ok().flatten().is_none());
        assert!(Server::parse("oracle://x/y").is_err());
        assert!(Server::parse("postgres://host").is_err());
    }
}
