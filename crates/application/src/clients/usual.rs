//! What a client is if nobody says otherwise: a web application of somebody else's with a secret.

use domain::client::{ClientAuthentication, ClientState, GrantType, Party, Pkce, TokenFormat};
use domain::client_rules::ClientDraft;
use domain::scope::{Scope, Scopes};

use crate::core::OAuthPolicy;

/// A draft of that name, with the lifetimes of the settings. It is not sound yet: the grant `authorization_code` needs a
/// redirect address.
pub fn usual_draft(name: String, policy: &OAuthPolicy) -> ClientDraft {
    let scopes = [Scope::OpenId, Scope::Profile, Scope::Email, Scope::OfflineAccess];
    ClientDraft {
        name,
        state: ClientState::Active,
        party: Party::Third,
        authentication: ClientAuthentication::Secret,
        jwks: None,
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        backchannel_logout_uri: None,
        scopes: scopes.into_iter().collect::<Scopes>(),
        audiences: Vec::new(),
        access_token_lifetime: policy.client_access_token_lifetime,
        token_format: TokenFormat::Jwt,
        refresh_token_lifetime: policy.client_refresh_token_lifetime,
        refresh_token_idle: policy.client_refresh_token_idle,
        pkce: Pkce::Required,
        requires_pushed_requests: false,
        factors: None,
        cors_origins: Vec::new(),
    }
}
