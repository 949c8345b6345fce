//! The repositories of the authorization server, under one accessor of a transaction.

use super::{Clients, Codes, Consents, Devices, LogoutNotices, OpaqueTokens, PushedRequests};

/// What the authorization server stores. Transactions touch these in the order in which they stand here, after sessions and
/// refresh tokens.
pub trait OAuthRepositories: Send {
    /// Client applications.
    fn clients(&mut self) -> &mut dyn Clients;
    /// What people allowed them.
    fn consents(&mut self) -> &mut dyn Consents;
    /// Authorization codes.
    fn codes(&mut self) -> &mut dyn Codes;
    /// Requests of devices.
    fn devices(&mut self) -> &mut dyn Devices;
    /// Pushed requests.
    fn pushed_requests(&mut self) -> &mut dyn PushedRequests;
    /// Opaque access tokens.
    fn opaque_tokens(&mut self) -> &mut dyn OpaqueTokens;
    /// Notices of logouts.
    fn logout_notices(&mut self) -> &mut dyn LogoutNotices;
}
