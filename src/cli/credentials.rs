//! Fetches secrets from where the configuration says they are: a command, a file, the keyring, the environment.
//!
//! What a command prints to stderr goes to the user's terminal, since it may ask for a passphrase there. No
//! message of ours repeats what it printed to stdout.

use super::screen;
use crate::config;
use crate::pull::live::google::Browser;
use crate::pull::live::{LiveError, Secret, SecretSource};
use std::io::IsTerminal;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// The service under which secrets stand in the system's keyring.
const KEYRING_SERVICE: &str = "rebook";

/// A way to fetch a secret, again and again where it runs out.
pub(super) fn source(place: &config::Secret) -> SecretSource {
    let place = place.clone();
    Arc::new(move || {
        let secret = fetch(&place)?;
        if secret.is_empty() {
            return Err(LiveError::setup(
                format!("{} holds no secret: it is empty", named(&place)),
                "see that it gives the secret and nothing else",
            ));
        }
        // Header lines and logins are made of it: a line break inside would begin another one.
        if secret.expose().chars().any(char::is_control) {
            return Err(LiveError::setup(
                format!("{} gives more than one line", named(&place)),
                "see that it gives the secret and nothing else",
            ));
        }
        Ok(secret)
    })
}

/// How long a person may take to log in; none where the address would be shown to nobody.
pub(super) fn login_wait() -> Duration {
    if std::io::stderr().is_terminal() {
        Duration::from_mins(10)
    } else {
        Duration::ZERO
    }
}

/// Shows the address where to log in, and opens it in the browser where there is one.
pub(super) fn browser() -> Browser {
    Arc::new(|url| {
        if login_wait().is_zero() {
            return;
        }
        screen::talk(&format!(
            "Log in to Google with the account that owns the calendars:\n{url}"
        ));
        let opener = if cfg!(target_os = "macos") {
            "open"
        } else {
            "xdg-open"
        };
        // Without a browser the person opens the address, wherever there is one that reaches this machine.
        let _ = Command::new(opener)
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
    })
}

fn fetch(place: &config::Secret) -> Result<Secret, LiveError> {
    match place {
        config::Secret::Command(line) => of_command(line, &named(place)),
        config::Secret::File(path) => of_file(path),
        config::Secret::Keyring(entry) => of_keyring(entry, &named(place)),
        config::Secret::Env(name) => std::env::var(name).map(|text| Secret::new(&text)).map_err(|_| {
            LiveError::setup(
                format!("{} is not set", named(place)),
                "set it for this one command, or keep the secret in a keyring: { keyring = \"…\" }",
            )
        }),
    }
}

/// Where a secret is, for messages.
fn named(place: &config::Secret) -> String {
    match place {
        config::Secret::Command(line) => {
            format!("the command `{}`", line.first().map_or("", String::as_str))
        }
        config::Secret::File(path) => path.display().to_string(),
        config::Secret::Keyring(entry) => format!("the keyring's entry \"{entry}\""),
        config::Secret::Env(name) => format!("the environment variable {name}"),
    }
}

fn of_command(line: &[String], name: &str) -> Result<Secret, LiveError> {
    let (program, arguments) = line
        .split_first()
        .ok_or_else(|| LiveError::bug("a command without a program"))?;
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| {
            LiveError::setup(
                format!("{name} cannot be run: {error}"),
                "correct `command`: the program first, each argument a text of its own",
            )
        })?;
    if !output.status.success() {
        return Err(LiveError::setup(
            format!("{name} failed ({})", output.status),
            "run it by hand: it must print the secret and nothing else",
        ));
    }
    text(output.stdout, name)
}

fn of_file(path: &Path) -> Result<Secret, LiveError> {
    let bytes = std::fs::read(path).map_err(|error| {
        LiveError::setup(
            format!("cannot read the secret in {}: {error}", path.display()),
            "check the path and who may read it; a relative path is relative to rebook.toml",
        )
    })?;
    text(bytes, &path.display().to_string())
}

/// Through the system's own program, so that no keyring is linked in.
fn of_keyring(entry: &str, name: &str) -> Result<Secret, LiveError> {
    let (line, set): (Vec<&str>, String) = if cfg!(target_os = "macos") {
        (
            vec![
                "security",
                "find-generic-password",
                "-s",
                KEYRING_SERVICE,
                "-a",
                entry,
                "-w",
            ],
            format!("security add-generic-password -s {KEYRING_SERVICE} -a {entry} -w"),
        )
    } else {
        (
            vec![
                "secret-tool",
                "lookup",
                "service",
                KEYRING_SERVICE,
                "account",
                entry,
            ],
            format!("secret-tool store --label={entry} service {KEYRING_SERVICE} account {entry}"),
        )
    };
    let line: Vec<String> = line.into_iter().map(str::to_owned).collect();
    let secret = of_command(&line, name).ok().filter(|secret| !secret.is_empty());
    secret.ok_or_else(|| {
        LiveError::setup(
            format!("{name} was not found"),
            format!("put it there with: {set}"),
        )
    })
}

fn text(bytes: Vec<u8>, name: &str) -> Result<Secret, LiveError> {
    let bytes = zeroize::Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        LiveError::setup(
            format!("{name} gives something that is not text"),
            "see that it gives the secret and nothing else",
        )
    })?;
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetched(place: &config::Secret) -> Result<String, String> {
        source(place)()
            .map(|secret| secret.expose().to_owned())
            .map_err(|error| format!("{error}; {}", error.hint()))
    }

    #[test]
    fn a_command_gives_what_it_prints() {
        let command =
            |line: &[&str]| config::Secret::Command(line.iter().map(|&word| word.to_owned()).collect());
        assert_eq!(fetched(&command(&["printf", "hush\n"])), Ok("hush".to_owned()));
        let failed = fetched(&command(&["false"])).expect_err("it fails");
        assert!(failed.contains("`false` failed"), "{failed}");
        assert!(fetched(&command(&["no-such-program-here"])).is_err());
        assert!(
            fetched(&command(&["true"]))
                .expect_err("nothing")
                .contains("empty")
        );
    }

    #[test]
    fn two_lines_are_refused_and_not_repeated() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("key");
        std::fs::write(&path, "first hush\nsecond hush\n").expect("a new file");
        let refused = fetched(&config::Secret::File(path.clone())).expect_err("two lines");
        assert!(
            refused.contains("more than one line") && !refused.contains("hush"),
            "{refused}"
        );
        std::fs::write(&path, "hush\r\n").expect("a file");
        assert_eq!(fetched(&config::Secret::File(path)), Ok("hush".to_owned()));
        assert!(fetched(&config::Secret::File(folder.path().join("none"))).is_err());
        let unset = config::Secret::Env("REBOOK_NO_SUCH_VARIABLE".to_owned());
        assert!(
            fetched(&unset)
                .expect_err("unset")
                .contains("REBOOK_NO_SUCH_VARIABLE")
        );
    }
}
