//! The way from files, environment and flags to checked values.

pub(crate) mod duration;
pub(crate) mod environment;
pub(crate) mod fault;
pub(crate) mod layers;
pub(crate) mod names;
pub(crate) mod reader;
pub(crate) mod secret_file;
mod secret_reader;
pub(crate) mod sources;
pub(crate) mod url;
