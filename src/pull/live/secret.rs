//! Keys, tokens and passwords: held, handed to the one place that needs them, never printed.

use super::LiveError;
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A secret. It has no way to be printed, compared or written; its memory is wiped when it goes.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// Where a secret comes from, to be asked again when it has run out: a token command, a file.
pub type SecretSource = Arc<dyn Fn() -> Result<Secret, LiveError> + Send + Sync>;

impl Secret {
    /// White space around it is none of it: files and commands end with a line break.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.trim().to_owned()))
    }

    /// The secret itself: for the request that needs it, and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the secret out of a text that somebody else made, such as a server's answer.
    pub fn redact(&self, text: &str) -> String {
        if self.is_empty() {
            return text.to_owned();
        }
        text.replace(self.expose(), "[secret]")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("rk_live_hush\n");
        assert_eq!(secret.expose(), "rk_live_hush");
        assert_eq!(
            format!("{secret:?} {:?}", Some(&secret)),
            "[secret] Some([secret])"
        );
        assert_eq!(secret.redact("no key rk_live_hush here"), "no key [secret] here");
        assert_eq!(Secret::new("").redact("as it is"), "as it is");
        // What a panic would say of it.
        let told = std::panic::catch_unwind(|| panic!("it was {:?}", Secret::new("hush")));
        let told = told.expect_err("it panics").downcast::<String>().expect("words");
        assert!(told.contains("[secret]") && !told.contains("hush"), "{told}");
    }
}
