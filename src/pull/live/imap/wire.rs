//! The way to the server: TCP with a limit to every wait, TLS of our own, STARTTLS before anything is said.

use super::super::{LiveError, tls};
use super::address::{Address, Cover};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

const CONNECT_WAIT: Duration = Duration::from_secs(20);
/// What takes the whole wait must bring at least so much: a server that drips is as good as one that is silent.
const BYTES_A_WAIT: u64 = 1 << 10;
const LINE_BYTES_MAX: usize = 8 << 10;

/// A connection on which the greeting has been read.
#[derive(Debug)]
pub struct Wire {
    stream: Stream,
    wait: Duration,
    /// Since something was last asked or enough came, and how much came since.
    since: Instant,
    bytes: u64,
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

/// Why there is no connection.
pub enum NoWire {
    /// Worth another attempt.
    Passing(String),
    Lasting(LiveError),
}

impl From<io::Error> for NoWire {
    fn from(error: io::Error) -> Self {
        Self::Passing(error.to_string())
    }
}

impl From<LiveError> for NoWire {
    fn from(error: LiveError) -> Self {
        Self::Lasting(error)
    }
}

impl Wire {
    fn new(stream: Stream, wait: Duration) -> Self {
        Self {
            stream,
            wait,
            since: Instant::now(),
            bytes: 0,
        }
    }

    /// Counts what came; fails where it is too little for the time that it took.
    fn count(&mut self, bytes: usize) -> io::Result<usize> {
        self.bytes += bytes as u64;
        if self.since.elapsed() > self.wait {
            if self.bytes < BYTES_A_WAIT {
                return Err(too_slow(self.wait));
            }
            (self.since, self.bytes) = (Instant::now(), 0);
        }
        Ok(bytes)
    }
}

fn too_slow(wait: Duration) -> io::Error {
    let words = format!("no whole answer within {} s", wait.as_secs_f32());
    io::Error::new(io::ErrorKind::TimedOut, words)
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.stream {
            Stream::Plain(stream) => stream.read(buffer),
            Stream::Tls(stream) => stream.read(buffer),
        };
        match read {
            // A read that takes too long ends in one or the other, by system.
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                Err(too_slow(self.wait))
            }
            read => self.count(read?),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.since, self.bytes) = (Instant::now(), 0);
        match &mut self.stream {
            Stream::Plain(stream) => stream.write(bytes),
            Stream::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.flush(),
            Stream::Tls(stream) => stream.flush(),
        }
    }
}

/// Connects, and covers the connection as the address says. `wait`: the longest that an answer may take to begin or go on.
pub fn connect(address: &Address, wait: Duration) -> Result<Wire, NoWire> {
    let stream = tcp(address, wait)?;
    let is_own = stream.peer_addr()?.ip().is_loopback();
    match address.cover {
        Cover::Implicit => {
            let mut wire = covered(address, stream, wait)?;
            greeting(&mut wire)?;
            Ok(wire)
        }
        Cover::StartTls => {
            let mut wire = Wire::new(Stream::Plain(stream), wait);
            greeting(&mut wire)?;
            let offers = ask(&mut wire, "CAPABILITY")?
                .iter()
                .any(|line| line.split(' ').any(|word| word.eq_ignore_ascii_case("STARTTLS")));
            if !offers && is_own {
                return Ok(wire);
            }
            if !offers {
                return Err(NoWire::Lasting(LiveError::setup(
                    format!(
                        "{} offers no encryption, and a password is not sent without",
                        address.shown()
                    ),
                    "use imaps://user@host:993; where the server offers neither, it cannot be read safely",
                )));
            }
            // Bytes are read one by one, so that nothing that was slipped in before TLS is taken for its content.
            ask(&mut wire, "STARTTLS")?;
            let Stream::Plain(stream) = wire.stream else {
                return Err(NoWire::Lasting(LiveError::bug("STARTTLS under TLS")));
            };
            covered(address, stream, wait)
        }
    }
}

fn tcp(address: &Address, wait: Duration) -> Result<TcpStream, NoWire> {
    let mut last = None;
    for place in (address.host.as_str(), address.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&place, CONNECT_WAIT.min(wait)) {
            Ok(stream) => {
                stream.set_read_timeout(Some(wait))?;
                stream.set_write_timeout(Some(wait))?;
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(
        || NoWire::Passing(format!("{} has no address", address.host)),
        NoWire::from,
    ))
}

fn covered(address: &Address, stream: TcpStream, wait: Duration) -> Result<Wire, NoWire> {
    let name = ServerName::try_from(address.host.clone()).map_err(|_| {
        LiveError::setup(
            format!("\"{}\" is no name of a server", address.host),
            "correct the host in `imap`",
        )
    })?;
    let session = ClientConnection::new(tls::client_config()?, name)
        .map_err(|error| LiveError::bug(format!("TLS could not be set up: {error}")))?;
    let mut wire = Box::new(StreamOwned::new(session, stream));
    while wire.conn.is_handshaking() {
        wire.conn.complete_io(&mut wire.sock).map_err(|error| {
            let is_certificate = error
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<rustls::Error>())
                .is_some_and(|inner| matches!(inner, rustls::Error::InvalidCertificate(_)));
            if is_certificate {
                NoWire::Lasting(LiveError::setup(
                    format!("{} cannot prove who it is: {error}", address.shown()),
                    "use the name that its certificate is for; for a certificate of your own, name your authority's file in SSL_CERT_FILE",
                ))
            } else if error.kind() == io::ErrorKind::WouldBlock {
                NoWire::from(too_slow(wait))
            } else {
                NoWire::from(error)
            }
        })?;
    }
    Ok(Wire::new(Stream::Tls(wire), wait))
}

fn greeting(wire: &mut Wire) -> Result<(), NoWire> {
    let line = line(wire)?;
    if line.starts_with("* OK") {
        return Ok(());
    }
    if line.starts_with("* BYE") {
        return Err(NoWire::Passing("the server hung up on greeting".to_owned()));
    }
    Err(NoWire::Lasting(LiveError::setup(
        "what answers there is no mailbox server",
        "correct host and port in `imap`: imaps:// usually goes to 993, imap:// to 143",
    )))
}

/// Sends a command before there is a session; the lines that come before its OK.
fn ask(wire: &mut Wire, command: &str) -> Result<Vec<String>, NoWire> {
    wire.write_all(format!("c {command}\r\n").as_bytes())?;
    wire.flush()?;
    let mut lines = Vec::new();
    loop {
        let line = line(wire)?;
        if line.starts_with("c OK") {
            return Ok(lines);
        }
        if line.starts_with("c ") {
            return Err(NoWire::Passing(format!("the server refused {command}")));
        }
        lines.push(line);
    }
}

fn line(wire: &mut Wire) -> Result<String, NoWire> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while bytes.len() < LINE_BYTES_MAX {
        if wire.read(&mut byte)? == 0 {
            return Err(NoWire::Passing("the server hung up".to_owned()));
        }
        if byte == *b"\n" {
            return Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned());
        }
        bytes.extend(byte);
    }
    Err(NoWire::Passing("the server's first words have no end".to_owned()))
}
