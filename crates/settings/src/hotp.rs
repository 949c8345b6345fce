//! `[hotp]`: how far ahead of the service a counter may be.

use crate::loading::reader::{Read, Reader};

/// Counter-based one-time codes (RFC 4226).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hotp {
    /// Counters beyond the next one that are looked at for one code.
    pub look_ahead: u32,
    /// Counters beyond the next one that are looked at for two consecutive codes.
    pub resync_window: u32,
}

impl Hotp {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let look_ahead = from.number("hotp.look_ahead", 0..=50);
        let resync_window = from.number("hotp.resync_window", 0..=1000);
        Ok(Self {
            look_ahead: look_ahead?,
            resync_window: resync_window?,
        })
    }
}
