//! The local preview server. It serves a build from memory and notifies open pages of a newer
//! build. It must not be exposed to the internet.

pub(crate) mod request;
mod server;
mod site;
mod watch;

pub(crate) use server::Bound;
pub(crate) use site::Site;
pub(crate) use watch::Watch;
