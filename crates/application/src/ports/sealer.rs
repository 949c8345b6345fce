//! Sealing of secrets that must be read again.

use domain::secret::Sealed;
use zeroize::Zeroizing;

/// Sealed bytes could not be opened: another master key, another row, or altered bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealed data cannot be opened: the master key is another, or the data was moved or altered")]
pub struct Unsealable;

/// Authenticated encryption under the master key, which is not in the database.
pub trait Sealer: Send + Sync {
    /// Seals `plain`. `identity` names the table, the column and the row; the bytes can be opened under no other.
    fn seal(&self, plain: &[u8], identity: &str) -> Sealed;

    /// Opens what was sealed under the same `identity`.
    fn open(&self, sealed: &Sealed, identity: &str) -> Result<Zeroizing<Vec<u8>>, Unsealable>;
}
