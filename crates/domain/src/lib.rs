//! The rules of Countersign: pure, synchronous, without I/O, clock, randomness, SQL or JSON.
//!
//! Every function takes the instants and the random bytes it needs. What a rule decides is a value; what is stored are facts
//! (see [`lockout`] for the clearest example of the split).

pub mod aidbox;
pub mod authenticator;
pub mod authorization;
pub mod browser;
pub mod claims;
pub mod client;
pub mod client_assertion;
pub mod client_id;
pub mod client_rules;
pub mod consent;
pub mod device;
pub mod email;
pub mod event;
pub mod factor;
pub mod hotp;
pub mod id;
pub mod id_token;
pub mod key_line;
pub mod key_uri;
pub mod lockout;
pub mod logout_notice;
pub mod one_time_code;
pub mod opaque_token;
pub mod orion;
pub mod otp_secret;
pub mod password;
pub mod password_reset;
pub mod pushed_request;
pub mod recovery_code;
pub mod redirect_uri;
pub mod refresh_token;
pub mod revocation;
pub mod scope;
pub mod secret;
pub mod secret_key;
pub mod session;
pub mod signing_key;
pub mod time;
pub mod totp;
pub mod user;
pub mod username;
pub mod webhook;
