//! TLS for every source: rustls with the roots of this machine. `SSL_CERT_FILE` names others.

use super::LiveError;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// What every connection is set up with: TLS 1.2 or 1.3, certificates checked, no client certificate.
pub fn client_config() -> Result<Arc<ClientConfig>, LiveError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err(LiveError::setup(
            "this machine has no certificates to know servers by",
            "install the package ca-certificates, or name a file of them in SSL_CERT_FILE",
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| LiveError::bug(format!("TLS could not be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
