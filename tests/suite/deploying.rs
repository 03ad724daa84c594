//! The web servers in docs/deploying.md, configured as documented, compared with `_headers`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use snapbox::str;
use tempfile::TempDir;

use crate::common::{Directory, entry, files, project, temporary_folder};
use crate::http::{Answer, get, request};

/// A signed build, compressed as documented. Kinds of files that it lacks are added. One JSON file is
/// not compressed.
fn dist(api: &str) -> (Directory, BTreeMap<String, Vec<u8>>) {
    let settings = format!("api = 'https://api.directory.example{api}/'");
    let mut directory = Directory::new().file("directory.toml", settings);
    for number in 0..30 {
        let domain = format!("site{number}.example");
        let text = entry(&format!("Site {number}"), &domain);
        directory = directory.file(&format!("entries/s/{domain}.json"), text);
    }
    directory.run(&["build"]).ends_with(0);
    for (path, content) in [
        ("404.html", "<!doctype html><title>Not found</title>"),
        (
            "v1/index.html",
            "<!doctype html><title>Version 1 has ended</title>",
        ),
        (".well-known/openpgpkey/policy", "# none"),
        (".hidden/x.json", "{}"),
        ("dns/CERT.zone", "; no record"),
    ] {
        let path = directory.dist().join(path);
        if !path.exists() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }
    compress(&directory.dist());
    fs::remove_file(directory.dist().join(format!("{UNCOMPRESSED}.gz"))).unwrap();
    let built = files(&directory.dist());
    assert!(
        built.len() > 60 && built.contains_key("v4/all.json.gz"),
        "{:?}",
        built.keys()
    );
    (directory, built)
}

const UNCOMPRESSED: &str = "v3/all.json";

/// Runs the documented command that compresses the files of a folder.
fn compress(folder: &Path) {
    let text = fs::read_to_string(project().join("docs/deploying.md")).unwrap();
    let line = text.lines().find(|line| line.starts_with("find ")).unwrap();
    let mut command = Command::new("sh");
    command.args(["-euc", line]).env("new", folder);
    assert!(command.status().unwrap().success());
}

/// The code block of a language in docs/deploying.md.
fn documented(language: &str) -> String {
    let text = fs::read_to_string(project().join("docs/deploying.md")).unwrap();
    let (_, rest) = text.split_once(&format!("\n```{language}\n")).unwrap();
    rest.split_once("\n```").unwrap().0.to_owned()
}

#[track_caller]
fn replaced(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "`{old}` is not in:\n{text}");
    text.replace(old, new)
}

/// A web server that runs as long as this lives.
struct WebServer {
    child: Child,
    address: String,
    _folder: TempDir,
}

