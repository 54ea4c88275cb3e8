//! HTTP/1.1 on a TCP stream, written by hand: a misbehaving host needs every byte in its own power.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio_util::sync::CancellationToken;

use crate::answer::{Answer, BodyDelivery, HeadDelivery, reason};
use crate::log::{End, Exchange, Ticket};
use crate::request::{MAX_BODY_BYTES, Request};
use crate::site::{Directory, Site};

/// Heads larger than this are refused; hyper has a similar limit.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Idle connections are kept this long.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

static CONNECTIONS: AtomicU64 = AtomicU64::new(0);

/// Serves one connection until either side ends it.
pub(crate) async fn serve(mut stream: TcpStream, directory: Arc<Directory>, stop: CancellationToken) {
    let connection = CONNECTIONS.fetch_add(1, Ordering::Relaxed);
    // Delays from Nagle's algorithm would disturb the drip and the figures.
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    loop {
        let head = tokio::select! {
            () = stop.cancelled() => return,
            head = tokio::time::timeout(KEEP_ALIVE, read_head(&mut stream, &mut buffer)) => head,
        };
        let Ok(Ok(Some(head))) = head else { return };
        let Some(mut request) = Request::parse(&head) else {
            let _ =
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
            return;
        };
        if read_body(&mut stream, &mut buffer, &mut request).await.is_err() {
            return;
        }
        let Some(site) = directory.site(request.header("host")) else {
            let _ = stream
                .write_all(b"HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .await;
            return;
        };
        let ticket = site.log.arrive(exchange(site, &request, connection));
        let answer = site.answer(&request);
        if answer.delivery.head != HeadDelivery::Never {
            site.log.answered(ticket, &answer);
        }
        let outcome = {
            let (mut reader, mut writer) = stream.split();
            tokio::select! {
                biased;
                () = stop.cancelled() => Outcome::Stopped,
                outcome = deliver(&mut writer, &request, answer, site, ticket) => outcome,
                () = hung_up(&mut reader) => Outcome::ClientLeft,
            }
        };
        match outcome {
            Outcome::Kept => {}
            Outcome::Closed => {
                site.log.end(ticket, End::Complete);
                return;
            }
            Outcome::Reset => {
                site.log.end(ticket, End::Broken);
                // A zero linger time makes the kernel send RST instead of FIN.
                let _ = stream.set_zero_linger();
                return;
            }
            Outcome::Broken => {
                site.log.end(ticket, End::Broken);
                return;
            }
            Outcome::ClientLeft => {
                site.log.end(ticket, End::ClientLeft);
                return;
            }
            Outcome::Stopped => {
                site.log.end(ticket, End::Stopped);
                return;
            }
        }
    }
}

fn exchange(site: &Site, request: &Request, connection: u64) -> Exchange {
    let header = |name| request.header(name).map(str::to_owned);
    Exchange {
        host: site.name.clone(),
        arrived: site.clock.instant(),
        arrived_at_ms: site.clock.now_ms(),
        method: request.method.clone(),
        target: request.target.clone(),
        user_agent: header("user-agent"),
        host_header: header("host"),
        accept: header("accept"),
        if_none_match: header("if-none-match"),
        if_modified_since: header("if-modified-since"),
        in_flight: 0,
        connection,
        status: None,
        retry_after: None,
        location: None,
        robots: None,
        ended: None,
        end: End::UnderWay,
    }
}

/// Reads up to the empty line; what follows stays in `buffer`. `None` at a clean end.
async fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = buffer.split_off(at + 4);
            let mut head = std::mem::replace(buffer, rest);
            head.truncate(at);
            return Ok(Some(head));
        }
        if buffer.len() > MAX_HEAD_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// Reads a body of known length, so that the next head is found, and gives it to the request; a long one is forgotten.
