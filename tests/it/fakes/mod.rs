//! Servers that answer as the providers' published APIs do, strictly: what the documentation does not allow is an error
//! here too. They keep a log of every request, and can be told to fail.

pub mod google;
pub mod imap;
pub mod stripe;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// One request, as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// Counted from 0.
    pub number: usize,
    pub method: String,
    /// As it stood in the request line.
    pub target: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.into(),
        }
    }
}

/// What goes wrong with one answer.
#[derive(Debug, Clone)]
pub enum Fault {
    /// An answer of another status, with a Retry-After where one is given.
    Status(u16, Option<String>),
    /// The connection breaks after half of the body.
    CutInBody,
    /// The connection breaks before anything is said.
    Hangup,
    /// Half of the JSON, with a length that says it is all.
    HalfOfJson,
    /// It takes this long.
    Slow(Duration),
}

type Answering = dyn Fn(&Request) -> Reply + Send + Sync;
type Failing = dyn Fn(&Request) -> Option<Fault> + Send + Sync;

/// A running server on this machine; it ends with the process.
pub struct Fake {
    pub url: String,
    log: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
}

impl Fake {
    pub fn start(answer: Box<Answering>, fail: Box<Failing>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let log = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (answer, fail): (Arc<Answering>, Arc<Failing>) = (answer.into(), fail.into());
        let (kept, count, numbers) = (log.clone(), connections.clone(), Arc::new(AtomicUsize::new(0)));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::Relaxed);
                let (answer, fail, log, numbers) =
                    (answer.clone(), fail.clone(), kept.clone(), numbers.clone());
                thread::spawn(move || {
                    let _ = serve(stream, &answer, &fail, &log, &numbers);
                });
            }
        });
        Self {
            url,
            log,
            connections,
        }
    }

    pub fn log(&self) -> Vec<Request> {
        self.log.lock().expect("a log").clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Fails where anything but GET came in, except to `token`.
    pub fn assert_only_get(&self, token: Option<&str>) {
        let log = self.log();
        assert!(!log.is_empty(), "nothing was asked");
        for request in log {
            let is_token = request.method == "POST" && Some(request.path.as_str()) == token;
            assert!(
                (request.method == "GET" && request.body.is_empty()) || is_token,
                "{} {}",
                request.method,
                request.path
            );
        }
    }
}

/// No request fails.
pub fn never(_: &Request) -> Option<Fault> {
    None
}

fn serve(
    stream: TcpStream,
    answer: &Arc<Answering>,
    fail: &Arc<Failing>,
    log: &Mutex<Vec<Request>>,
    numbers: &AtomicUsize,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        let Some(mut request) = read_request(&mut reader)? else {
            return Ok(());
        };
        request.number = numbers.fetch_add(1, Ordering::Relaxed);
        log.lock().expect("a log").push(request.clone());
        let fault = fail(&request);
        let mut reply = match &fault {
            Some(Fault::Status(status, after)) => {
                let mut reply = Reply::json(*status, br#"{"error":{"message":"try again"}}"#.to_vec());
                reply
                    .headers
                    .extend(after.clone().map(|after| ("retry-after", after)));
                reply
            }
            Some(Fault::Hangup) => return Ok(()),
            _ => answer(&request),
        };
        if let Some(Fault::Slow(time)) = &fault {
            thread::sleep(*time);
        }
        if let Some(Fault::HalfOfJson) = &fault {
            reply.body.truncate(reply.body.len() / 2);
        }
        let mut head = format!(
            "HTTP/1.1 {} x\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\ncontent-length: {}\r\n",
            reply.status,
            reply.body.len()
        );
        for (name, value) in &reply.headers {
            head.push_str(&[*name, ": ", value, "\r\n"].concat());
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        if let Some(Fault::CutInBody) = &fault {
            bytes.extend(&reply.body[..reply.body.len() / 2]);
            writer.write_all(&bytes)?;
            return Ok(());
        }
        bytes.extend(&reply.body);
        writer.write_all(&bytes)?;
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.trim().to_lowercase(), value.trim().to_owned());
        }
    }
    let length = headers
        .get("content-length")
        .and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(Some(Request {
        number: 0,
        method,
        target: target.to_owned(),
        path: unescaped(path),
        query: pairs(query),
        headers,
        body,
    }))
}

/// `a=b&c=d`, as in a query or a form.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (unescaped(key), unescaped(&value.replace('+', " "))))
        .collect()
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = (byte == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(code) = code {
            bytes.push(code);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
