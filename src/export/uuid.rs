//! Keys for targets whose rows are named by UUIDs that the application makes.
//!
//! The same thing gets the same key in every run, so a second load meets its own rows. Version 5 of
//! RFC 9562: SHA-1 over a namespace and the row's stable name, which anybody can compute again.

use sha1::{Digest, Sha1};

/// The namespace of all keys: the version 5 UUID of the name `rebook` among URLs (RFC 9562, appendix C).
const NAMESPACE: [u8; 16] = [
    0x8b, 0x97, 0x12, 0x71, 0x83, 0x86, 0x55, 0x40, 0xa6, 0x85, 0x10, 0xa9, 0xe1, 0x44, 0x4b, 0x29,
];

/// The sixteen bytes of the UUID of one row, named `<kind>:<stable>`.
pub(super) fn of(kind: &str, stable: &str) -> [u8; 16] {
    version_5(&NAMESPACE, &format!("{kind}:{stable}"))
}

fn version_5(namespace: &[u8; 16], name: &str) -> [u8; 16] {
    let mut hasher = Sha1::new();
    hasher.update(namespace);
    hasher.update(name.as_bytes());
    let digest = hasher.finalize();
    let mut uuid = [0; 16];
    uuid.copy_from_slice(&digest[..16]);
    uuid[6] = (uuid[6] & 0x0f) | 0x50;
    uuid[8] = (uuid[8] & 0x3f) | 0x80;
    uuid
}

/// The usual spelling, `xxxxxxxx-xxxx-5xxx-xxxx-xxxxxxxxxxxx`.
pub(super) fn spell(uuid: &[u8; 16]) -> String {
    let hex = format!("{:032x}", u128::from_be_bytes(*uuid));
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_one_uuid_of_version_5() {
        let uuid = spell(&of("booking", "b_1"));
        assert_eq!(uuid, spell(&of("booking", "b_1")));
        assert_ne!(uuid, spell(&of("booking", "b_2")));
        assert_ne!(uuid, spell(&of("payment", "b_1")));
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "5");
    }

    /// The example of RFC 9562, appendix A.4: `www.example.com` in the namespace of domain names.
    #[test]
    fn it_is_the_uuid_that_the_standard_shows() {
        let dns = 0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8_u128.to_be_bytes();
        assert_eq!(
            spell(&version_5(&dns, "www.example.com")),
            "2ed6657d-e927-568b-95e1-2665a8aea6a2"
        );
        let urls = 0x6ba7_b811_9dad_11d1_80b4_00c0_4fd4_30c8_u128.to_be_bytes();
        assert_eq!(version_5(&urls, "rebook"), NAMESPACE);
    }
}
