//! Believing an access token: what every call to a protected resource begins with.

use std::ops::Deref;
use std::sync::Arc;

use domain::claims::{Claims, ClientClaims, TokenFault, Use, Verified};
use domain::secret::OpaqueToken;
use domain::time::Timestamp;
use domain::user::User;
use quick_cache::sync::Cache;

use super::issue;
use crate::core::Core;
use crate::keys::KeyRing;
use crate::keys::ring::RingError;
use crate::ports::{Consumption, StoreError, Transaction};
use crate::revocation_feed::RevocationFeed;

/// What an authenticated call proves. Only [`Authenticate::execute`], for the Orion profile
/// [`super::OrionTokens::authenticate`], and for pages [`crate::browser::BrowserSession::caller`] make one.
#[derive(Debug, Clone)]
pub struct Caller(Arc<Claims>);

impl Caller {
    /// A token of the Orion profile or a cookie was believed, and these claims were put together from its session.
    pub(crate) fn of_session(claims: Claims) -> Self {
        Self(Arc::new(claims))
    }

    /// The caller's account, held, if it is still the one that the token was issued to.
    pub(crate) async fn hold_account(&self, tx: &mut dyn Transaction) -> Result<Option<User>, StoreError> {
        let user = tx.users().hold(self.subject).await?;
        Ok(user.filter(|user| user.honours(self.epoch)))
    }
}

impl Deref for Caller {
    type Target = Claims;

    fn deref(&self) -> &Claims {
        &self.0
    }
}

