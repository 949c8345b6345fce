//! Access tokens and refresh tokens: issuing, believing, refreshing and revoking them.

pub mod authenticate;
pub mod client_credentials;
pub mod code;
pub mod device;
pub mod exchange;
pub mod grant;
pub mod introspect;
pub mod issue;
pub mod orion;
pub mod person;
pub mod refresh;
pub mod revoke;
mod revoke_for_client;
pub mod step_up;
pub mod userinfo;

pub use authenticate::{Authenticate, Believed, Caller, Unauthenticated};
pub use code::CodeRedemption;
pub use grant::{GrantError, Wanted};
pub use introspect::Introspection;
pub use issue::for_client::ClientToken;
pub use issue::{IssueError, IssuedTokens, TokenForm};
pub use orion::{OrionTokens, RenewError};
pub use refresh::{Refresh, RefreshError};
pub use revoke::Revoke;
pub use step_up::{StepUp, StepUpError};
