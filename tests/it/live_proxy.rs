//! Behind a proxy, and one that looks into what passes: as in offices, where the way out is named in the environment and
//! certificates are made by an authority of the house.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

const CONFIG: &str = r#"
[business]
name = "Lake Boats"
timezone = "Europe/Zurich"
country = "CH"
currency = "chf"
[window]
learn_from = "2026-01-01T00:00:00Z"
backup = "2026-03-01T02:00:00Z"
loss = "2026-05-01T09:30:00Z"
[[source]]
name = "stripe"
kind = "stripe"
api_key = { file = "key" }
base_url = "https://api.stripe.example"
"#;

/// A certificate for the server's name by an authority of its own; false without openssl.
fn certify(folder: &Path) -> bool {
    let script = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=house \
         -keyout ca.key -out ca.pem && \
         openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=x -keyout own.key -out own.csr && \
         printf 'basicConstraints=CA:FALSE\\nsubjectAltName=DNS:api.stripe.example\\n' >ext && \
         openssl x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out own.pem";
    let made = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder)
        .output();
    let is_made = made.is_ok_and(|output| output.status.success());
    assert!(
        is_made || std::env::var("CI").as_deref() != Ok("true"),
        "openssl is needed"
    );
    is_made
}

/// A proxy that answers itself, in the name of whatever server it is asked a way to.
struct House {
    port: u16,
    /// What it was asked: heads of CONNECT, then of what came through the tunnel.
    log: Arc<Mutex<Vec<String>>>,
}

impl House {
    fn start(folder: &Path) -> Self {
        let chain = vec![CertificateDer::from_pem_file(folder.join("own.pem")).expect("a certificate")];
        let key = PrivateKeyDer::from_pem_file(folder.join("own.key")).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a certificate and its key");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = log.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, log) = (config.clone(), kept.clone());
                std::thread::spawn(move || drop(serve(stream, config, &log)));
            }
        });
        Self { port, log }
    }

    fn log(&self) -> Vec<String> {
        self.log.lock().expect("a log").clone()
    }
}

fn serve(mut stream: TcpStream, config: Arc<ServerConfig>, log: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let asked = head(&mut BufReader::new(&stream))?;
    log.lock().expect("a log").push(asked.clone());
    if !asked.contains("Proxy-Authorization: Basic YW5uOmh1c2gtcHJveHk=") {
        return stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    }
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let session = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut covered = BufReader::new(StreamOwned::new(session, stream));
    loop {
        let asked = head(&mut covered)?;
        if asked.is_empty() {
            return Ok(());
        }
        log.lock().expect("a log").push(asked);
        let body = r#"{"object":"list","data":[],"has_more":false}"#;
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        covered.get_mut().write_all(answer.as_bytes())?;
    }
}

/// Up to the empty line.
fn head(reader: &mut BufReader<impl Read>) -> std::io::Result<String> {
    let mut text = String::new();
    while reader.read_line(&mut text)? > 2 {}
    Ok(text)
}

fn pull(folder: &Path, variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rebook"))
        .arg("pull")
        .current_dir(folder)
        .env_clear()
        .env("SSL_CERT_FILE", folder.join("ca.pem"))
        .envs(variables.iter().copied())
        .output()
        .expect("the program can be started")
}

#[test]
fn the_way_goes_through_the_proxy_that_the_environment_names() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    if !certify(folder.path()) {
        drop(writeln!(std::io::stderr(), "skipped: no openssl"));
        return;
    }
    fs::write(folder.path().join("rebook.toml"), CONFIG).expect("a new file");
    fs::write(folder.path().join("key"), "rk_live_hush\n").expect("a new file");
    let house = House::start(folder.path());
    let proxy = format!("http://ann:hush-proxy@localhost:{}", house.port);
    let output = pull(folder.path(), &[("HTTPS_PROXY", &proxy)]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let log = house.log();
    let (tunnels, requests): (Vec<_>, Vec<_>) = log.iter().partition(|head| head.starts_with("CONNECT "));
    assert!(!tunnels.is_empty() && requests.len() > 8, "{log:?}");
    for head in tunnels {
        assert!(
            head.starts_with("CONNECT api.stripe.example:443 HTTP/1.1\r\n"),
            "{head}"
        );
        assert!(!head.contains("rk_live"), "the key goes to Stripe alone");
    }
    assert!(
        requests.iter().all(|head| head.starts_with("GET /v1/")),
        "{log:?}"
    );
    // One of a kind that is not spoken is said, without its password.
    let before = house.log().len();
    let output = pull(
        folder.path(),
        &[("HTTPS_PROXY", "socks5://ann:hush-proxy@localhost:1")],
    );
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("socks5") && !said.contains("hush"), "{said}");
    assert_eq!(house.log().len(), before);
}
