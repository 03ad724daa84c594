//! `tfadir serve`, as browsers and attackers see it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};

use crate::common::{Directory, Tfadir, entry, names};
use crate::http::{Answer, exchange, get, request};

/// How long a change may take until it is served; usually it is less than a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that runs as long as this lives.
pub struct Server {
    child: Child,
    /// Its address and port.
    pub address: String,
    _stderr: BufReader<ChildStderr>,
}

impl Server {
    pub fn on(directory: &Directory) -> Self {
        Self::start(Tfadir::new(&["serve", "--port", "0"]).folder(directory.path()))
    }

    pub fn start(run: Tfadir) -> Self {
        let mut command = run.command();
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            assert!(
                stderr.read_line(&mut line).unwrap() > 0,
                "no address in:\n{said}"
            );
            if let Some((_, rest)) = line.split_once("Serving http://") {
                break rest.split('/').next().unwrap().to_owned();
            }
            said.push_str(&line);
        };
        Self {
            child,
            address,
            _stderr: stderr,
        }
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        get(&self.address, path)
    }

    fn send(&self, bytes: &[u8]) -> Option<Answer> {
        exchange(&self.address, bytes)
    }

    /// Repeats a request until the answer is right.
    #[track_caller]
    fn get_until(&self, path: &str, is_right: impl Fn(&Answer) -> bool) -> Answer {
        let start = Instant::now();
        loop {
            let answer = self.get(path);
            if is_right(&answer) {
                return answer;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{path} is still {}",
                answer.text()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn files_are_served_as_by_a_host_and_only_the_development_key_is_written() {
    let directory = Directory::new();
    let mut before = names(directory.path());
    before.push(".tfadir".to_owned());
    before.sort();
    let server = Server::on(&directory);
    let data = server.get("/v4/all.json");
    assert_eq!(data.status, 200);
    assert_eq!(data.header("Content-Type"), "application/json");
    assert_eq!(data.header("Access-Control-Allow-Origin"), "*");
    assert_eq!(data.header("X-Content-Type-Options"), "nosniff");
    assert_eq!(data.header("Cache-Control"), "no-cache");
    assert!(data.text().starts_with(r#"{"good.example":"#));

    let page = server.get("/");
    assert_eq!(page.status, 200);
    assert_eq!(page.header("Content-Type"), "text/html; charset=utf-8");
    assert!(
        page.header("Content-Security-Policy")
            .contains("default-src 'self'")
    );
    assert_eq!(page.body, server.get("/index.html?a=b").body);
    assert_eq!(server.get("/missing").status, 404);
    assert_eq!(server.get("/.nojekyll").status, 404);
    assert_eq!(names(directory.path()), before);
}

/// Any page that is open in the same browser could read a response with this header.
#[test]
fn other_origins_may_read_data_and_what_is_missing_but_no_page_and_no_finding() {
    const CORS: &str = "Access-Control-Allow-Origin";
    let directory = Directory::new();
    let server = Server::on(&directory);
    for path in [
        "/v4/all.json",
        "/manifest.json",
        "/robots.txt",
        "/style.css",
    ] {
        assert_eq!(server.get(path).header(CORS), "*", "{path}");
    }
    let own = [
        "/.tfadir/reload.js",
        "/.tfadir/findings.css",
        "/.tfadir/icon.svg",
        "/.tfadir/x",
    ];
    // As a host answers; programs on other sites look up what exists.
    for path in ["/missing", "/missing.json"] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header(CORS)), (404, "*"), "{path}");
    }
    for path in ["/", "/v4/", "/v4"].into_iter().chain(own) {
        assert!(!server.get(path).has(CORS), "{path}");
    }
    let host = &server.address;
    for request in [
        format!("POST / HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        "nonsense\r\n\r\n".into(),
    ] {
        assert!(
            !server.send(request.as_bytes()).unwrap().has(CORS),
            "{request}"
        );
    }
    let mut events = TcpStream::connect(host).unwrap();
    events.set_read_timeout(Some(PATIENCE)).unwrap();
    let asked = format!("GET /.tfadir/events HTTP/1.1\r\nHost: {host}\r\n\r\n");
    events.write_all(asked.as_bytes()).unwrap();
    let head = BufReader::new(events).lines().map(Result::unwrap);
    let head: Vec<String> = head.take_while(|line| !line.is_empty()).collect();
    assert!(!head.iter().any(|line| line.starts_with(CORS)), "{head:?}");

    let _broken = directory.file("entries/g/good.example.json", "{");
    let page = server.get_until("/", |page| page.status == 500);
    assert!(!page.has(CORS) && !server.get("/missing").has(CORS));
    assert_eq!(
        server.get("/v4/all.json").header(CORS),
        "*",
        "the data of the last good build"
    );
}

#[test]
fn the_preview_is_signed_with_the_development_key() {
    let directory = Directory::new();
    let server = Server::on(&directory);
    let page = server.get("/verify/").text();
    assert!(
        page.contains("class=\"fingerprint\"") && page.contains("development key"),
        "{page}"
    );
    let mut received = Directory::empty();
    for path in [
        "key.asc",
        "v4/all.json",
        "v4/all.json.sig",
        "v4/all.json.gpg",
        "manifest.json.gpg",
    ] {
        let answer = server.get(&format!("/{path}"));
        assert_eq!(answer.status, 200, "{path}");
        received = received.file(path, answer.body);
    }
    let files = ["v4/all.json.sig", "v4/all.json.gpg", "manifest.json.gpg"];
    let args = [&["verify", "--cert", "key.asc"][..], &files].concat();
    received.run(&args).ends_with(0);
}

/// Root may write everywhere, so a file is in the place of the folder.
#[test]
fn without_a_place_for_the_development_key_the_preview_is_unsigned() {
    let directory = Directory::new().file(".tfadir", "");
    let server = Server::on(&directory);
    assert!(
        server
            .get("/verify/")
            .text()
            .contains("This build is not signed.")
    );
    assert_eq!(server.get("/v4/all.json").status, 200);
    assert_eq!(server.get("/v4/all.json.sig").status, 404);
}

#[test]
fn head_has_no_body() {
    let directory = Directory::new();
    let server = Server::on(&directory);
    let whole = server.get("/v4/all.json");
    let head = request(&server.address, "HEAD", "/v4/all.json", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("Content-Length"), whole.body.len().to_string());
}

#[test]
fn a_change_is_built_and_open_pages_are_notified() {
    let directory = Directory::new();
    let server = Server::on(&directory);
    let page = server.get("/").text();
    let (_, build) = page.split_once("data-build=\"").unwrap();
    let build = build.split('"').next().unwrap();
    assert!(
        page.contains("<script src=\"/.tfadir/reload.js\""),
        "{page}"
    );
    let script = server.get("/.tfadir/reload.js");
    assert_eq!(
        script.header("Content-Type"),
        "text/javascript; charset=utf-8"
    );

    let mut events = TcpStream::connect(&server.address).unwrap();
    events.set_read_timeout(Some(PATIENCE)).unwrap();
    let asked = format!(
        "GET /.tfadir/events HTTP/1.1\r\nHost: {}\r\n\r\n",
        server.address
    );
    events.write_all(asked.as_bytes()).unwrap();
    let lines = BufReader::new(events).lines().map(Result::unwrap);
    let mut told = lines.filter_map(|line| line.strip_prefix("data: ").map(str::to_owned));
    assert_eq!(told.next().unwrap(), build);

    let directory = directory.file("entries/n/new.example.json", entry("New", "new.example"));
    assert_ne!(told.next().unwrap(), build);
    assert!(server.get("/v4/all.json").text().contains("new.example"));

    let directory = directory.file("directory.toml", "name = 'Another'\n");
    server.get_until("/", |page| page.text().contains("<title>Another"));
    let categories = r#"{"email":{"title":"Post","icon":"x"}}"#;
    let directory = directory.file("schemas/categories.json", categories);
    server.get_until("/schemas/categories.json", |answer| {
        answer.text().contains("Post")
    });
    std::fs::remove_file(directory.path().join("entries/n/new.example.json")).unwrap();
    server.get_until("/v4/all.json", |answer| {
        !answer.text().contains("new.example")
    });
}

/// Opens the stream on which a page waits for the next build.
fn events(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let asked = format!("GET /.tfadir/events HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(asked.as_bytes()).unwrap();
    stream
}

#[test]
fn many_open_pages_do_not_block_requests() {
    let directory = Directory::new();
    let server = Server::on(&directory);
    let mut statuses = Vec::new();
    let mut streams = Vec::new();
    for _ in 0..300 {
        let mut stream = events(&server.address);
        let mut head = [0; 12];
        stream.read_exact(&mut head).unwrap();
        statuses.push(String::from_utf8(head[9..].to_vec()).unwrap());
        streams.push(stream);
    }
    let open = statuses.iter().filter(|status| *status == "200").count();
    assert!((1..=64).contains(&open), "{open}");
    assert!(
        statuses
            .iter()
            .all(|status| ["200", "503"].contains(&status.as_str()))
    );
    assert_eq!(server.get("/v4/all.json").status, 200);
}

#[cfg(unix)]
#[test]
fn a_link_to_the_whole_disk_does_not_delay_the_first_answer() {
    let directory = Directory::new();
    std::os::unix::fs::symlink("/", directory.path().join("static")).unwrap();
    std::os::unix::fs::symlink("/", directory.path().join("icons")).unwrap();
    let server = Server::on(&directory);
    let page = server.get("/");
    assert_eq!(page.status, 500);
    assert!(page.text().contains("static"), "{}", page.text());
    // The watcher sees the link itself.
    std::fs::remove_file(directory.path().join("static")).unwrap();
    std::fs::remove_file(directory.path().join("icons")).unwrap();
    server.get_until("/", |page| page.status == 200);
}

#[test]
fn findings_replace_the_pages_until_they_are_fixed() {
    let directory = Directory::new();
    let server = Server::on(&directory);
    let data = server.get("/v4/all.json").body;
    let hostile = entry("<script>alert(1)</script>", "b.example")
        .replace("email", "<img src=x onerror=alert(2)>");
    let directory = directory.file("entries/b/b.example.json", hostile);
    let page = server.get_until("/", |page| page.status == 500);
    assert_eq!(page.header("Content-Type"), "text/html; charset=utf-8");
    assert!(
        page.header("Content-Security-Policy")
            .contains("default-src 'self'")
    );
    let text = page.text();
    assert!(text.contains("b.example.json:9:"), "{text}");
    assert!(text.contains("unknown-category"), "{text}");
    assert!(
        text.contains("&lt;img src=x onerror=alert(2)&gt;"),
        "{text}"
    );
    assert!(
        !text.contains("<img") && !text.contains("<script>"),
        "{text}"
    );
    assert_eq!(text.matches("<script").count(), 1, "only our own: {text}");
    assert_eq!(
        server.get("/v4/all.json").body,
        data,
        "data stays as it was"
    );
    assert_eq!(server.get("/.tfadir/findings.css").status, 200);

    let fixed = entry("<script>alert(1)</script>", "b.example");
    let directory = directory.file("entries/b/b.example.json", fixed);
    server.get_until("/", |page| page.status == 200);
    assert!(server.get("/v4/all.json").text().contains("b.example"));

    let directory = directory.file("directory.toml", "nmae = '<b>'\n");
    let page = server.get_until("/", |page| page.status == 500).text();
    assert!(
        page.contains("directory.toml:1:1") && page.contains("did you mean"),
        "{page}"
    );
    std::fs::remove_file(directory.path().join("directory.toml")).unwrap();
    server.get_until("/", |page| page.status == 200);
}

#[test]
fn changes_of_a_template_are_shown_and_an_error_in_it_at_its_line() {
    let directory = Directory::new();
    let server = Server::on(&directory);
    let own = "{% extends 'base.html' %}\n{% block content %}<h1>Ours</h1>{% endblock %}\n";
    let directory = directory.file("templates/index.html", own);
    server.get_until("/", |page| page.text().contains("<h1>Ours</h1>"));

    let directory = directory.file("templates/index.html", "<p>\n  {{ 5|shout }}\n");
    let page = server
        .get_until("/", |page| page.status == 500)
        .text()
        .replace("&#x2f;", "/");
    for words in [
        "templates/index.html:2:3",
        "filter shout is unknown",
        "replaces the built-in template",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(page.contains("<title>1 error in 1 file"), "{page}");

    let directory = directory.file("templates/index.html", own);
    let page = server.get_until("/", |page| page.status == 200).text();
    assert!(page.contains("<h1>Ours</h1>"), "{page}");
    std::fs::remove_file(directory.path().join("templates/index.html")).unwrap();
    server.get_until("/", |page| !page.text().contains("<h1>Ours</h1>"));
}

/// Not every failure is a finding in a file.
#[test]
fn a_failure_without_findings_is_shown_with_its_reason() {
    let directory = Directory::new();
    let server = Server::on(&directory);
    let entries = directory.path().join("entries");
    std::fs::rename(&entries, directory.path().join("away")).unwrap();
    let page = server.get_until("/", |page| page.status == 500).text();
    assert!(page.contains("<title>Build failed"), "{page}");
    assert!(
        page.contains("entries") && !page.contains("no findings"),
        "{page}"
    );
    std::fs::rename(directory.path().join("away"), &entries).unwrap();
    server.get_until("/", |page| page.status == 200);
}

#[test]
fn a_directory_that_is_broken_at_the_start_is_served_once_it_is_fixed() {
    let directory = Directory::new().file("entries/g/good.example.json", "{");
    let server = Server::on(&directory);
    assert_eq!(server.get("/").status, 500);
    assert_eq!(server.get("/v4/all.json").status, 500);
    let _fixed = directory.file("entries/g/good.example.json", entry("Good", "good.example"));
    server.get_until("/v4/all.json", |answer| answer.status == 200);
}

#[test]
fn no_path_leads_out_of_the_build() {
    let directory = Directory::new().file("secret.txt", "secret");
    let server = Server::on(&directory);
    for path in [
        "/../secret.txt",
        "/../../../../../../etc/passwd",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/v4/%2e%2e/%2e%2e/secret.txt",
        "/..\\secret.txt",
        "/secret.txt",
        "//v4/all.json",
        "//etc/passwd",
        "/%2Fetc%2Fpasswd",
        "/v4/all.json%00",
        "/entries/g/good.example.json",
        "/directory.toml",
        "/.tfadir/development-key.asc",
        "/.tfadir/../index.html",
    ] {
        let answer = server.get(path);
        assert!(
            matches!(answer.status, 400 | 404),
            "{path}: {}",
            answer.status
        );
        assert!(!answer.text().contains("secret"), "{path}");
        assert!(!answer.has("Location"), "{path}");
    }
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn invalid_requests_are_refused_and_the_server_goes_on() {
    let directory = Directory::new();
    let server = Server::on(&directory);
    let host = &server.address;
    let long = format!(
        "GET /{} HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\n{}\r\n",
        "A: b\r\n".repeat(500)
    );
    let cases: [(u16, Vec<u8>); 12] = [
        (400, b"\r\n\r\nnonsense\r\n\r\n".to_vec()),
        (400, b"GET\r\n\r\n".to_vec()),
        (
            400,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        ),
        (
            400,
            format!("GET / HTTP/9.9\r\nHost: {host}\r\n\r\n").into_bytes(),
        ),
        (
            400,
            format!("GET /\0 HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes(),
        ),
        (
            400,
            format!("GET /%ff%fe HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes(),
        ),
        (
            400,
            format!("GET index.html HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes(),
        ),
        (400, b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        (
            400,
            format!("GET / HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n").into_bytes(),
        ),
        (
            405,
            format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n").into_bytes(),
        ),
        (431, long.into_bytes()),
        (431, many.into_bytes()),
    ];
    for (status, bytes) in cases {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        let answer = server
            .send(&bytes)
            .unwrap_or_else(|| panic!("no answer to {shown:?}"));
        assert_eq!(answer.status, status, "{shown:?}");
        if status == 405 {
            assert_eq!(answer.header("Allow"), "GET, HEAD");
        }
    }
    // Incomplete requests do not block others.
    let stalled: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut stream = TcpStream::connect(host).unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nHos").unwrap();
            stream
        })
        .collect();
    let gone = TcpStream::connect(host).unwrap();
    drop(gone);
    assert_eq!(server.get("/v4/all.json").status, 200);
    // In the end, the server gives up.
    let mut stalled = stalled.into_iter().next().unwrap();
    stalled.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut said = String::new();
    stalled.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
}

#[test]
fn requests_with_a_foreign_host_are_refused() {
    let directory = Directory::new();
    let server = Server::on(&directory);
    let (_, port) = server.address.rsplit_once(':').unwrap();
    let status = |host: &str| {
        let text = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        server.send(text.as_bytes()).unwrap().status
    };
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        assert_eq!(status(&format!("{host}:{port}")), 200, "{host}");
    }
    for host in ["evil.example", "localhost.evil.example", "192.0.2.7"] {
        assert_eq!(status(&format!("{host}:{port}")), 421, "{host}");
        assert_eq!(status(host), 421, "{host}");
    }
}

#[test]
fn a_port_in_use_is_reported_with_a_solution() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    Directory::new()
        .run(&["serve", "--port", &port])
        .ends_with(2)
        .says("cannot listen at 127.0.0.1:")
        .says("help: choose another port with --port");
}

#[test]
fn without_a_root_serve_fails() {
    Directory::empty()
        .run(&["serve", "--port", "0"])
        .ends_with(2)
        .says("help: run tfadir in");
}

/// Each system starts browsers in its own way.
#[cfg(target_os = "linux")]
#[test]
fn the_browser_gets_the_address_and_no_secret() {
    use std::os::unix::fs::PermissionsExt;

    let script = "#!/bin/sh\necho \"$1\" >address\nenv >environment.new\n\
                  mv environment.new environment\n";
    let directory = Directory::new().file("bin/xdg-open", script);
    let bin = directory.path().join("bin");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(bin.join("xdg-open"), mode).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let run = Tfadir::new(&["serve", "--port", "0", "--open"]).folder(directory.path());
    let run = run
        .env("PATH", path)
        .env("PGP_PASSWORD", "hunter2")
        .env("PGP_KEY", "secret");
    let server = Server::start(run.env("OTHER", "kept"));
    let environment = directory.path().join("environment");
    let start = Instant::now();
    while !environment.exists() {
        assert!(start.elapsed() < PATIENCE, "no browser was started");
        std::thread::sleep(Duration::from_millis(20));
    }
    let environment = std::fs::read_to_string(environment).unwrap();
    assert!(environment.contains("OTHER=kept"), "{environment}");
    assert!(!environment.contains("PGP_"), "{environment}");
    let address = std::fs::read_to_string(directory.path().join("address")).unwrap();
    assert_eq!(address.trim(), format!("http://{}/", server.address));
}
