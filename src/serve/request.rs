//! Requests (RFC 9112): read within limits, parsed, and refused where they are not for us.

use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;

/// The most that a request may take up to its empty line; what is beyond is an attack or an error.
const MAX_BYTES: usize = 16 * 1024;
/// The most headers that a request may have.
const MAX_HEADERS: usize = 64;
/// How long a client may take for all of its request.
const PATIENCE: Duration = Duration::from_secs(5);

/// A request that can be answered. Only GET and HEAD come so far; a body is never read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// The path, decoded, without the slash in front and without the query.
    pub(crate) path: String,
    /// Whether only the head of the answer is asked for.
    pub(crate) is_head: bool,
    /// The entity tags that the client has (RFC 9110, section 13.1.2), as it wrote them.
    pub(crate) if_none_match: Option<String>,
}

/// Why a request is not answered: a status code with its reason phrase and a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The status code (RFC 9110, section 15).
    pub(crate) status: u16,
    /// What is wrong.
    pub(crate) message: &'static str,
}

const MALFORMED: Refusal = Refusal { status: 400, message: "This is no request." };
const NOT_UTF8: Refusal = Refusal { status: 400, message: "The path is not in UTF-8." };
const NO_HOST: Refusal = Refusal { status: 400, message: "There must be one header `Host`." };
const METHOD: Refusal = Refusal { status: 405, message: "Only GET and HEAD are answered." };
const TOO_SLOW: Refusal = Refusal { status: 408, message: "The request took too long." };
const FOREIGN: Refusal =
    Refusal { status: 421, message: "This server has another name. Use the address it printed." };
const TOO_LONG: Refusal = Refusal { status: 431, message: "The request is too long." };

/// Reads a request.
///
/// `None` where the client went away. `own` is the address that the server is bound to.
pub(crate) fn read(stream: &mut TcpStream, own: SocketAddr) -> Option<Result<Request, Refusal>> {
    let deadline = Instant::now() + PATIENCE;
    let mut head = Vec::with_capacity(1024);
    let mut buffer = [0; 4096];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return Some(Err(TOO_SLOW));
        }
        let number = match stream.read(&mut buffer) {
            Ok(0) => return None,
            Ok(number) => number,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // Both kinds mean that time is up, one on each kind of system.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) =>
            {
                return Some(Err(TOO_SLOW));
            }
            Err(_) => return None,
        };
        head.extend_from_slice(buffer.get(..number).unwrap_or_default());
        match parse(&head, own) {
            Ok(None) if head.len() < MAX_BYTES => {}
            Ok(None) => return Some(Err(TOO_LONG)),
            Ok(Some(request)) => return Some(Ok(request)),
            Err(refusal) => return Some(Err(refusal)),
        }
    }
}

/// Parses what has come so far; `None` if that is not all.
fn parse(head: &[u8], own: SocketAddr) -> Result<Option<Request>, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    match parsed.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(TOO_LONG),
        Err(_) => return Err(MALFORMED),
    }
    let values = |name: &str| {
        let values = parsed.headers.iter().filter(|it| it.name.eq_ignore_ascii_case(name));
        values.map(|it| str::from_utf8(it.value).ok()).collect::<Vec<_>>()
    };
    let host = match values("host").as_slice() {
        [Some(host)] => *host,
        _ => return Err(NO_HOST),
    };
    if !is_own(host, own) {
        return Err(FOREIGN);
    }
    let is_head = match parsed.method {
        Some("GET") => false,
        Some("HEAD") => true,
        _ => return Err(METHOD),
    };
    let target = parsed.path.and_then(|it| it.strip_prefix('/')).ok_or(MALFORMED)?;
    let path = target.split('?').next().unwrap_or_default();
    let path = percent_decode_str(path).decode_utf8().map_err(|_| NOT_UTF8)?.into_owned();
    let tags: Vec<&str> = values("if-none-match").into_iter().flatten().collect();
    let if_none_match = (!tags.is_empty()).then(|| tags.join(", "));
    Ok(Some(Request { path, is_head, if_none_match }))
}

/// Whether a header `Host` names this server.
///
/// A page elsewhere can give its own host name the address of this server and then read what is
/// served here (DNS rebinding). Such a request carries the foreign name, so only `localhost` and
/// addresses are taken: loopback ones, the one that the server is bound to, and where it is bound to
/// all, any.
fn is_own(host: &str, own: SocketAddr) -> bool {
    let is_own = |host: &str| {
        if let Ok(named) = host.parse::<SocketAddr>() {
            let ip = named.ip();
            let is_known = ip.is_loopback() || ip == own.ip() || own.ip().is_unspecified();
            return is_known && named.port() == own.port();
        }
        let named = host.rsplit_once(':');
        named.is_some_and(|(name, port)| {
            name.eq_ignore_ascii_case("localhost") && port == own.port().to_string()
        })
    };
    is_own(host) || is_own(&format!("{host}:80"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8000);

    fn get(target: &str) -> Result<Option<Request>, Refusal> {
        let head = format!("GET {target} HTTP/1.1\r\nHost: localhost:8000\r\n\r\n");
        parse(head.as_bytes(), OWN)
    }

    fn path(target: &str) -> String {
        get(target).unwrap().unwrap().path
    }

    #[test]
    fn paths_are_decoded_once_and_lose_their_query() {
        assert_eq!(path("/"), "");
        assert_eq!(path("/v4/all.json?x=/../y"), "v4/all.json");
        assert_eq!(path("/%76%34/all.json"), "v4/all.json");
        assert_eq!(path("/%2576"), "%76");
        assert_eq!(path("/%zz"), "%zz");
        assert_eq!(get("/%ff"), Err(NOT_UTF8));
    }

    #[test]
    fn only_paths_are_targets() {
        assert_eq!(get("http://localhost:8000/"), Err(MALFORMED));
        assert_eq!(get("*"), Err(MALFORMED));
    }

    #[test]
    fn a_request_is_parsed_once_it_is_whole() {
        let head = b"HEAD / HTTP/1.1\r\nHost: localhost:8000\r\nIf-None-Match: \"a\"\r\n\r\n";
        for end in 0..head.len() {
            assert_eq!(parse(&head[..end], OWN), Ok(None), "after {end} bytes");
        }
        let request = parse(head, OWN).unwrap().unwrap();
        assert!(request.is_head);
        assert_eq!(request.if_none_match.as_deref(), Some("\"a\""));
    }

    #[test]
    fn a_foreign_name_is_refused() {
        for host in ["localhost:8000", "LocalHost:8000", "127.0.0.1:8000", "[::1]:8000"] {
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
