//! What the authorization server can do for client applications, under one field of the application.

use std::sync::Arc;

use crate::clients::push::PushRequest;
use crate::clients::{AuthenticateClient, ClientOrigins, Consents, ManageClients};
use crate::core::Core;
use crate::keys::KeyRing;
use crate::revocation_feed::RevocationFeed;
use crate::tokens::Authenticate;
use crate::tokens::client_credentials::ClientCredentials;
use crate::tokens::code::RedeemCode;
use crate::tokens::device::Devices;
use crate::tokens::exchange::ExchangeToken;
use crate::tokens::introspect::Introspect;
use crate::tokens::userinfo::TellUserInfo;

/// One field per use case.
pub struct OAuth {
    /// Finds out which client is calling.
    pub authenticate_client: AuthenticateClient,
    /// Administers clients.
    pub manage_clients: ManageClients,
    /// The web origins of clients as this node knows them.
    pub client_origins: ClientOrigins,
    /// Looks after consents.
    pub consents: Consents,
    /// Keeps pushed requests.
    pub push_request: PushRequest,
    /// Redeems authorization codes.
    pub redeem_code: RedeemCode,
    /// Serves devices.
    pub devices: Devices,
    /// Gives clients tokens for themselves.
    pub client_credentials: ClientCredentials,
    /// Exchanges tokens.
    pub exchange_token: ExchangeToken,
    /// Introspects tokens.
    pub introspect: Introspect,
    /// Tells clients who logged in.
    pub user_info: TellUserInfo,
}

impl OAuth {
    pub(crate) fn new(
        core: &Arc<Core>,
        ring: &Arc<KeyRing>,
        feed: &Arc<RevocationFeed>,
        authenticate: &Arc<Authenticate>,
    ) -> Self {
        let base = || Arc::clone(core);
        Self {
            authenticate_client: AuthenticateClient::new(base()),
            manage_clients: ManageClients::new(base(), Arc::clone(feed)),
            client_origins: ClientOrigins::new(base()),
            consents: Consents::new(base(), Arc::clone(feed)),
            push_request: PushRequest::new(base()),
            redeem_code: RedeemCode::new(base(), Arc::clone(ring), Arc::clone(feed)),
            devices: Devices::new(base(), Arc::clone(ring)),
            client_credentials: ClientCredentials::new(base(), Arc::clone(ring)),
            exchange_token: ExchangeToken::new(base(), Arc::clone(ring), Arc::clone(authenticate)),
            introspect: Introspect::new(base(), Arc::clone(authenticate)),
            user_info: TellUserInfo::new(base(), Arc::clone(authenticate)),
        }
    }
}
