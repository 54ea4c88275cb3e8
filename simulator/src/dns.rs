//! A name server on loopback that knows some TXT records and nothing else.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};
use crate::site::lock;

/// Longest question over UDP.
const MAX_QUESTION_BYTES: usize = 512;

/// Bytes before the question.
const HEADER_BYTES: usize = 12;

/// The type and the class that are known: TXT of the internet.
const TXT: [u8; 4] = [0, 16, 0, 1];

/// Answers until it is dropped.
pub struct NameServer {
    address: SocketAddr,
    records: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
    questions: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl NameServer {
    /// Starts one without records.
    ///
    /// # Errors
    /// [`Error::Listen`].
    pub async fn start() -> Result<Self> {
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let failed = |source| Error::Listen { host: "name server".to_owned(), address: wanted, source };
        let socket = UdpSocket::bind(wanted).await.map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        let (records, questions) = (Arc::default(), Arc::default());
        let serving = tokio::spawn(serve(socket, Arc::clone(&records), Arc::clone(&questions)));
        Ok(Self { address, records, questions, serving })
    }

    /// Where it listens, over UDP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Adds a TXT record to a name without its final dot.
    pub fn add_txt(&self, name: &str, text: &str) {
        lock(&self.records).entry(name.to_lowercase()).or_default().push(text.to_owned());
    }

    /// The names that were asked for, in order.
    pub fn questions(&self) -> Vec<String> {
        lock(&self.questions).clone()
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(
    socket: UdpSocket,
    records: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
    questions: Arc<Mutex<Vec<String>>>,
) {
    let mut buffer = [0; MAX_QUESTION_BYTES];
    while let Ok((n_bytes, peer)) = socket.recv_from(&mut buffer).await {
        let Some((name, question)) = buffer.get(..n_bytes).and_then(parse) else { continue };
        let id = buffer.get(..2).unwrap_or_default().to_vec();
        lock(&questions).push(name.clone());
        let texts = lock(&records).get(&name).cloned().unwrap_or_default();
        let is_txt = question.ends_with(&TXT);
        let answer = write(&id, &question, if is_txt { &texts } else { &[] });
        if socket.send_to(&answer, peer).await.is_err() {
            return;
        }
    }
}

/// The name of the one question, lower case, and the question as it was sent.
fn parse(message: &[u8]) -> Option<(String, Vec<u8>)> {
    let mut at = HEADER_BYTES;
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*message.get(at)?);
        if length == 0 {
            break;
        }
        // No pointers stand in a question.
        let label = message.get(at + 1..at + 1 + length).filter(|_| length < 64)?;
        labels.push(String::from_utf8_lossy(label).to_lowercase());
        at += 1 + length;
    }
    Some((labels.join("."), message.get(HEADER_BYTES..at + 5)?.to_vec()))
}

/// An answer with authority: no records of a name that is not known means that there is no such name.
fn write(id: &[u8], question: &[u8], texts: &[String]) -> Vec<u8> {
    let mut answer = id.to_vec();
    let code = if texts.is_empty() { 3 } else { 0 };
    answer.extend([0x85, 0x80 | code, 0, 1]);
    answer.extend(u16::try_from(texts.len()).unwrap_or(0).to_be_bytes());
    answer.extend([0, 0, 0, 0]);
    answer.extend(question);
    for text in texts {
        let bytes: Vec<u8> = text.bytes().take(255).collect();
        let length = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        // The name is that of the question, at byte 12.
        answer.extend([0xc0, 12]);
        answer.extend(TXT);
        answer.extend(60_u32.to_be_bytes());
        answer.extend((u16::from(length) + 1).to_be_bytes());
        answer.push(length);
        answer.extend(bytes);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_question_gets_its_records() {
        let server = NameServer::start().await.unwrap();
        server.add_txt("a.example", "hello");
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut question = vec![1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        question.extend(b"\x01A\x07example\x00");
        question.extend(TXT);
        socket.send_to(&question, server.address()).await.unwrap();
        let mut buffer = [0; 512];
        let n = socket.recv(&mut buffer).await.unwrap();
        assert_eq!(buffer[..2], [1, 2]);
        assert!(buffer[..n].ends_with(b"\x06\x05hello"));
        assert_eq!(server.questions(), ["a.example"]);
    }
}
