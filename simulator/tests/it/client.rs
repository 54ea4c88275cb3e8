//! A client that shows what is on the wire.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const NOW: &str = "2026-01-01T12:00:00Z";

pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
    /// The error that ended the reading, such as a reset.
    pub error: Option<std::io::ErrorKind>,
    /// The time limit ended the reading.
    pub cut: bool,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<String> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }
}

pub async fn get(address: SocketAddr, target: &str) -> Reply {
    request(address, target, &[], Duration::from_secs(20), usize::MAX).await
}

/// Sends a JSON body.
pub async fn post(address: SocketAddr, target: &str, body: &Value) -> Reply {
    let body = body.to_string();
    let length = body.len().to_string();
    let headers = [("Content-Type", "application/json"), ("Content-Length", length.as_str())];
    send(address, "POST", target, &headers, body.as_bytes(), Duration::from_secs(20), usize::MAX).await
}

/// Sends one request on a connection of its own and reads until the end, the time limit or `max_bytes`.
pub async fn request(
    address: SocketAddr,
    target: &str,
    headers: &[(&str, &str)],
    limit: Duration,
    max_bytes: usize,
) -> Reply {
    send(address, "GET", target, headers, &[], limit, max_bytes).await
}

async fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    limit: Duration,
    max_bytes: usize,
) -> Reply {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut head = format!(
        "{method} {target} HTTP/1.1\r\nUser-Agent: Tester/1 (+https://tester.example/bot)\r\nConnection: close\r\n"
    );
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        head.push_str("Host: tester.example\r\n");
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut bytes = Vec::new();
    let mut error = None;
    let mut cut = false;
    let deadline = tokio::time::Instant::now() + limit;
    while bytes.len() < max_bytes {
        match tokio::time::timeout_at(deadline, stream.read_buf(&mut bytes)).await {
            Ok(Ok(0)) => break,
            Ok(Ok(_)) => {}
            Ok(Err(failure)) => {
                error = Some(failure.kind());
                break;
            }
            Err(_) => {
                cut = true;
                break;
            }
        }
    }
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let (head, body) = match at {
        Some(at) => (bytes.get(..at).unwrap().to_vec(), bytes.get(at + 4..).unwrap().to_vec()),
        None => (bytes, Vec::new()),
    };
    let head = String::from_utf8_lossy(&head).into_owned();
    let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    Reply { status, head, body, error, cut }
}