impl WebServer {
    fn start(mut command: Command, address: String, folder: TempDir) -> Self {
        let child = command.stdin(Stdio::null()).spawn().unwrap();
        let server = Self {
            child,
            address,
            _folder: folder,
        };
        let start = Instant::now();
        while TcpStream::connect(&server.address).is_err() {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "{command:?} does not answer"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

#[test]
#[ignore = "needs nginx; .ci/run installs it and runs this"]
fn nginx_serves_a_build_as_documented() {
    for api in ["", "/2fa/api"] {
        let (directory, built) = dist(api);
        serves_as_the_table_says(&nginx(&directory, api).address, &built, api);
    }
}

/// Puts the path at which the build is served into a configuration, as docs/deploying.md says.
fn under_path(block: &str, api: &str) -> String {
    let mut block = block.to_owned();
    for path in [
        "/key.asc",
        "/_headers",
        "/404.html",
        r"/\.well-known/",
        "/.well-known/",
    ] {
        for before in [" ", "^"] {
            block = block.replace(&format!("{before}{path}"), &format!("{before}{api}{path}"));
        }
    }
    block
}

/// A folder in which the build is at the path at which it is served.
fn web_root(folder: &Path, directory: &Directory, api: &str) -> PathBuf {
    let link = folder.join("www").join(api.trim_start_matches('/'));
    let link = if api.is_empty() {
        folder.join("www")
    } else {
        link
    };
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(directory.dist(), &link).unwrap();
    folder.join("www")
}

/// nginx with the documented configuration.
fn nginx(directory: &Directory, api: &str) -> WebServer {
    let folder = temporary_folder();
    let port = free_port();
    let block = under_path(&documented("nginx"), api);
    let root = web_root(folder.path(), directory, api);
    let block = replaced(&block, "listen 80;", &format!("listen 127.0.0.1:{port};"));
    let block = replaced(
        &block,
        "listen [::]:80;",
        &format!("listen 127.0.0.2:{port};"),
    );
    let block = replaced(&block, "api.example.org", "localhost");
    let block = replaced(&block, "/srv/api/dist", root.to_str().unwrap());
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {kind};\n"))
        .concat();
    let configuration = format!(
        "daemon off; master_process off; pid nginx.pid; error_log stderr crit;\n\
         events {{}}\nhttp {{\naccess_log off;\n{temporary}{block}\n}}\n"
    );
    fs::write(folder.path().join("nginx.conf"), configuration).unwrap();
    let mut command = Command::new("nginx");
    command
        .arg("-p")
        .arg(folder.path())
        .args(["-e", "stderr", "-c", "nginx.conf"]);
    WebServer::start(command, format!("127.0.0.1:{port}"), folder)
}

/// Clients and caches would download everything again if a rebuild changed the tags.
#[test]
#[ignore = "needs nginx; .ci/run installs it and runs this"]
fn after_a_rebuild_nginx_still_knows_unchanged_files() {
    let directory = Directory::new();
    let build = || directory.run(&["build"]).ends_with(0);
    build();
    let server = nginx(&directory, "");
    let paths = [
        "/v4/all.json",
        "/v4/sms.json",
        "/v4/all.json.sig",
        "/manifest.json",
        "/style.css",
    ];
    let encodings = ["identity", "gzip"];
    let known: Vec<(&str, [String; 3])> = paths
        .iter()
        .flat_map(|path| encodings.map(|encoding| (*path, format!("Accept-Encoding: {encoding}"))))
        .map(|(path, accepts)| {
            let answer = request(&server.address, "GET", path, &[&accepts]);
            let tag = format!("If-None-Match: {}", answer.header("ETag"));
            let time = format!("If-Modified-Since: {}", answer.header("Last-Modified"));
            (path, [accepts, tag, time])
        })
        .collect();
    let status = |path: &str, [accepts, tag, time]: &[String; 3]| {
        [tag, time].map(|it| request(&server.address, "GET", path, &[accepts, it]).status)
    };
    // The time of a file has seconds only.
    std::thread::sleep(Duration::from_millis(1_100));
    build();
    for (path, headers) in &known {
        assert_eq!(status(path, headers), [304, 304], "{path} {headers:?}");
    }
    let text = entry("Other", "other.example");
    fs::create_dir(directory.path().join("entries/o")).unwrap();
    fs::write(directory.path().join("entries/o/other.example.json"), text).unwrap();
    build();
    for (path, headers) in &known {
        let is_same = ["/v4/sms.json", "/style.css"].contains(path);
        let expected = if is_same { [304; 2] } else { [200; 2] };
        assert_eq!(status(path, headers), expected, "{path} {headers:?}");
    }
}

#[test]
#[ignore = "needs caddy; .ci/run installs it and runs this"]
fn caddy_serves_a_build_as_documented() {
    for api in ["", "/2fa/api"] {
        let (directory, built) = dist(api);
        serves_as_the_table_says(&caddy(&directory, api).address, &built, api);
    }
}

/// Caddy with the documented configuration.
fn caddy(directory: &Directory, api: &str) -> WebServer {
    let folder = temporary_folder();
    let port = free_port();
    let block = under_path(&documented("caddyfile"), api);
    let root = web_root(folder.path(), directory, api);
    let block = replaced(
        &block,
        "api.example.org",
        &format!("http://127.0.0.1:{port}"),
    );
    let block = replaced(&block, "/srv/api/dist", root.to_str().unwrap());
    fs::write(
        folder.path().join("Caddyfile"),
        format!("{{\n\tadmin off\n}}\n{block}\n"),
    )
    .unwrap();
    let mut command = Command::new("caddy");
    command
        .arg("run")
        .arg("--config")
        .arg(folder.path().join("Caddyfile"));
    command
        .env("HOME", folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    WebServer::start(command, format!("127.0.0.1:{port}"), folder)
}

/// Compares every file of a build, which is served at the path `api`, with `_headers`.
fn serves_as_the_table_says(address: &str, built: &BTreeMap<String, Vec<u8>>, api: &str) {
    let table = Table::of(&String::from_utf8(built["_headers"].clone()).unwrap());
    let mut compressed = 0;
    for (path, bytes) in built {
        let url = format!("{api}/{path}");
        let is_hidden = path.starts_with('.') && !path.starts_with(".well-known/");
        let is_hidden = is_hidden || path == "_headers";
        if is_hidden {
            assert_eq!(get(address, &url).status, 404, "{path}");
            continue;
        }
        if path.ends_with(".gz") {
            continue;
        }
        let answer = get(address, &url);
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer.body == *bytes && !answer.has("Content-Encoding"),
            "{path}"
        );
        table.holds(&url, &answer);
        let tag = format!("If-None-Match: {}", answer.header("ETag"));
        let known = request(address, "GET", &url, &[&tag]);
        assert_eq!((known.status, known.body.len()), (304, 0), "{path}");

        if built.contains_key(&format!("{path}.gz")) || path == UNCOMPRESSED {
            let accepts = "Accept-Encoding: gzip";
            let answer = request(address, "GET", &url, &[accepts]);
            assert_eq!(answer.header("Content-Encoding"), "gzip", "{path}");
            assert_eq!(answer.header("Vary"), "Accept-Encoding", "{path}");
            let mut plain = Vec::new();
            GzDecoder::new(answer.body.as_slice())
                .read_to_end(&mut plain)
                .unwrap();
            assert!(plain == *bytes, "{path}");
            table.holds(&url, &answer);
            compressed += 1;
        }
    }
    assert!(compressed > 10, "{compressed} files are sent compressed");

    for (path, page) in [("/", "index.html"), ("/v1/", "v1/index.html")] {
        let answer = get(address, &format!("{api}{path}"));
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.body == built[page], "{path}");
        assert!(
            answer.header("Content-Type").starts_with("text/html"),
            "{path}"
        );
        table.holds(&format!("{api}/{page}"), &answer);
    }
    for path in [
        "/missing",
        "/v4/missing.json",
        "/v4/all.json.sig.sig",
        "/.hidden/x.json",
    ] {
        let answer = get(address, &format!("{api}{path}"));
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body == built["404.html"], "{path}");
        assert!(
            answer.header("Content-Type").starts_with("text/html"),
            "{path}"
        );
        assert_eq!(answer.header("Access-Control-Allow-Origin"), "*", "{path}");
        assert!(
            !answer.header("Cache-Control").contains("max-age"),
            "{path}"
        );
    }
}

/// `_headers`, read as hosts read it.
struct Table(Vec<(String, Vec<(String, String)>)>);

impl Table {
    fn of(text: &str) -> Self {
        let mut rules: Vec<(String, Vec<(String, String)>)> = Vec::new();
        for line in text.lines() {
            if let Some(header) = line.strip_prefix("  ") {
                let (name, value) = header.split_once(": ").unwrap();
                rules
                    .last_mut()
                    .unwrap()
                    .1
                    .push((name.to_owned(), value.to_owned()));
            } else if line.starts_with('/') {
                rules.push((line.to_owned(), Vec::new()));
            }
        }
        assert!(rules.len() > 3);
        Self(rules)
    }

