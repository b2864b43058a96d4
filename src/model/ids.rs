//! Names of things. A newtype each, so that one is never taken for another.

use sha2::{Digest, Sha256};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// `<source name>:<native id>`, as in `stripe:ch_1`, `mail:<Message-ID without brackets>`.
    RecordId
);
id!(
    /// `b_` and a hash of the evidence: the same evidence gives the same id in every run.
    BookingId
);
id!(
    /// `c_` and a hash of the booking, the kind and the field.
    ConflictId
);

impl RecordId {
    pub fn new(source: &str, native: &str) -> Self {
        Self(format!("{source}:{native}"))
    }

    /// The source's name: what stands before the first colon.
    pub fn source(&self) -> &str {
        self.0.split_once(':').map_or("", |(source, _)| source)
    }

    /// The provider's own id: what stands behind the first colon.
    pub fn native(&self) -> &str {
        self.0
            .split_once(':')
            .map_or(self.0.as_str(), |(_, native)| native)
    }
}

/// Twelve hex digits of SHA-256 over the parts, each with its length, so that ("ab","c") differs from ("a","bc").
pub fn stable_hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize()[..6])
}

/// Bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        text
    })
}
