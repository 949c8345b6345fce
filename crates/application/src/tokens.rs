//! Access tokens and refresh tokens: issuing, believing, refreshing and revoking them.

pub mod authenticate;
pub mod issue;
pub mod orion;
pub mod person;
pub mod refresh;
pub mod revoke;
pub mod step_up;

pub use authenticate::{Authenticate, Believed, Caller, Unauthenticated};
pub use issue::{IssueError, IssuedTokens, TokenForm};
pub use orion::{OrionTokens, RenewError};
pub use refresh::{Refresh, RefreshError};
pub use revoke::Revoke;
pub use step_up::{StepUp, StepUpError};
