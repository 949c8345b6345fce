//! What people and machines do with their own account.

pub mod authenticators;
pub mod change_password;
pub(crate) mod fresh_proof;
pub mod password_reset;
pub mod profile;
pub mod queries;
pub mod recovery;
pub mod recovery_codes;
pub mod register;
pub mod rotate_secret_key;
pub mod sessions;

pub use authenticators::{
    BeginError, Begun, ConfirmError, Confirmed, ManageAuthenticators, NewAuthenticator, RemoveError, RenameError,
    ShowError,
};
pub use change_password::{ChangePassword, ChangePasswordError};
pub use fresh_proof::ProofNeeded;
pub use password_reset::{IssuedReset, ResetError, ResetPasswords, ResetStep};
pub use profile::{ProfileChange, ProfileError, UpdateProfile};
pub use queries::Queries;
pub use recovery::RequestRecovery;
pub use recovery_codes::{RegenerateError, RegenerateRecoveryCodes};
pub use register::{NewUser, Register, RegisterError, Registered};
pub use rotate_secret_key::{RotateSecretKey, RotateSecretKeyError, RotatedKey, RotationTerms};
pub use sessions::{EndSessions, EndSessionsError};
