//! One HTTP/1.1 request as a fake host sees it.

use bytes::Bytes;
use percent_encoding::percent_decode_str;

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// Decoded path.
    pub path: String,
    /// Decoded parameters, in order.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it is read: see [`MAX_BODY_BYTES`].
    pub body: Bytes,
}

/// Longer bodies are read and dropped.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;

impl Request {
    /// Parses a head without its final empty line; `None` when it is not HTTP/1.
    pub fn parse(head: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(head).ok()?;
        let mut lines = text.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target, protocol) = (first.next()?, first.next()?, first.next()?);
        if !protocol.starts_with("HTTP/1.") || method.is_empty() {
            return None;
        }
        let headers = lines
            .filter(|line| !line.is_empty())
            .map(|line| line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())))
            .collect::<Option<Vec<_>>>()?;
        Some(Self::of(method, target, headers))
    }

    /// Builds a request from its parts. `target` may be in absolute form.
    pub fn of(method: &str, target: &str, headers: Vec<(String, String)>) -> Self {
        let target = match target.split_once("://") {
            Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
            None => target,
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            path: percent_decode_str(path).decode_utf8_lossy().into_owned(),
            query: query.split('&').filter(|pair| !pair.is_empty()).map(parameter).collect(),
            headers,
            body: Bytes::new(),
        }
    }

    /// The value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The last value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a list parameter, in the forms `a=1&a=2`, `a[]=1` and `a[0]=1`.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let is_item = |key: &str| {
            key == name
                || key.strip_prefix(name).is_some_and(|rest| {
                    rest.strip_prefix('[')
                        .and_then(|rest| rest.strip_suffix(']'))
                        .is_some_and(|index| index.bytes().all(|b| b.is_ascii_digit()))
                })
        };
        self.query.iter().filter(|(key, _)| is_item(key)).map(|(_, value)| value.as_str()).collect()
    }

    /// Replaces a parameter, or adds it.
    pub fn set_parameter(&mut self, name: &str, value: String) {
        self.query.retain(|(key, _)| key != name);
        self.query.push((name.to_owned(), value));
    }

    /// Whether the client wants the connection closed after the answer.
    pub fn closes(&self) -> bool {
        self.header("connection").is_some_and(|value| value.to_ascii_lowercase().contains("close"))
    }
}

fn parameter(pair: &str) -> (String, String) {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (decode(name), decode(value))
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_taken_apart() {
        let request = Request::parse(b"GET /api/v1/videos?count=1&tagsOneOf%5B%5D=a+b&tagsOneOf[1]=%C3%A9 HTTP/1.1\r\nHost: A.example\r\nIf-None-Match: W/\"x:y\"").unwrap();
        assert_eq!(request.path, "/api/v1/videos");
        assert_eq!(request.parameter("count"), Some("1"));
        assert_eq!(request.list("tagsOneOf"), ["a b", "é"]);
        assert_eq!(request.header("host"), Some("A.example"));
        assert_eq!(request.header("if-none-match"), Some("W/\"x:y\""));
        assert_eq!(Request::parse(b"nonsense"), None);
        assert_eq!(Request::of("GET", "http://a.example/x?y=1", Vec::new()).target, "/x?y=1");
    }
}
