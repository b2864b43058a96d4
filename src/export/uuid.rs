//! Keys for targets whose rows are named by UUIDs that the application makes.
//!
//! The same thing gets the same key in every run, so a second load meets its own rows. Version 8 of
//! RFC 9562 (a hash of the maker's choice), here SHA-256 over the kind of row and its stable name.

use sha2::{Digest, Sha256};

/// The sixteen bytes of the UUID of one row.
pub(super) fn of(kind: &str, stable: &str) -> [u8; 16] {
    let mut hasher = Sha256::new();
    for part in ["rebook", kind, stable] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hasher.finalize();
    let mut uuid = [0; 16];
    uuid.copy_from_slice(&digest[..16]);
    uuid[6] = (uuid[6] & 0x0f) | 0x80;
    uuid[8] = (uuid[8] & 0x3f) | 0x80;
    uuid
}

/// The usual spelling, `xxxxxxxx-xxxx-8xxx-xxxx-xxxxxxxxxxxx`.
pub(super) fn spell(uuid: &[u8; 16]) -> String {
    let hex = format!("{:032x}", u128::from_be_bytes(*uuid));
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_one_uuid_of_version_8() {
        let uuid = spell(&of("booking", "b_1"));
        assert_eq!(uuid, spell(&of("booking", "b_1")));
        assert_ne!(uuid, spell(&of("booking", "b_2")));
        assert_ne!(uuid, spell(&of("payment", "b_1")));
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "8");
    }
}
