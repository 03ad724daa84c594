//! A client that sends raw bytes and reads the response.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A response, as far as it could be read.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header that occurs once.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let mut values = self
            .headers
            .iter()
            .filter(|(it, _)| it.eq_ignore_ascii_case(name));
        match (values.next(), values.next()) {
            (Some((_, value)), None) => value,
            _ => panic!("not one `{name}` in {:?}", self.headers),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.headers
            .iter()
            .any(|(it, _)| it.eq_ignore_ascii_case(name))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// Sends bytes and reads until the server closes; `None` if it sends no response.
pub fn exchange(address: &str, request: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    // The server may close the connection before all bytes are sent.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|it| it == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_owned(), value.to_owned())
    };
    let mut answer = Answer {
        status,
        headers: lines.map(header).collect(),
        body: bytes[end + 4..].to_vec(),
    };
    if answer.has("Transfer-Encoding") {
        answer.body = joined(&answer.body);
    }
    Some(answer)
}

/// Decodes a chunked body (RFC 9112, section 7.1).
fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = chunks.windows(2).position(|it| it == b"\r\n").unwrap();
        let size = str::from_utf8(&chunks[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return body;
        }
        let start = end + 2;
        body.extend_from_slice(&chunks[start..start + size]);
        chunks = &chunks[start + size + 2..];
    }
}

/// A request with further headers, each as `Name: value`.
#[track_caller]
pub fn request(address: &str, method: &str, path: &str, headers: &[&str]) -> Answer {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    text.push_str("\r\n");
    exchange(address, text.as_bytes()).unwrap_or_else(|| panic!("no answer to {method} {path}"))
}

#[track_caller]
pub fn get(address: &str, path: &str) -> Answer {
    request(address, "GET", path, &[])
}
