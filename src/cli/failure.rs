//! How a command ends: done, or failed with a message, a hint and an exit code.

use crate::config::ConfigError;
use crate::store::StoreError;
use std::path::Path;
use std::process::ExitCode;

/// A command that did its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    All,
    /// It did its work, and questions are open.
    ConflictsOpen,
}

impl Done {
    pub fn by(open_conflicts: u64) -> Self {
        if open_conflicts == 0 {
            Self::All
        } else {
            Self::ConflictsOpen
        }
    }

    pub fn code(self) -> ExitCode {
        match self {
            Self::All => ExitCode::SUCCESS,
            Self::ConflictsOpen => ExitCode::from(3),
        }
    }
}

#[derive(Debug)]
pub(super) struct Failure {
    pub message: String,
    /// What the user can do; empty where nothing helps.
    pub hint: String,
    code: u8,
}

impl Failure {
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
            code: 1,
        }
    }

    /// The command line or the configuration is wrong.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code: 2,
            ..Self::new(message, hint)
        }
    }

    /// Conflicts are open, and the command does nothing while they are.
    pub fn conflicts_open(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code: 3,
            ..Self::new(message, hint)
        }
    }

    /// Whoever read the answers has closed the pipe: not worth a word.
    fn unheard() -> Self {
        Self {
            code: 0,
            ..Self::new("", "")
        }
    }

    /// A file that the user named cannot be read or written.
    pub fn file(path: &Path, doing: &str, error: &std::io::Error) -> Self {
        Self::new(
            format!("cannot {doing} {}: {error}", path.display()),
            "check the path and who may use it",
        )
    }

    pub fn code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }

    pub fn is_silent(&self) -> bool {
        self.message.is_empty()
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string(), error.hint())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(error.to_string(), error.hint())
    }
}

/// Of writing an answer to stdout.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self::unheard()
        } else {
            Self::new(format!("cannot write the answer: {error}"), "")
        }
    }
}