    /// The headers for a URL path.
    fn headers(&self, path: &str) -> impl Iterator<Item = &(String, String)> {
        let matching = self
            .0
            .iter()
            .filter(move |(pattern, _)| match pattern.split_once('*') {
                Some((start, end)) => path.starts_with(start) && path.ends_with(end),
                None => path == *pattern,
            });
        matching.flat_map(|(_, headers)| headers)
    }

    /// Panics unless the answer has the headers of all rules that match the URL path.
    #[track_caller]
    fn holds(&self, path: &str, answer: &Answer) {
        let mut named = 0;
        for (name, value) in self.headers(path) {
            assert_eq!(answer.header(name), value, "{name} of {path}");
            named += 1;
        }
        assert!(named >= 5, "{path}: {named} headers");
    }
}

#[test]
fn the_rules_set_the_type_of_every_file_whose_extension_hosts_do_not_know() {
    let directory = Directory::new();
    directory.run(&["build"]).ends_with(0);
    let built = files(&directory.dist());
    let table = Table::of(&String::from_utf8(built["_headers"].clone()).unwrap());
    // Every host knows the types of these.
    let known = [
        "html", "css", "js", "txt", "xml", "svg", "png", "json", "gz",
    ];
    for path in built
        .keys()
        .filter(|path| !path.starts_with(['_', '.']) || path.contains('/'))
    {
        let ending = Path::new(path)
            .extension()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        let path = format!("/{path}");
        let types = table
            .headers(&path)
            .filter(|(name, _)| name == "Content-Type")
            .count();
        assert!(
            types == 1 || (types == 0 && known.contains(&ending)),
            "{path}: {types} types"
        );
    }
    assert_eq!(built[".nojekyll"], b"");
    assert!(!built.contains_key("CNAME"));
}

#[test]
fn the_rules_begin_with_the_path_of_the_api() {
    let (_, built) = dist("/2fa/api");
    let headers = String::from_utf8(built["_headers"].clone()).unwrap();
    let mut patterns = headers.lines().filter(|line| line.starts_with('/'));
    assert_eq!(patterns.clone().next(), Some("/2fa/api/*"));
    assert!(
        patterns.all(|pattern| pattern.starts_with("/2fa/api/")),
        "{headers}"
    );
}

#[test]
fn the_hostname_is_written_if_the_settings_ask_for_it() {
    let settings = "api = 'https://api.directory.example/'\n[hosting]\ncname = true\n";
    let directory = Directory::new().file("directory.toml", settings);
    directory.run(&["build", "--unsigned"]).ends_with(0);
    assert_eq!(
        files(&directory.dist())["CNAME"],
        b"api.directory.example\n"
    );
    let settings = "api = 'https://localhost:8443/'\n[hosting]\ncname = true\n";
    let directory = Directory::new().file("directory.toml", settings);
    directory
        .run(&["build", "--unsigned"])
        .ends_with(2)
        .says("has no hostname");
}

#[test]
fn the_documented_command_compresses_what_servers_send_and_keeps_the_files() {
    let directory = Directory::new();
    directory.run(&["build"]).ends_with(0);
    let plain = files(&directory.dist());
    let copy = Directory::empty();
    let text = |path: &str| plain[path].clone();
    for path in ["all.json", "all.json.sig", "all.json.gpg"] {
        fs::write(copy.path().join(path), text(&format!("v4/{path}"))).unwrap();
    }
    fs::write(copy.path().join("style.css"), text("style.css")).unwrap();
    compress(copy.path());
    let written = files(copy.path());
    assert_eq!(
        written.keys().collect::<Vec<_>>(),
        [
            "all.json",
            "all.json.gpg",
            "all.json.gz",
            "all.json.sig",
            "style.css",
            "style.css.gz"
        ]
    );
    let mut bytes = Vec::new();
    GzDecoder::new(written["style.css.gz"].as_slice())
        .read_to_end(&mut bytes)
        .unwrap();
    assert!(bytes == plain["style.css"]);
    // A folder with such files is not replaced.
    compress(&directory.dist());
    directory.run(&["build"]).ends_with(2).reports(str![[r#"
  Checked 1 entry in [ROOT]: no errors
error: `[ROOT]/dist` contains files that tfadir did not write: `404.html.gz`, [..] and [..] more
 help: a build replaces the whole folder; move them away first

"#]]);
}
