//! Connections: each has its own thread, one request, and limits on everything.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::request::{self, Refusal};
use super::site::{Answer, Headers, Site};
use crate::failure::{Result, failure};

/// The maximum of simultaneous connections. Each open page keeps one.
const MAX_CONNECTIONS: usize = 256;
/// How long a client may leave a response unread.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the server checks whether an open page is still there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How much of a refused request is read and discarded, and for how long, so that the client can
/// read the answer.
const LEFTOVER_BYTES: usize = 4 * 1024 * 1024;
const LEFTOVER_TIME: Duration = Duration::from_secs(1);

/// The path of the event stream, on which pages wait for the next build.
const EVENTS: &str = ".tfadir/events";

/// A server that listens, but does not respond yet: clients wait.
#[derive(Debug)]
pub(crate) struct Bound {
    listener: TcpListener,
    /// With the actual port.
    pub(crate) address: SocketAddr,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    site: Mutex<Arc<Site>>,
    changed: Condvar,
    connections: AtomicUsize,
}

impl Bound {
    /// Listens at an address. Port 0 uses any free port.
    pub(crate) fn to(address: SocketAddr) -> Result<Self> {
        let failed = |error| {
            failure!(
                "cannot listen at {address}: {error}";
                help: "choose another port with --port (0 takes any free one) or another address \
                       with --address"
            )
        };
        let listener = TcpListener::bind(address).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address })
    }

    /// Starts to respond.
    pub(crate) fn serve(self, site: Site) -> io::Result<Arc<Server>> {
        let (site, changed) = (Mutex::new(Arc::new(site)), Condvar::new());
        let connections = AtomicUsize::new(0);
        let server = Arc::new(Server {
            address: self.address,
            site,
            changed,
            connections,
        });
        let accepting = Arc::clone(&server);
        thread::Builder::new().spawn(move || accepting.accept(&self.listener))?;
        Ok(server)
    }
}

impl Server {
    /// The site that is currently served.
    pub(crate) fn site(&self) -> Arc<Site> {
        Arc::clone(&self.locked())
    }

    /// Serves a newer site, and notifies open pages.
    pub(crate) fn show(&self, site: Site) {
        *self.locked() = Arc::new(site);
        self.changed.notify_all();
    }

    fn locked(&self) -> MutexGuard<'_, Arc<Site>> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        loop {
            let Ok((stream, _)) = listener.accept() else {
                // For example too many open files, which may pass.
                thread::sleep(Duration::from_millis(100));
                continue;
            };
            if self.connections.fetch_add(1, Ordering::Relaxed) >= MAX_CONNECTIONS {
                self.connections.fetch_sub(1, Ordering::Relaxed);
                continue;
            }
            // The closure owns the guard, so it is dropped even if no thread can be started.
            let connection = Connection(Arc::clone(self));
            let _ = thread::Builder::new().spawn(move || connection.0.serve(stream));
        }
    }

    fn serve(&self, mut stream: TcpStream) {
        let Some(request) = request::read(&mut stream, self.address) else {
            return;
        };
        let site = self.site();
        let _ = stream.set_write_timeout(Some(PATIENCE));
        // If the client is gone, there is nothing to do.
        let _ = match &request {
            Ok(request) if request.path == EVENTS && !request.is_head => {
                self.send_builds(&mut stream, &site)
            }
            Ok(request) => respond(&mut stream, &site.answer(request), request.is_head),
            Err(refusal) => refuse(&mut stream, &site, *refusal),
        };
    }

    /// Sends the number of each build to a page until it is closed.
    fn send_builds(&self, stream: &mut TcpStream, site: &Site) -> io::Result<()> {
        write_head(stream, 200, &site.events().headers)?;
        let mut sent = None;
        loop {
            let build = {
                let is_old = |site: &mut Arc<Site>| sent == Some(site.build);
                let waited = self
                    .changed
                    .wait_timeout_while(self.locked(), HEARTBEAT, is_old);
                waited.unwrap_or_else(PoisonError::into_inner).0.build
            };
            let event = match sent {
                Some(sent) if sent == build => ":\n\n".to_owned(),
                _ => format!("data: {build}\n\n"),
            };
            sent = Some(build);
            stream.write_all(event.as_bytes())?;
        }
    }
}

/// Counts as one connection until it is dropped.
struct Connection(Arc<Server>);

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

/// Responds to a request that was not read completely. Closing a connection with unread bytes
/// resets it, and the answer may be lost, so the rest is read first.
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

fn write_head(stream: &mut TcpStream, status: u16, headers: &Headers) -> io::Result<()> {
    // The reason phrase is optional (RFC 9112, section 4); the space is not.
    let mut head = format!("HTTP/1.1 {status} \r\nConnection: close\r\n");
    head.extend(
        headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n")),
    );
    stream.write_all((head + "\r\n").as_bytes())
}
