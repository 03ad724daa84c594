//! A web server for the one who edits: it answers from artifacts in memory, and tells pages when
//! there are newer ones. It is no server for the public.

mod request;
mod server;
mod site;
mod watch;

pub use server::{BindError, Bound, Server};
pub use site::Site;
pub use watch::Watch;
