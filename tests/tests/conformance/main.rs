//! The modules of the OpenID Foundation's conformance suite for providers, re-enacted over HTTP in our own words: one test for
//! each module of the plans *Basic*, *Config*, *RP-Initiated Logout* and *Back-Channel Logout*, under the module's name.
//! `table` fails when a module is neither here nor excused.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a surprise is a failed test"
)]

mod backchannel;
mod basic;
mod codes;
mod discovery;
mod logout;
mod logout_refused;
mod objects;
mod parameters;
mod prompts;
mod refresh;
mod scopes;
mod table;
mod userinfo;
mod world;
