//! A secret from the settings: wiped when dropped, and neither printed nor compared.

use zeroize::Zeroizing;

/// Has no `Debug`, `Display` or `Clone`, so that it cannot end in a log or an error by accident.
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret itself, for the one place that uses it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
