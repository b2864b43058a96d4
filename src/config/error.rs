//! What is wrong in rebook.toml, where, and what to write instead.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A finding at a byte range of the text, before file and line are known.
#[derive(Debug)]
pub(super) struct Fault {
    pub span: Range<usize>,
    pub message: String,
    pub hint: String,
    /// What stands at the span must not be shown.
    pub secret: bool,
}

impl Fault {
    pub fn new(span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            hint: hint.into(),
            secret: false,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {}: {error}", .path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("{0}")]
    At(Box<Misplaced>),
    #[error("no source is named `{name}`")]
    UnknownSource { name: String, hint: String },
}

/// A place in the file with what is wrong there.
#[derive(Debug)]
pub struct Misplaced {
    pub path: PathBuf,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The line as written.
    text: String,
    carets: usize,
    message: String,
    hint: String,
}

impl ConfigError {
    pub(super) fn at(path: &Path, text: &str, fault: Fault) -> Self {
        let start = floor(text, fault.span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = floor(text, fault.span.end).clamp(start, line_end);
        let (line_text, end) = if fault.secret {
            (format!("{}…", &text[line_start..start]), start)
        } else {
            (text[line_start..line_end].trim_end().replace('\t', " "), end)
        };
        Self::At(Box::new(Misplaced {
            path: path.to_path_buf(),
            line: text[..line_start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            text: line_text,
            carets: text[start..end].trim_end().chars().count().max(1),
            message: fault.message,
            hint: fault.hint,
        }))
    }

    /// What to write instead.
    pub fn hint(&self) -> &str {
        match self {
            Self::Unreadable { .. } => {
                "run it where rebook.toml is, or name the file with --config FILE; rebook init FOLDER drafts one, rebook demo shows the whole way"
            }
            Self::At(place) => &place.hint,
            Self::UnknownSource { hint, .. } => hint,
        }
    }
}

/// The nearest character boundary at or before a byte.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gutter = " ".repeat(self.line.to_string().len());
        writeln!(
            f,
            "{}:{}:{}: {}",
            self.path.display(),
            self.line,
            self.column,
            self.message
        )?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{} | {}", self.line, self.text)?;
        write!(
            f,
            "{gutter} | {}{}",
            " ".repeat(self.column - 1),
            "^".repeat(self.carets)
        )
    }
}
