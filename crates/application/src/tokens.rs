//! Access tokens and refresh tokens: issuing, believing, refreshing and revoking them.

pub mod authenticate;
pub mod issue;
pub mod refresh;
pub mod revoke;

pub use authenticate::{Authenticate, Caller, Unauthenticated};
pub use issue::{IssueError, IssuedTokens};
pub use refresh::{Refresh, RefreshError};
pub use revoke::Revoke;
