//! Connections: each has its own thread, one request, and limits on everything.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::request;
use super::site::{Answer, Headers, Site};
use crate::failure::{Result, failure};

/// The maximum of simultaneous connections.
const MAX_CONNECTIONS: usize = 256;
/// How many of them may be event streams, of which each open page keeps one. The others stay free for
/// requests.
const MAX_STREAMS: usize = 64;
/// How long an event stream waits for a build. Then the page asks again, so the stream of a page that
/// was closed ends.
const STREAM_TIME: Duration = Duration::from_secs(15);
/// How long a client may leave a response unread.
const PATIENCE: Duration = Duration::from_secs(10);

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
    streams: AtomicUsize,
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
        let server = Arc::new(Server {
            address: self.address,
            site,
            changed,
            connections: AtomicUsize::new(0),
            streams: AtomicUsize::new(0),
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
            // The thread owns the slot, which becomes free even if no thread can be started.
            let Some(slot) = Slot::of(self, |server| &server.connections, MAX_CONNECTIONS) else {
                continue;
            };
            let _ = thread::Builder::new().spawn(move || slot.server.serve(stream));
        }
    }

    fn serve(self: &Arc<Self>, mut stream: TcpStream) {
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
            Ok(request) => {
                let body = if request.is_head {
                    Body::Omit
                } else {
                    Body::Send
                };
                respond(&mut stream, &site.answer(request), body)
            }
            Err(refusal) => respond(&mut stream, &site.refuse(*refusal), Body::Send),
        };
    }

    /// Sends the number of the build to a page, and that of the next one if it is built in time.
    fn send_builds(self: &Arc<Self>, stream: &mut TcpStream, site: &Site) -> io::Result<()> {
        let Some(_slot) = Slot::of(self, |server| &server.streams, MAX_STREAMS) else {
            return respond(stream, &site.refuse(request::TOO_MANY), Body::Send);
        };
        write_head(stream, 200, &site.events().headers)?;
        let sent = self.site().build;
        stream.write_all(format!("retry: 500\ndata: {sent}\n\n").as_bytes())?;
        let is_old = |site: &mut Arc<Site>| site.build == sent;
        let waited = self
            .changed
            .wait_timeout_while(self.locked(), STREAM_TIME, is_old);
        let build = waited.unwrap_or_else(PoisonError::into_inner).0.build;
        stream.write_all(format!("data: {build}\n\n").as_bytes())
    }
}

/// One of a bounded number of connections or streams, until it is dropped.
struct Slot {
    server: Arc<Server>,
    counter: fn(&Server) -> &AtomicUsize,
}

impl Slot {
    /// A slot, if fewer than `max` are taken.
    fn of(server: &Arc<Server>, counter: fn(&Server) -> &AtomicUsize, max: usize) -> Option<Self> {
        let slot = Self {
            server: Arc::clone(server),
            counter,
        };
        let taken = counter(server).fetch_add(1, Ordering::Relaxed);
        (taken < max).then_some(slot)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        (self.counter)(&self.server).fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether the body of an answer is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Send,
    /// In answer to HEAD.
    Omit,
}

fn respond(stream: &mut TcpStream, answer: &Answer<'_>, body: Body) -> io::Result<()> {
    let mut headers = answer.headers.clone();
    headers.push(("Content-Length", answer.body.len().to_string()));
    write_head(stream, answer.status, &headers)?;
    if body == Body::Send {
        stream.write_all(&answer.body)?;
    }
    stream.flush()
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
