//! Opening the session of a client, for a login that is complete: behind authorization codes, devices, exchanged tokens, and
//! logins that a client asked for itself.

use domain::authorization::{ClientRequest, CompletedLogin};
use domain::client::{Client, GrantType, Party, TokenFormat};
use domain::event::EventKind;
use domain::id::{SessionId, TokenId, UserId};
use domain::opaque_token::StoredOpaqueToken;
use domain::refresh_token::StoredRefreshToken;
use domain::scope::{Scope, Scopes};
use domain::secret::OpaqueToken;
use domain::session::{Origin, Session};
use domain::time::Timestamp;
use domain::user::User;

use super::{IdTokenTerms, Opened, Terms};
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{StoreError, Transaction};
use crate::sign_in::factors::policy_of;

/// What a client's session is opened for.
pub(crate) struct ClientOpening<'a> {
    /// The client, as it is now.
    pub client: &'a Client,
    /// What it asked for, within what it may.
    pub request: ClientRequest,
    /// Who logged in, and what was proved.
    pub login: CompletedLogin,
    /// Who acts for the account, if somebody else does.
    pub actor: Option<String>,
    /// The identity of the session.
    pub session: SessionId,
    /// When the session ends at the latest, besides its own limits.
    pub not_after: Option<Timestamp>,
    /// Where the call comes from.
    pub origin: &'a Origin,
}

/// Opens it. `None` if the account, its login or its rights are no longer what they were, or what was proved is not enough for
/// the account or the client: then nothing may be granted, and the transaction must be dropped. It comes before everything
/// that follows sessions in the order of a transaction; [`note`] comes last.
pub(crate) async fn open_client_session(
    core: &Core,
    tx: &mut dyn Transaction,
    opening: ClientOpening<'_>,
    now: Timestamp,
) -> Result<Option<Opened>, StoreError> {
    let user = tx.users().hold(opening.login.user).await?;
    let Some(user) = user.filter(|user| user.honours(opening.login.epoch)) else {
        return Ok(None);
    };
    let policy = policy_of(core, tx, &user).await?;
    if !policy.admits(&opening.login.proved) || !admits(opening.client, &opening.login) {
        return Ok(None);
    }
    let parent = match opening.login.parent {
        None => None,
        Some(parent) => match tx.sessions().find(parent, now).await? {
            Some(parent) => Some(parent),
            None => return Ok(None),
        },
    };
    insert(core, tx, opening, user, parent, now).await.map(Some)
}

/// Whether somebody still allows what was allowed when this was begun: a consent may have been taken back since. The account must
/// be held.
pub(crate) async fn is_still_allowed(
    tx: &mut dyn Transaction,
    client: &Client,
    user: UserId,
    scopes: &Scopes,
) -> Result<bool, StoreError> {
    if client.party == Party::First {
        return Ok(true);
    }
    let consent = tx.oauth().consents().find(user, &client.id).await?;
    Ok(consent.is_some_and(|consent| consent.covers(&scopes.within(&client.scopes))))
}

/// Opens it for a login that is completed in this transaction, whose account is held and whose policy was looked at. `None` if
/// it is not enough for the client. The entry in the audit log is the login's.
pub(super) async fn open_for_login(
    core: &Core,
    tx: &mut dyn Transaction,
    opening: ClientOpening<'_>,
    user: User,
    now: Timestamp,
) -> Result<Option<Opened>, StoreError> {
    if !admits(opening.client, &opening.login) {
        return Ok(None);
    }
    insert(core, tx, opening, user, None, now).await.map(Some)
}

/// Whether a client's own demands are met by what was proved.
pub(crate) fn admits(client: &Client, login: &CompletedLogin) -> bool {
    client.is_active() && client.admits(&login.proved)
}

async fn insert(
    core: &Core,
    tx: &mut dyn Transaction,
    opening: ClientOpening<'_>,
    user: User,
    parent: Option<Session>,
    now: Timestamp,
) -> Result<Opened, StoreError> {
    let ClientOpening {
        client,
        request,
        login,
        actor,
        session: id,
        not_after,
        origin,
    } = opening;
    let audience = audience(client, request.audience);
    let scopes = request.scopes.within(&client.scopes).within_rights_of(user.role);
    let scopes = for_audience(core, scopes, &audience);
    let session = Session {
        id,
        user: user.id,
        client_id: client.id.as_str().to_owned(),
        scopes,
        epoch: user.epoch,
        proved: login.proved,
        authenticator: login.authenticator,
        opened_at: now,
        used_at: now,
        expires_at: end_of(client, parent.as_ref(), now).min(not_after.unwrap_or(Timestamp::from_micros(i64::MAX))),
        origin: origin.clone(),
        parent: login.parent,
        audience,
        actor,
        claims: request.claims,
    };
    tx.sessions().insert(&session).await?;
    let refresh_token = if client.may(GrantType::RefreshToken) && session.actor.is_none() {
        let (token, digest) = core.new_refresh_token();
        let row = StoredRefreshToken {
            digest,
            session: session.id,
            issued_at: now,
            expires_at: refresh_token_expiry(client, &session, now),
        };
        tx.refresh_tokens().insert(&row).await?;
        Some(token)
    } else {
        None
    };
    let mut terms = terms_of(core, client, &session);
    if let Some(id_token) = &mut terms.id_token {
        id_token.nonce = request.nonce;
    }
    let opaque = opaque_token(core, tx, client, &session, &terms, now).await?;
    let terms = terms.with_opaque(opaque);
    Ok(Opened::continued(session, user, terms, refresh_token, now))
}

