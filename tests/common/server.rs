//! A minimal web server for static files on the loopback interface, which compresses them for clients that ask for it.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Serves one folder, which can be replaced. It ends with the process.
pub struct Server {
    /// The URL, which ends with a slash.
    pub address: String,
    folder: Arc<Mutex<PathBuf>>,
}

impl Server {
    /// A server that answers every request with 404 until it has a folder.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let folder = Arc::new(Mutex::new(PathBuf::from("/nonexistent")));
        let current = Arc::clone(&folder);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let folder = current.lock().unwrap().clone();
                // A client that disconnects is not an error of the server.
                thread::spawn(move || answer(stream, &folder).ok());
            }
        });
        Self { address, folder }
    }

    pub fn serve(&self, folder: &Path) {
        folder.clone_into(&mut self.folder.lock().unwrap());
    }
}

fn answer(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut is_compressed = false;
    for line in lines {
        let line = line?.to_ascii_lowercase();
        is_compressed |= line.starts_with("accept-encoding:") && line.contains("gzip");
        if line.is_empty() {
            break;
        }
    }
    let path = request
        .split(' ')
        .nth(1)
        .unwrap_or_default()
        .trim_start_matches('/');
    let (status, mut body) = match fs::read(folder.join(path)) {
        Ok(bytes) if !path.contains("..") => ("200 OK", bytes),
        _ => ("404 Not Found", b"there is no such file".to_vec()),
    };
    let mut encoding = "";
    if is_compressed && !path.ends_with(".gz") {
        encoding = "Content-Encoding: gzip\r\n";
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&body)?;
        body = encoder.finish()?;
    }
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{encoding}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)
}
