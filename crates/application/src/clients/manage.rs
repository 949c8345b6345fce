//! Registering client applications, changing and deleting them.

use std::sync::Arc;

use domain::browser::PAGES_CLIENT;
use domain::client::{Client, ClientAuthentication, ClientId, ClientState, StoredClientSecret};
use domain::client_rules::{ClientDraft, ClientFault};
use domain::event::EventKind;
use domain::lockout::Budget;
use domain::secret::{ClientSecret, Password};
use domain::session::{Origin, Session};
use domain::time::Timestamp;

use crate::accounts::sessions::void_sessions;
use crate::actor::Actor;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{ClientInsertion, HasherBusy, StoreError, Transaction};
use crate::revocation_feed::RevocationFeed;
use crate::sign_in::{ORION_CLIENT, attempts_of};

/// Where the secret of a client comes from.
pub enum SecretChoice {
    /// It is made here and shown once.
    Generate,
    /// It is brought from elsewhere, and perhaps guessable.
    Chosen(Password),
}

/// A client, and its secret if a new one was made. The secret is shown once.
pub struct RegisteredClient {
    /// The client.
    pub client: Client,
    /// The secret that was made for it.
    pub secret: Option<ClientSecret>,
}

/// Why nothing was done with a client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There is no such client.
    #[error("there is no such client")]
    NotFound,
    /// Another client has the identity.
    #[error("the identity is taken")]
    Taken,
    /// It was changed since it was read.
    #[error("the client was changed meanwhile")]
    Changed,
    /// It has no secret that could be replaced.
    #[error("the client does not authenticate with a secret")]
    NoSecret,
    /// The registration is not sound.
    #[error("the registration is not sound")]
    Faults(Vec<ClientFault>),
    /// Too many passwords are waiting.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Administers clients.
pub struct ManageClients {
    core: Arc<Core>,
    feed: Arc<RevocationFeed>,
}

