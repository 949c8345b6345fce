//! What administrators and operators do with accounts of others.

pub mod factors;
pub mod import;
pub mod users;

pub use factors::{IssuedRecovery, ManageFactors, RemoveAuthenticatorError};
pub use import::{Import, ImportError, ImportOutcome, ImportedAuthenticator, ImportedPassword, ImportedUser};
pub use users::{AdminError, ManageUsers, SetPasswordError, UserChange};
