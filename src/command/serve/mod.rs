//! `tfadir serve`.

mod preview;
pub(crate) mod request;
mod server;
mod site;
mod watch;

use std::net::SocketAddr;

use serde_json::json;

use self::server::Bound;
use self::watch::Watch;
use crate::cli::{Global, ServeArgs};
use crate::exit_code::ExitCode;
use crate::failure::{Result, failure};
use crate::process;
use crate::session::console::Console;

/// Builds in memory and serves the result. Rebuilds after every change, until it is stopped.
pub(super) fn run(args: &ServeArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let root = preview::root(global)?;
    let bound = Bound::to(SocketAddr::new(args.address, args.port))?;
    if !args.address.is_loopback() {
        let address = args.address;
        console.warn(&failure!(
            "anyone who can reach {address} can read this preview";
            help: "leave out --address to serve only this machine"
        ));
    }
    let mut watch = Watch::new(&root);
    let site = preview::build(&preview::empty(), &root, &mut watch, console)?;
    let address = format!("http://{}/{}", bound.address, site.folder);
    let server = bound.serve(site)?;
    console.structured(&json!({ "address": address }));
    console.status("Serving", &format!("{address} until Ctrl-C"));
    if args.open
        && let Err(error) = process::open(&address)
    {
        console.warning(&format!("cannot open a browser: {error}"));
    }
    loop {
        watch.wait();
        server.show(preview::build(&server.site(), &root, &mut watch, console)?);
    }
}
