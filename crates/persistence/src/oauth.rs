//! What the authorization server stores, under one accessor.

use application::ports::{
    Clients, Codes, Consents, Devices, LogoutNotices, OAuthRepositories, OpaqueTokens, PushedRequests,
};

use crate::store::UnitOfWork;

impl OAuthRepositories for UnitOfWork {
    fn clients(&mut self) -> &mut dyn Clients {
        self
    }

    fn consents(&mut self) -> &mut dyn Consents {
        self
    }

    fn codes(&mut self) -> &mut dyn Codes {
        self
    }

    fn devices(&mut self) -> &mut dyn Devices {
        self
    }

    fn pushed_requests(&mut self) -> &mut dyn PushedRequests {
        self
    }

    fn opaque_tokens(&mut self) -> &mut dyn OpaqueTokens {
        self
    }

    fn logout_notices(&mut self) -> &mut dyn LogoutNotices {
        self
    }
}
