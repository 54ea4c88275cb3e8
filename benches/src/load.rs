//! A small closed-loop HTTP client: each connection sends its next request when the last answer is read whole.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// One kept-alive connection.
pub struct Connection {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

/// What was measured of one scenario.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Answers read.
    pub n_answers: usize,
    /// Wall time of the whole scenario.
    pub elapsed: Duration,
    /// Bytes of all bodies.
    pub n_bytes: usize,
    /// Time from the first byte sent to the last byte read, sorted.
    latencies: Vec<Duration>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nothing listens there.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(64 * 1024, stream), body: Vec::new() })
    }

    /// Sends `request`, a whole HTTP/1.1 request, and reads the answer; returns its status and body.
    ///
    /// # Errors
    /// When the connection breaks or the answer is not HTTP.
    pub async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        let mut line = String::new();
        self.stream.read_line(&mut line).await?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status line")?;
        let mut length = None;
        let mut is_chunked = false;
        loop {
            line.clear();
            self.stream.read_line(&mut line).await?;
            let header = line.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().ok();
            }
            is_chunked |= header == "transfer-encoding: chunked";
        }
        self.body.clear();
        if let Some(length) = length {
            self.body.resize(length, 0);
            self.stream.read_exact(&mut self.body).await?;
        } else if is_chunked {
            self.read_chunks().await?;
        } else {
            bail!("an answer without a length");
        }
        Ok((status, &self.body))
    }

    async fn read_chunks(&mut self) -> anyhow::Result<()> {
        let mut line = String::new();
        loop {
            line.clear();
            self.stream.read_line(&mut line).await?;
            let size = usize::from_str_radix(line.trim(), 16).context("no chunk size")?;
            let start = self.body.len();
            self.body.resize(start + size, 0);
            self.stream.read_exact(&mut self.body[start..]).await?;
            line.clear();
            self.stream.read_line(&mut line).await?;
            if size == 0 {
                return Ok(());
            }
        }
    }
}

impl Measured {
    /// The latency below which `share` of the answers lie, in milliseconds.
    pub fn percentile_ms(&self, share: f64) -> f64 {
        let index = (self.latencies.len() as f64 * share) as usize;
        let latency = self.latencies.get(index.min(self.latencies.len().saturating_sub(1)));
        latency.map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    }

    /// Answers per second of wall time.
    pub fn per_second(&self) -> f64 {
        self.n_answers as f64 / self.elapsed.as_secs_f64()
    }

    /// Puts latencies measured elsewhere into the same form.
    pub fn of(mut latencies: Vec<Duration>, elapsed: Duration, n_bytes: usize) -> Self {
        latencies.sort_unstable();
        Self { n_answers: latencies.len(), elapsed, n_bytes, latencies }
    }
}

/// Sends all `requests` over `n_connections` connections, as fast as the answers come.
///
/// # Errors
/// When a connection breaks or any answer is not 200.
pub async fn run(address: SocketAddr, requests: &Arc<Vec<Vec<u8>>>, n_connections: usize) -> anyhow::Result<Measured> {
    let next = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..n_connections {
        let (requests, next) = (Arc::clone(requests), Arc::clone(&next));
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut latencies = Vec::new();
            let mut n_bytes = 0;
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let sent = Instant::now();
                let (status, body) = connection.exchange(request).await?;
                latencies.push(sent.elapsed());
                n_bytes += body.len();
                if status != 200 {
                    let request = String::from_utf8_lossy(request).into_owned();
                    bail!("status {status} for {request}: {}", String::from_utf8_lossy(body));
                }
            }
            anyhow::Ok((latencies, n_bytes))
        }));
    }
    let mut latencies = Vec::new();
    let mut n_bytes = 0;
    for task in tasks {
        let (some, bytes) = task.await??;
        latencies.extend(some);
        n_bytes += bytes;
    }
    Ok(Measured::of(latencies, start.elapsed(), n_bytes))
}

/// Builds a GET request for a path with its query.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n").into_bytes()
}
