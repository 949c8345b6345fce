//! What people and machines do with their own account.

pub mod change_password;
mod fresh_proof;
pub mod queries;
pub mod register;
pub mod rotate_secret_key;
pub mod sessions;

pub use change_password::{ChangePassword, ChangePasswordError};
pub use queries::Queries;
pub use register::{NewUser, Register, RegisterError, Registered};
pub use rotate_secret_key::{RotateSecretKey, RotateSecretKeyError, RotatedKey, RotationTerms};
pub use sessions::{EndSessions, EndSessionsError};
