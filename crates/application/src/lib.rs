//! What the service can do (the use cases), and what it needs to do it (the [`ports`]).

pub mod ports;
