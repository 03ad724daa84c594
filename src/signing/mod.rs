//! Signing a build: which keys sign, how they are unlocked, and what is signed with what.

mod artifacts;
pub(crate) mod keys;
pub(crate) mod signers;
pub(crate) mod trust;

pub(crate) use artifacts::Signing;
