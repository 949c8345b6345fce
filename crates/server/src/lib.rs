//! Countersign as a program: the composition root, the listeners, the workers and the command line.
//!
//! It is a library as well, so that tests can start whole services in one process: [`start`].

pub mod cli;
mod commands;
mod compose;
mod demo;
mod error;
mod files;
mod listen;
pub mod master_key;
mod output;
mod policies;
mod service;
mod telemetry;
mod workers;

pub use cli::run;
pub use compose::{Overrides, Service, compose};
pub use error::{StartError, with_causes};
pub use listen::tls::{Certificate, Reload, TlsFault};
pub use service::{Running, start};
