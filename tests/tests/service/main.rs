//! The whole service over real HTTP; the modules are named after the addresses that they call. One program, because linking
//! one for each file would take longer than running them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests too: a broken expectation ends the test"
)]

mod admin_events;
mod admin_keys;
mod admin_users;
mod aidbox;
mod algorithms;
mod attacks;
mod cli;
mod coverage;
mod crash;
mod database_away;
mod guessing;
mod limits;
mod me;
mod nodes;
mod oauth;
mod oauth_authorize;
mod oauth_secrets;
mod orion;
mod otp;
mod otp_guessing;
mod otp_peers;
mod otp_races;
mod otp_secrets;
mod pages_account;
mod pages_reset;
mod problems;
mod proxies;
mod races;
mod resource;
mod restart;
mod token;
mod token_once;
mod token_refresh;
mod token_revoke;
mod token_two_calls;
mod uniform;
mod users;
mod well_known;