/// The resources that were asked for, or the client's own default; none for this service itself.
pub(crate) fn audience(client: &Client, asked: Vec<String>) -> Vec<String> {
    if asked.is_empty() {
        client.audiences.first().cloned().into_iter().collect()
    } else {
        asked
    }
}

/// The scopes of this service's own resources are for tokens that go nowhere else: another resource that gets to see one could
/// use it here (RFC 9700 section 2.3).
pub(crate) fn for_audience(core: &Core, scopes: Scopes, audience: &[String]) -> Scopes {
    let own = &core.policies.expectation.audience;
    if audience.iter().all(|one| one == own) {
        scopes
    } else {
        scopes.without(&Scope::Account).without(&Scope::Admin)
    }
}

/// A session lives as long as it can be refreshed, and no shorter than the browser's: or its client would not be told of the
/// logout.
fn end_of(client: &Client, parent: Option<&Session>, now: Timestamp) -> Timestamp {
    let own = if client.may(GrantType::RefreshToken) {
        client.refresh_token_lifetime.max(client.access_token_lifetime)
    } else {
        client.access_token_lifetime
    };
    let own = now.after(own);
    parent.map_or(own, |parent| own.max(parent.expires_at))
}

/// When a refresh token of a client's session that is issued now expires.
pub(crate) fn refresh_token_expiry(client: &Client, session: &Session, now: Timestamp) -> Timestamp {
    now.after(client.refresh_token_idle)
        .min(session.opened_at.after(client.refresh_token_lifetime))
        .min(session.expires_at)
}

/// The form of what is minted for a client's session.
pub(crate) fn terms_of(core: &Core, client: &Client, session: &Session) -> Terms {
    let is_openid = session.scopes.contains(&Scope::OpenId);
    Terms {
        access_token_lifetime: client.access_token_lifetime,
        id_token: is_openid.then(|| IdTokenTerms {
            client: client.id.clone(),
            lifetime: core.policies.oauth.id_token_lifetime,
            nonce: None,
        }),
        ..Terms::own(core)
    }
}

/// The opaque access token of a client's session, if that is what its tokens are.
pub(crate) async fn opaque_token(
    core: &Core,
    tx: &mut dyn Transaction,
    client: &Client,
    session: &Session,
    terms: &Terms,
    now: Timestamp,
) -> Result<Option<OpaqueToken>, StoreError> {
    match client.token_format {
        TokenFormat::Jwt => Ok(None),
        TokenFormat::Opaque => {
            let (token, digest) = core.new_opaque_token();
            let row = StoredOpaqueToken {
                digest,
                token: TokenId::from_random(core.random_id()),
                session: Some(session.id),
                client: client.id.clone(),
                scopes: session.scopes.clone(),
                audience: super::audience_of(core, session),
                issued_at: now,
                expires_at: terms.access_token_expiry(session, now),
            };
            tx.oauth().opaque_tokens().insert(&row).await?;
            Ok(Some(token))
        }
    }
}

/// Writes down that a client's session was opened, at the end of the transaction that opened it.
pub(crate) async fn note(core: &Core, tx: &mut dyn Transaction, opened: &Opened) -> Result<(), StoreError> {
    let session = &opened.session;
    let (id, amr, scope) = (
        session.id.to_string(),
        session.proved.amr().join(" "),
        session.scopes.to_string(),
    );
    let mut details = vec![
        ("session", id.as_str()),
        ("client", session.client_id.as_str()),
        ("amr", amr.as_str()),
        ("acr", session.proved.assurance().acr()),
        ("scope", scope.as_str()),
    ];
    details.extend(session.actor.as_deref().map(|actor| ("actor", actor)));
    let entry = Entry::by_owner(EventKind::ClientSessionOpened, session.user, &session.origin, &details);
    audit::record(core, tx, entry).await
}
