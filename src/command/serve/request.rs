//! Requests (RFC 9112): read within limits, parsed, and refused if they are not for this server.

use std::io::{ErrorKind, Read};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;

const MAX_HEAD_BYTES: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;
/// How long a client may take to send its request.
const PATIENCE: Duration = Duration::from_secs(5);

/// A GET or HEAD request. Bodies are never read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// The decoded path without its leading slash and without the query.
    pub(crate) path: String,
    pub(crate) is_head: bool,
}

/// An error response: a status code and a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: &'static str,
}

const MALFORMED: Refusal = Refusal {
    status: 400,
    message: "The request is not valid HTTP.",
};
const NOT_UTF8: Refusal = Refusal {
    status: 400,
    message: "The path is not valid UTF-8.",
};
const NO_HOST: Refusal = Refusal {
    status: 400,
    message: "Send exactly one Host header.",
};
const METHOD: Refusal = Refusal {
    status: 405,
    message: "Use GET or HEAD.",
};
const TOO_SLOW: Refusal = Refusal {
    status: 408,
    message: "The request took too long.",
};
const FOREIGN: Refusal = Refusal {
    status: 421,
    message: "Wrong host. Use the address that `tfadir serve` printed.",
};
const TOO_LONG: Refusal = Refusal {
    status: 431,
    message: "The request is too long.",
};

/// Too many pages wait for builds.
pub(super) const TOO_MANY: Refusal = Refusal {
    status: 503,
    message: "Too many pages are open. Close some, then reload.",
};

/// Reads a request, or `None` if the client closed the connection. `own` is the address that the
/// server is bound to.
pub(crate) fn read(stream: &mut TcpStream, own: SocketAddr) -> Option<Result<Request, Refusal>> {
    let deadline = Instant::now() + PATIENCE;
    let mut head = Vec::with_capacity(1024);
    let mut buffer = [0; 4096];
    while head.len() < MAX_HEAD_BYTES {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return Some(Err(TOO_SLOW));
        }
        match stream.read(&mut buffer).map_err(|error| error.kind()) {
            Ok(0) => return None,
            Ok(number) => head.extend_from_slice(buffer.get(..number)?),
            Err(ErrorKind::Interrupted) => continue,
            // Systems report a timeout as one or the other.
            Err(ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Some(Err(TOO_SLOW)),
            Err(_) => return None,
        }
        if let Some(parsed) = parse(&head, own).transpose() {
            return Some(parsed);
        }
    }
    Some(Err(TOO_LONG))
}

/// Parses the bytes received so far; `None` if the request is not complete.
pub(crate) fn parse(head: &[u8], own: SocketAddr) -> Result<Option<Request>, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    match parsed.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(TOO_LONG),
        Err(_) => return Err(MALFORMED),
    }
    let mut hosts = Vec::new();
    for header in &*parsed.headers {
        if header.name.eq_ignore_ascii_case("host") {
            hosts.push(str::from_utf8(header.value).unwrap_or_default());
        }
    }
    let [host] = hosts[..] else {
        return Err(NO_HOST);
    };
    if !is_own(host, own) {
        return Err(FOREIGN);
    }
    let is_head = match parsed.method {
        Some("GET") => false,
        Some("HEAD") => true,
        _ => return Err(METHOD),
    };
    let target = parsed
        .path
        .and_then(|target| target.strip_prefix('/'))
        .ok_or(MALFORMED)?;
    let encoded = target.split('?').next().unwrap_or_default();
    let path = percent_decode_str(encoded)
        .decode_utf8()
        .map_err(|_| NOT_UTF8)?
        .into_owned();
    Ok(Some(Request { path, is_head }))
}

/// Whether a `Host` header names this server.
///
/// A page elsewhere can point its own hostname at this server and read what is served here (DNS
/// rebinding). Such requests carry the foreign hostname, so only `localhost` and IP addresses are
/// accepted: loopback addresses, the address that the server is bound to, and any address if it is
/// bound to all.
fn is_own(host: &str, own: SocketAddr) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        _ => (host, "80"),
    };
    let is_known = match name
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>()
    {
        Ok(ip) => ip.is_loopback() || ip == own.ip() || own.ip().is_unspecified(),
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    };
    is_known && port == own.port().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8000);

    fn get(target: &str) -> Result<Option<Request>, Refusal> {
        let head = format!("GET {target} HTTP/1.1\r\nHost: localhost:8000\r\n\r\n");
        parse(head.as_bytes(), OWN)
    }

    fn path(target: &str) -> String {
        get(target).unwrap().unwrap().path
    }

    #[test]
    fn paths_are_decoded_once_and_stripped_of_their_query() {
        assert_eq!(path("/"), "");
        assert_eq!(path("/v4/all.json?x=/../y"), "v4/all.json");
        assert_eq!(path("/%76%34/all.json"), "v4/all.json");
        assert_eq!(path("/%2576"), "%76");
        assert_eq!(path("/%zz"), "%zz");
        assert_eq!(get("/%ff"), Err(NOT_UTF8));
    }

    #[test]
    fn targets_must_be_paths() {
        assert_eq!(get("http://localhost:8000/"), Err(MALFORMED));
        assert_eq!(get("*"), Err(MALFORMED));
    }

    #[test]
    fn a_request_is_parsed_when_it_is_complete() {
        let head = b"HEAD / HTTP/1.1\r\nHost: localhost:8000\r\n\r\n";
        for end in 0..head.len() {
            assert_eq!(parse(&head[..end], OWN), Ok(None), "after {end} bytes");
        }
        let request = parse(head, OWN).unwrap().unwrap();
        assert!(request.is_head);
    }

    #[test]
    fn a_foreign_host_is_refused() {
        for host in [
            "localhost:8000",
            "LocalHost:8000",
            "127.0.0.1:8000",
            "[::1]:8000",
        ] {
            assert!(is_own(host, OWN), "{host}");
        }
        for host in [
            "",
            "localhost",
            "localhost:80",
            "localhost:8001",
            "evil.example",
            "evil.example:8000",
            "localhost.evil.example:8000",
            "127.0.0.1.evil.example:8000",
            "192.0.2.1:8000",
        ] {
            assert!(!is_own(host, OWN), "{host}");
        }
        assert!(is_own("localhost", SocketAddr::new(OWN.ip(), 80)));
        let everywhere: SocketAddr = "0.0.0.0:8000".parse().unwrap();
        assert!(is_own("192.0.2.1:8000", everywhere));
        assert!(!is_own("evil.example:8000", everywhere));
    }
}
