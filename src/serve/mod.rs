//! A web server for the one who edits: it answers from artifacts in memory, and tells pages when
//! there are newer ones. It is no server for the public.

mod request;
mod server;
mod site;
mod watch;

pub(crate) use server::Bound;
pub(crate) use site::Site;
pub(crate) use watch::Watch;