async fn read_body(stream: &mut TcpStream, buffer: &mut Vec<u8>, request: &mut Request) -> io::Result<()> {
    let mut left = request.header("content-length").and_then(|value| value.parse::<usize>().ok()).unwrap_or(0);
    let is_kept = left <= MAX_BODY_BYTES;
    let mut body = Vec::new();
    loop {
        let taken = left.min(buffer.len());
        let part = buffer.drain(..taken);
        if is_kept {
            body.extend(part);
        } else {
            drop(part);
        }
        left -= taken;
        if left == 0 {
            request.body = body.into();
            return Ok(());
        }
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Ends when the client closes or resets the connection. Bytes of a next request are left alone.
async fn hung_up(reader: &mut ReadHalf<'_>) {
    let mut byte = [0];
    if matches!(reader.peek(&mut byte).await, Ok(n) if n > 0) {
        std::future::pending::<()>().await;
    }
}

enum Outcome {
    /// The connection serves further requests.
    Kept,
    /// All was sent; the connection closes as announced.
    Closed,
    /// To be ended by a reset.
    Reset,
    /// To be ended by a close, too early.
    Broken,
    ClientLeft,
    Stopped,
}

async fn deliver(
    writer: &mut WriteHalf<'_>,
    request: &Request,
    answer: Answer,
    site: &Site,
    ticket: Ticket,
) -> Outcome {
    match send(writer, request, answer, site, ticket).await {
        Ok(outcome) => outcome,
        // Nobody reads any more.
        Err(_) => Outcome::ClientLeft,
    }
}

async fn send(
    writer: &mut WriteHalf<'_>,
    request: &Request,
    answer: Answer,
    site: &Site,
    ticket: Ticket,
) -> io::Result<Outcome> {
    if !answer.delivery.delay.is_zero() {
        tokio::time::sleep(answer.delivery.delay).await;
    }
    let head = head(&answer, request);
    match answer.delivery.head {
        HeadDelivery::Whole => {}
        HeadDelivery::Never => std::future::pending().await,
        HeadDelivery::Close => return Ok(Outcome::Broken),
        HeadDelivery::Drip(every) => {
            drip(writer, &head, every).await?;
            return finish(writer, Bytes::new(), &answer.body, request, site, ticket).await;
        }
        HeadDelivery::Endless => {
            writer.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            repeat(writer, &filler_headers(), u64::MAX).await?;
        }
        HeadDelivery::Interim => {
            repeat(
                writer,
                &"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n".repeat(64).into_bytes(),
                u64::MAX,
            )
            .await?;
        }
    }
    let body = answer.body;
    match answer.delivery.body {
        BodyDelivery::Whole => finish(writer, head.into(), &body, request, site, ticket).await,
        BodyDelivery::Drip(every) => {
            writer.write_all(&head).await?;
            drip(writer, &body, every).await?;
            Ok(Outcome::Closed)
        }
        BodyDelivery::Reset => {
            writer.write_all(&head).await?;
            writer.write_all(body.get(..body.len() / 2).unwrap_or_default()).await?;
            writer.flush().await?;
            // A reset throws away what the client has not read yet; it is to see the first half.
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok(Outcome::Reset)
        }
        BodyDelivery::Short(_) => {
            writer.write_all(&head).await?;
            writer.write_all(&body).await?;
            Ok(Outcome::Broken)
        }
        BodyDelivery::Long(_) => {
            writer.write_all(&head).await?;
            writer.write_all(&body).await?;
            Ok(Outcome::Closed)
        }
        BodyDelivery::EndlessChunks => {
            writer.write_all(&head).await?;
            write_chunk(writer, &body).await?;
            let mut chunk = b"1000\r\n".to_vec();
            chunk.resize(chunk.len() + 0x1000, b' ');
            chunk.extend_from_slice(b"\r\n");
            repeat(writer, &chunk, u64::MAX).await?;
            Ok(Outcome::Broken)
        }
        BodyDelivery::EndlessTrailers => {
            writer.write_all(&head).await?;
            write_chunk(writer, &body).await?;
            writer.write_all(b"0\r\n").await?;
            repeat(writer, &filler_headers(), u64::MAX).await?;
            Ok(Outcome::Broken)
        }
        BodyDelivery::Repeated { block, times, suffix } => {
            writer.write_all(&head).await?;
            writer.write_all(&body).await?;
            repeat(writer, &block, times).await?;
            writer.write_all(&suffix).await?;
            Ok(Outcome::Closed)
        }
    }
}

/// Sends the rest of a well-formed answer. The exchange counts as ended before the last byte leaves: a client that has
/// read the whole answer may ask again at once, and must not be judged for being faster than this task.
async fn finish(
    writer: &mut WriteHalf<'_>,
    head: Bytes,
    body: &Bytes,
    request: &Request,
    site: &Site,
    ticket: Ticket,
) -> io::Result<Outcome> {
    let body: &[u8] = if request.method == "HEAD" { &[] } else { body };
    let mut whole = Vec::with_capacity(head.len() + body.len());
    whole.extend_from_slice(&head);
    whole.extend_from_slice(body);
    let Some((last, most)) = whole.split_last() else { return Ok(Outcome::Closed) };
    writer.write_all(most).await?;
    site.log.end(ticket, End::Complete);
    writer.write_all(&[*last]).await?;
    Ok(if request.closes() { Outcome::Closed } else { Outcome::Kept })
}

fn head(answer: &Answer, request: &Request) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = answer.body.len();
    let mut closes = request.closes();
    match &answer.delivery.body {
        BodyDelivery::Whole if answer.status == 304 => {}
        BodyDelivery::Whole => head.push_str(&format!("Content-Length: {length}\r\n")),
        BodyDelivery::Drip(_) | BodyDelivery::Reset => {
            head.push_str(&format!("Content-Length: {length}\r\n"));
            closes = true;
        }
        BodyDelivery::Short(missing) => {
            head.push_str(&format!("Content-Length: {}\r\n", length + missing));
            closes = true;
        }
        BodyDelivery::Long(surplus) => {
            head.push_str(&format!("Content-Length: {}\r\n", length.saturating_sub(*surplus)));
            closes = true;
        }
        BodyDelivery::EndlessChunks | BodyDelivery::EndlessTrailers => head.push_str("Transfer-Encoding: chunked\r\n"),
        // The end of the connection ends the body.
        BodyDelivery::Repeated { .. } => closes = true,
    }
    head.push_str(if closes { "Connection: close\r\n\r\n" } else { "Connection: keep-alive\r\n\r\n" });
    head.into_bytes()
}

async fn write_chunk(writer: &mut WriteHalf<'_>, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    writer.write_all(format!("{:x}\r\n", bytes.len()).as_bytes()).await?;
    writer.write_all(bytes).await?;
    writer.write_all(b"\r\n").await
}

async fn drip(writer: &mut WriteHalf<'_>, bytes: &[u8], every: Duration) -> io::Result<()> {
    for byte in bytes {
        writer.write_all(&[*byte]).await?;
        tokio::time::sleep(every).await;
    }
    Ok(())
}

async fn repeat(writer: &mut WriteHalf<'_>, block: &[u8], times: u64) -> io::Result<()> {
    for _ in 0..times {
        writer.write_all(block).await?;
        // Loopback may take everything at once; other tasks of the runtime are to go on.
        tokio::task::yield_now().await;
    }
    Ok(())
}

fn filler_headers() -> Vec<u8> {
    (0..64).map(|nth| format!("X-Filler-{nth}: {}\r\n", "f".repeat(32))).collect::<String>().into_bytes()
}
