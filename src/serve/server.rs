//! Connections: each has a thread of its own, one request, and limits on all it may take.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::request::{self, Refusal};
use super::site::{Answer, Site};

/// How many connections there may be at a time. Each open page keeps one.
const MAX_CONNECTIONS: usize = 256;
/// How long a client may leave an answer unread.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often an open page is asked whether it is still there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How much of a refused request is read and thrown away, and for how long, so that the client
/// gets to read the answer.
const LEFTOVER_BYTES: usize = 4 * 1024 * 1024;
const LEFTOVER_TIME: Duration = Duration::from_secs(1);

/// Where pages wait for the next build.
const EVENTS: &str = ".tfadir/events";

/// The server cannot listen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    /// Somebody else does already.
    #[error(
        "another program listens at {0}\n\
         help: name another port with --port; 0 takes a free one"
    )]
    InUse(SocketAddr),
    /// The system does not let us.
    #[error(
        "cannot listen at {address}: {source}\n\
         help: name another port with --port, above 1023, or an address of this machine with --address"
    )]
    Refused {
        /// Where.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
}

/// An address that nobody else can have; who connects waits.
#[derive(Debug)]
pub(crate) struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

/// A server that answers.
#[derive(Debug)]
pub(crate) struct Server {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    address: SocketAddr,
    site: Mutex<Arc<Site>>,
    changed: Condvar,
    connections: AtomicUsize,
}

impl Bound {
    /// Takes an address. Port 0 is any free one.
    ///
    /// # Errors
    ///
    /// [`BindError`] where the address cannot be had.
    pub(crate) fn to(address: SocketAddr) -> Result<Self, BindError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse(address),
            _ => BindError::Refused { address, source },
        };
        let listener = TcpListener::bind(address).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address })
    }

    /// Where it is, with the port that it was given.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers from a site from now on.
    ///
    /// # Errors
    ///
    /// Where the system has no thread left for it.
    pub(crate) fn serve(self, site: Site) -> io::Result<Server> {
        let shared = Arc::new(Shared {
            address: self.address,
            site: Mutex::new(Arc::new(site)),
            changed: Condvar::new(),
            connections: AtomicUsize::new(0),
        });
        let accepting = Arc::clone(&shared);
        thread::Builder::new().spawn(move || accepting.accept(&self.listener))?;
        Ok(Server { shared })
    }
}

impl Server {
    /// What is served at the moment.
    pub(crate) fn site(&self) -> Arc<Site> {
        Arc::clone(&self.shared.site())
    }

    /// Serves a newer site, and tells open pages.
    pub(crate) fn show(&self, site: Site) {
        *self.shared.site() = Arc::new(site);
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn site(&self) -> MutexGuard<'_, Arc<Site>> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        loop {
            let Ok((stream, _)) = listener.accept() else {
                // Such as too many open files, which may be over soon.
                thread::sleep(Duration::from_millis(100));
                continue;
            };
            if self.connections.fetch_add(1, Ordering::Relaxed) >= MAX_CONNECTIONS {
                self.connections.fetch_sub(1, Ordering::Relaxed);
                continue;
            }
            // The guard is part of the closure, so it is dropped where no thread can be had as well.
            let connection = Connection(Arc::clone(self));
            let _ = thread::Builder::new().spawn(move || connection.0.serve(stream));
        }
    }

    fn serve(&self, mut stream: TcpStream) {
        let Some(request) = request::read(&mut stream, self.address) else {
            return;
        };
        let site = Arc::clone(&self.site());
        let _ = stream.set_write_timeout(Some(PATIENCE));
        // A client that is gone need not be told anything.
        let _ = match &request {
            Ok(request) if request.path == EVENTS && !request.is_head => {
                self.tell_builds(&mut stream, &site)
            }
            Ok(request) => respond(&mut stream, &site.answer(request), request.is_head),
            Err(refusal) => refuse(&mut stream, &site, *refusal),
        };
    }

    /// Tells a page the number of each build, until it is closed.
    fn tell_builds(&self, stream: &mut TcpStream, site: &Site) -> io::Result<()> {
        write_head(stream, 200, &site.event_headers())?;
        let mut told = None;
        loop {
            let build = {
                let is_old = |site: &mut Arc<Site>| told == Some(site.build);
                let waited = self.changed.wait_timeout_while(self.site(), HEARTBEAT, is_old);
                waited.unwrap_or_else(PoisonError::into_inner).0.build
            };
            let event = match told {
                Some(told) if told == build => ":\n\n".to_owned(),
                _ => format!("data: {build}\n\n"),
            };
            told = Some(build);
            stream.write_all(event.as_bytes())?;
        }
    }
}

/// One of the connections that may be open at a time.
struct Connection(Arc<Shared>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

fn respond(stream: &mut TcpStream, answer: &Answer<'_>, is_head: bool) -> io::Result<()> {
    let mut headers = answer.headers.clone();
    if answer.status != 304 {
        headers.push(("Content-Length", answer.body.len().to_string()));
    }
    write_head(stream, answer.status, &headers)?;
    if !is_head {
        stream.write_all(&answer.body)?;
    }
    stream.flush()
}

/// Answers what was not read to its end. A connection that is closed with bytes unread is reset,
/// and the answer may be lost with it, so the rest is read first.
fn refuse(stream: &mut TcpStream, site: &Site, refusal: Refusal) -> io::Result<()> {
    respond(stream, &site.refuse(refusal), false)?;
    stream.shutdown(Shutdown::Write)?;
    let deadline = Instant::now() + LEFTOVER_TIME;
    let mut buffer = [0; 16 * 1024];
    let mut read = 0;
    while read < LEFTOVER_BYTES {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut buffer)? {
            0 => break,
            number => read += number,
        }
    }
    Ok(())
}

fn write_head(
    stream: &mut TcpStream,
    status: u16,
    headers: &[(&'static str, String)],
) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} {}\r\nConnection: close\r\n", phrase(status));
    for (name, value) in headers {
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())
}

/// What a status code means in words (RFC 9110, section 15); no client relies on them.
fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        304 => "Not Modified",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        421 => "Misdirected Request",
        431 => "Request Header Fields Too Large",
        _ => "Internal Server Error",
    }
}