impl ManageClients {
    pub(crate) const fn new(core: Arc<Core>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, feed }
    }

    /// Registers a client. Without an identity, one is made.
    pub async fn create(
        &self,
        actor: &Actor,
        id: Option<ClientId>,
        draft: ClientDraft,
        choice: SecretChoice,
        origin: &Origin,
    ) -> Result<RegisteredClient, ClientError> {
        let core = &self.core;
        self.judge(&draft)?;
        let (secret, stored) = self.secret_for(draft.authentication, choice).await?;
        let id = id.map_or_else(|| self.new_id(), Ok)?;
        if [PAGES_CLIENT, ORION_CLIENT, &core.policies.client_id].contains(&id.as_str()) {
            // Sessions are told apart by the name of their client.
            return Err(ClientError::Taken);
        }
        let client = new_client(id, draft, stored, core.now());
        let mut tx = core.ports.store.begin().await?;
        match tx.oauth().clients().insert(&client).await? {
            ClientInsertion::Done => {}
            ClientInsertion::Taken => return Err(ClientError::Taken),
        }
        note(core, tx.as_mut(), EventKind::ClientCreated, actor, &client.id, origin).await?;
        tx.commit().await?;
        Ok(RegisteredClient { client, secret })
    }

    /// A client.
    pub async fn get(&self, _: &Actor, id: &ClientId) -> Result<Client, ClientError> {
        let mut tx = self.core.ports.store.read().await?;
        tx.oauth().clients().find(id).await?.ok_or(ClientError::NotFound)
    }

    /// Up to `limit` clients whose identity sorts after `after`.
    pub async fn list(&self, _: &Actor, after: Option<&ClientId>, limit: u32) -> Result<Vec<Client>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        tx.oauth().clients().list(after, limit).await
    }

    /// Changes a client, if its version is still the one that was read; `None` for whichever it is. A client that from now on
    /// authenticates with a secret gets one; one that is disabled loses its sessions.
    pub async fn update(
        &self,
        actor: &Actor,
        id: &ClientId,
        version: Option<i64>,
        change: impl FnOnce(&mut ClientDraft) + Send,
        origin: &Origin,
    ) -> Result<RegisteredClient, ClientError> {
        let before = self.get(actor, id).await?;
        if version.is_some_and(|version| version != before.version) {
            return Err(ClientError::Changed);
        }
        let mut draft = ClientDraft::of(&before);
        change(&mut draft);
        self.judge(&draft)?;
        let (secret, stored) = match (draft.authentication, &before.secret) {
            (ClientAuthentication::Secret, Some(kept)) => (None, Some(kept.clone())),
            (authentication, _) => self.secret_for(authentication, SecretChoice::Generate).await?,
        };
        let client = self
            .replace(actor, before, draft, stored, EventKind::ClientUpdated, origin)
            .await?;
        Ok(RegisteredClient { client, secret })
    }

    /// Gives a client a new secret. The old one is worth nothing from now on.
    pub async fn rotate_secret(
        &self,
        actor: &Actor,
        id: &ClientId,
        choice: SecretChoice,
        origin: &Origin,
    ) -> Result<RegisteredClient, ClientError> {
        let before = self.get(actor, id).await?;
        if before.authentication != ClientAuthentication::Secret {
            return Err(ClientError::NoSecret);
        }
        let draft = ClientDraft::of(&before);
        let (secret, stored) = self.secret_for(draft.authentication, choice).await?;
        let kind = EventKind::ClientSecretRotated;
        let client = self.replace(actor, before, draft, stored, kind, origin).await?;
        Ok(RegisteredClient { client, secret })
    }

    /// Deletes a client with everything that was issued to it.
    pub async fn delete(&self, actor: &Actor, id: &ClientId, origin: &Origin) -> Result<(), ClientError> {
        let core = &self.core;
        let mut tx = core.ports.store.begin().await?;
        let ended = end_sessions_of(tx.as_mut(), id, core.now()).await?;
        if !tx.oauth().clients().delete(id).await? {
            return Err(ClientError::NotFound);
        }
        void_sessions(core, tx.as_mut(), &ended).await?;
        note(core, tx.as_mut(), EventKind::ClientDeleted, actor, id, origin).await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }

    async fn replace(
        &self,
        actor: &Actor,
        before: Client,
        draft: ClientDraft,
        secret: Option<StoredClientSecret>,
        kind: EventKind,
        origin: &Origin,
    ) -> Result<Client, ClientError> {
        let core = &self.core;
        let now = core.now();
        let version = before.version;
        let mut client = before;
        draft.apply_to(&mut client);
        client.secret = secret;
        client.version = version + 1;
        client.updated_at = now;
        let mut tx = core.ports.store.begin().await?;
        if kind == EventKind::ClientSecretRotated {
            // Guesses at the old one say nothing of the new one.
            let guesses = attempts_of(core.stand_in_for_client(client.id.as_str()), Budget::ClientSecret);
            tx.attempts().clear(&guesses).await?;
        }
        let ended = match client.state {
            ClientState::Disabled => end_sessions_of(tx.as_mut(), &client.id, now).await?,
            ClientState::Active => Vec::new(),
        };
        if !tx.oauth().clients().update(&client, version).await? {
            return Err(ClientError::Changed);
        }
        void_sessions(core, tx.as_mut(), &ended).await?;
        note(core, tx.as_mut(), kind, actor, &client.id, origin).await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(client)
    }

    fn judge(&self, draft: &ClientDraft) -> Result<(), ClientError> {
        let mut faults = draft.faults();
        let keys = draft.jwks.as_deref().map(|jwks| self.core.ports.client_keys.read(jwks));
        if let Some(Err(fault)) = keys {
            faults.push(ClientFault {
                field: String::from("jwks"),
                detail: fault.to_string(),
            });
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(ClientError::Faults(faults))
        }
    }

    async fn secret_for(
        &self,
        authentication: ClientAuthentication,
        choice: SecretChoice,
    ) -> Result<(Option<ClientSecret>, Option<StoredClientSecret>), ClientError> {
        let core = &self.core;
        match (authentication, choice) {
            (ClientAuthentication::None | ClientAuthentication::PrivateKeyJwt, _) => Ok((None, None)),
            (ClientAuthentication::Secret, SecretChoice::Generate) => {
                let (secret, digest) = core.new_client_secret();
                Ok((Some(secret), Some(StoredClientSecret::Generated(digest))))
            }
            (ClientAuthentication::Secret, SecretChoice::Chosen(text)) => {
                // One that was made by a service of this kind is as good as one that is made here.
                if let Ok(secret) = ClientSecret::parse(text.expose()) {
                    let digest = core.digest_client_secret(&secret);
                    return Ok((None, Some(StoredClientSecret::Generated(digest))));
                }
                let hash = core.hashing.place()?.hash(text).await?;
                Ok((None, Some(StoredClientSecret::Chosen(hash))))
            }
        }
    }

    fn new_id(&self) -> Result<ClientId, ClientError> {
        let id = format!("client-{:032x}", u128::from_be_bytes(self.core.random_id()));
        ClientId::parse(&id).map_err(|cause| StoreError::new("make the identity of a client", cause).into())
    }
}

fn new_client(id: ClientId, draft: ClientDraft, secret: Option<StoredClientSecret>, now: Timestamp) -> Client {
    let mut client = Client {
        id,
        name: String::new(),
        state: draft.state,
        party: draft.party,
        authentication: draft.authentication,
        secret,
        jwks: None,
        grant_types: Vec::new(),
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        backchannel_logout_uri: None,
        scopes: draft.scopes.clone(),
        audiences: Vec::new(),
        access_token_lifetime: draft.access_token_lifetime,
        token_format: draft.token_format,
        refresh_token_lifetime: draft.refresh_token_lifetime,
        refresh_token_idle: draft.refresh_token_idle,
        pkce: draft.pkce,
        requires_pushed_requests: draft.requires_pushed_requests,
        factors: None,
        cors_origins: Vec::new(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    draft.apply_to(&mut client);
    client
}

/// Ends the sessions of a client. Their tokens are still to be voided, by [`void_sessions`]: sessions come before revocations in
/// every transaction.
async fn end_sessions_of(tx: &mut dyn Transaction, id: &ClientId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
    let mut ended = Vec::new();
    for session in tx.sessions().live_of_client(id.as_str(), now).await? {
        if tx.sessions().end(session.id).await? {
            ended.push(session);
        }
    }
    Ok(ended)
}

async fn note(
    core: &Core,
    tx: &mut dyn Transaction,
    kind: EventKind,
    actor: &Actor,
    client: &ClientId,
    origin: &Origin,
) -> Result<(), StoreError> {
    let entry = Entry {
        kind,
        actor: actor.user(),
        subject: None,
        origin,
        details: &[("by", actor.name()), ("client", client.as_str())],
    };
    audit::record(core, tx, entry).await
}
