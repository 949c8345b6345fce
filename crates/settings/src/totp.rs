//! `[totp]`: which time-based codes are accepted, and what their apps show.

use crate::loading::fault::quoted;
use crate::loading::reader::{Parsed, Read, Reader};

pub(crate) const ISSUER: &str = "1 to 64 characters, none of them a control character";

/// Time-based one-time codes (RFC 6238).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totp {
    /// What authenticator apps show as the name of the service.
    pub issuer: String,
    /// Accepted steps before the present one.
    pub past_steps: u32,
    /// Accepted steps after the present one.
    pub future_steps: u32,
}

impl Totp {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let issuer = from.text("totp.issuer", ISSUER, issuer);
        let past_steps = from.number("totp.past_steps", 0..=10);
        let future_steps = from.number("totp.future_steps", 0..=1);
        Ok(Self {
            issuer: issuer?,
            past_steps: past_steps?,
            future_steps: future_steps?,
        })
    }
}

/// A name that apps show.
pub(crate) fn issuer(text: &str) -> Parsed<String> {
    if text.trim().is_empty() {
        return Err("it is empty".into());
    }
    if text.chars().count() > 64 || text.chars().any(char::is_control) {
        return Err(format!("{} is too long, or has a control character", quoted(text)));
    }
    Ok(text.to_owned())
}
