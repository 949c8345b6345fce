//! What administrators and operators do with accounts of others.

pub mod users;

pub use users::{AdminError, ManageUsers, SetPasswordError, UserChange};