/// Why a call is not authenticated.
#[derive(Debug, thiserror::Error)]
pub enum Unauthenticated {
    /// The token is not believed. The reason is for logs; callers are told `invalid_token`.
    #[error("the token is not believed: {0}")]
    Token(#[from] TokenFault),
    /// Nobody can say at the moment whether the token was revoked or used, so it is not accepted (invariant 8).
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ring cannot be used.
    #[error(transparent)]
    Ring(#[from] RingError),
}

/// What a token says, whoever it was issued to.
pub enum Believed {
    /// To a client, for an account.
    User(Caller),
    /// To a client, for itself. Nobody logged in for it.
    Client(ClientClaims),
}

/// A token whose form, signature, issuer and audience were found good under a certain key ring. Time, revocation and single
/// use are never remembered: they are looked at again on each call.
#[derive(Clone)]
struct Remembered {
    generation: u64,
    claims: Arc<Claims>,
}

/// Believes access tokens.
pub struct Authenticate {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
    feed: Arc<RevocationFeed>,
    verified: Option<Cache<Box<str>, Remembered>>,
}

impl Authenticate {
    pub(crate) fn new(core: Arc<Core>, ring: Arc<KeyRing>, feed: Arc<RevocationFeed>) -> Self {
        let size = core.policies.token_cache;
        let verified = (size > 0).then(|| Cache::new(size));
        Self {
            core,
            ring,
            feed,
            verified,
        }
    }

    /// Decides whether to believe `token` at this service's own resources, and spends it if it is for one use.
    pub async fn execute(&self, token: &str) -> Result<Caller, Unauthenticated> {
        if let Ok(opaque) = OpaqueToken::parse(token) {
            return match self.opaque(&opaque).await? {
                Believed::User(caller) => {
                    self.core.policies.expectation.admit(&caller, self.core.now())?;
                    Ok(caller)
                }
                Believed::Client(_) => Err(TokenFault::Malformed.into()),
            };
        }
        let now = self.core.now();
        let claims = self.verify(token, now).await?;
        self.core.policies.expectation.in_time(&claims, now)?;
        if self.feed.covers(&claims, now).await? {
            return Err(TokenFault::Revoked.into());
        }
        match claims.usage {
            Use::Many => {}
            Use::Once => self.spend(&claims).await?,
        }
        Ok(Caller(claims))
    }

    /// Decides whether to believe `token`, whoever it was issued to and whatever resource it is for: for those who tell others
    /// what it says (RFC 7662, OpenID Connect Core section 5.3). To be told counts as the use of a token for one use.
    pub async fn examine(&self, token: &str) -> Result<Believed, Unauthenticated> {
        let believed = self.look(token).await?;
        self.use_up(&believed).await?;
        Ok(believed)
    }

    /// Spends a token for one use.
    pub(crate) async fn use_up(&self, believed: &Believed) -> Result<(), Unauthenticated> {
        match believed {
            Believed::User(caller) if caller.usage == Use::Once => self.spend(caller).await,
            Believed::User(_) | Believed::Client(_) => Ok(()),
        }
    }

    /// The same as [`Authenticate::examine`], before a token for one use is spent: for whoever must see first who asks.
    pub(crate) async fn look(&self, token: &str) -> Result<Believed, Unauthenticated> {
        if let Ok(opaque) = OpaqueToken::parse(token) {
            return self.opaque(&opaque).await;
        }
        let core = &self.core;
        let now = core.now();
        let expectation = &core.policies.expectation;
        match self.ring.verify_any(token, now).await?? {
            Verified::User(claims) => {
                if claims.issuer != expectation.issuer {
                    return Err(TokenFault::Issuer.into());
                }
                expectation.in_time(&claims, now)?;
                if self.feed.covers(&claims, now).await? {
                    return Err(TokenFault::Revoked.into());
                }
                Ok(Believed::User(Caller(Arc::new(claims))))
            }
            Verified::Client(claims) => {
                if claims.issuer != expectation.issuer {
                    return Err(TokenFault::Issuer.into());
                }
                expectation.client_in_time(&claims, now)?;
                if self.feed.covers_client(&claims, now).await? {
                    return Err(TokenFault::Revoked.into());
                }
                self.of_client(claims).await
            }
        }
    }

    /// What an opaque token stands for, as it is now. The session is looked up each time, so that its end counts at once.
    async fn opaque(&self, token: &OpaqueToken) -> Result<Believed, Unauthenticated> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.read().await?;
        let digest = core.digest_opaque_token(token);
        let stored = tx.oauth().opaque_tokens().find(&digest, now).await?;
        let stored = stored.ok_or(TokenFault::Revoked)?;
        let Some(session) = stored.session else {
            drop(tx);
            let claims = ClientClaims {
                issuer: core.policies.expectation.issuer.clone(),
                client: stored.client,
                audience: stored.audience,
                scopes: stored.scopes,
                token: stored.token,
                issued_at: stored.issued_at,
                not_before: stored.issued_at,
                expires_at: stored.expires_at,
            };
            return self.of_client(claims).await;
        };
        let session = tx.sessions().find(session, now).await?.ok_or(TokenFault::Revoked)?;
        let user = tx.users().find(session.user).await?;
        drop(tx);
        let user = user
            .filter(|user| user.honours(session.epoch))
            .ok_or(TokenFault::Revoked)?;
        let claims = Claims {
            audience: stored.audience,
            scopes: stored.scopes,
            token: stored.token,
            ..issue::claims(core, &session, &user, Use::Many, (stored.issued_at, stored.expires_at))
        };
        Ok(Believed::User(Caller(Arc::new(claims))))
    }

    /// A client that was disabled or deleted has no tokens.
    async fn of_client(&self, claims: ClientClaims) -> Result<Believed, Unauthenticated> {
        let mut tx = self.core.ports.store.read().await?;
        let client = tx.oauth().clients().find(&claims.client).await?;
        match client {
            Some(client) if client.is_active() => Ok(Believed::Client(claims)),
            _ => Err(TokenFault::Revoked.into()),
        }
    }

    async fn verify(&self, token: &str, now: Timestamp) -> Result<Arc<Claims>, Unauthenticated> {
        let generation = self.ring.generation();
        let remembered = self.verified.as_ref().and_then(|cache| cache.get(token));
        if let Some(verified) = remembered.filter(|verified| verified.generation == generation) {
            return Ok(verified.claims);
        }
        let claims = Arc::new(self.ring.verify(token, now).await??);
        self.core.policies.expectation.admit(&claims, now)?;
        if let (Some(cache), Use::Many) = (&self.verified, claims.usage) {
            cache.insert(
                token.into(),
                Remembered {
                    generation,
                    claims: Arc::clone(&claims),
                },
            );
        }
        Ok(claims)
    }

    async fn spend(&self, claims: &Claims) -> Result<(), Unauthenticated> {
        let mut tx = self.core.ports.store.begin().await?;
        let first = tx.spent_tokens().spend(claims.token, claims.expires_at).await?;
        tx.commit().await?;
        match first {
            Consumption::First => Ok(()),
            Consumption::Spent => Err(TokenFault::Spent.into()),
        }
    }
}
