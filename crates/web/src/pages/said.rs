//! What the next page says has been done. It travels in a cookie and not in the address, so that no link can make a page say it.

use super::visit::Visit;
use super::{Notice, cookies};

/// What may be said on the next page, by name.
const NAMES: [(&str, Notice); 6] = [
    ("password-changed", Notice::PasswordChanged),
    ("two-factor-enabled", Notice::TwoFactorEnabled),
    ("two-factor-disabled", Notice::TwoFactorDisabled),
    ("session-ended", Notice::SessionEnded),
    ("other-sessions-ended", Notice::OtherSessionsEnded),
    ("application-removed", Notice::ApplicationRemoved),
];

impl Visit {
    /// Says it on the next page that asks.
    pub fn say(&mut self, notice: Notice) {
        let named = NAMES.iter().find(|(_, known)| *known == notice);
        if let Some((name, _)) = named {
            self.put_cookie(cookies::SAID, Some(name));
        }
    }

    /// What the page before had to say. Said once.
    pub fn said(&mut self) -> Vec<Notice> {
        let Some(sent) = self.cookie(cookies::SAID) else {
            return Vec::new();
        };
        let said = NAMES.iter().find(|(name, _)| *name == sent).map(|(_, notice)| *notice);
        self.put_cookie(cookies::SAID, None);
        said.into_iter().collect()
    }
}
