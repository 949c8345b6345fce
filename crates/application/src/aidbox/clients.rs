//! `Client` documents: each describes a client application, which is registered by the same rules as any other.

use std::sync::Arc;

use domain::aidbox::ResourceKind;
use domain::aidbox::client::{ClientDefaults, ClientRead};
use domain::aidbox::node::Node;
use domain::aidbox::reading::AttributeFault;
use domain::client::{ClientAuthentication, ClientId};
use domain::client_rules::ClientDraft;
use domain::event::EventKind;

use super::json;
use super::resources::{Call, Draft, ResourceError, Written, note, store};
use crate::clients::{ClientError, ManageClients, SecretChoice};

/// Registers or changes the client, and keeps the document beside it. Should the second not happen any more, the client is
/// there without a document, and writing the same again puts it right.
pub(super) async fn put(call: &Call<'_>, mut document: Node) -> Result<Written, ResourceError> {
    let core = call.core;
    let id = client_id(call.id)?;
    let manage = ManageClients::new(Arc::clone(core), Arc::clone(call.feed));
    let before = match manage.get(call.actor, &id).await {
        Ok(client) => Some(client),
        Err(ClientError::NotFound) => None,
        Err(error) => return Err(failed(error)),
    };
    let policy = core.policies.oauth;
    let defaults = ClientDefaults {
        access_token_lifetime: policy.client_access_token_lifetime,
        refresh_token_lifetime: policy.client_refresh_token_lifetime,
        refresh_token_idle: policy.client_refresh_token_idle,
        has_secret: before.as_ref().is_some_and(|client| client.secret.is_some()),
    };
    let mut read = ClientRead::of(&document, call.id, &defaults);
    if read.draft.authentication == ClientAuthentication::PrivateKeyJwt {
        read.draft.jwks = read.keys.as_ref().map(key_set);
    }
    let faults = std::mem::take(&mut read.faults);
    ResourceError::unless_sound(core, faults, &read.idle)?;
    let secret = read.secret.take();
    let draft = read.draft.clone();
    let is_new = before.is_none();
    let outcome = match before {
        None => {
            let choice = secret.map_or(SecretChoice::Generate, SecretChoice::Chosen);
            manage.create(call.actor, Some(id), draft, choice, call.origin).await
        }
        Some(client) => {
            let authentication = draft.authentication;
            let version = Some(client.version);
            let says_state = document.get("active").is_some();
            let change = |old: &mut ClientDraft| *old = put_over(old, draft, says_state);
            let updated = manage.update(call.actor, &id, version, change, call.origin).await;
            match (updated, secret, authentication) {
                (Ok(_), Some(secret), ClientAuthentication::Secret) => {
                    let choice = SecretChoice::Chosen(secret);
                    manage.rotate_secret(call.actor, &id, choice, call.origin).await
                }
                (updated, ..) => updated,
            }
        }
    };
    outcome.map_err(|error| match error {
        ClientError::Faults(faults) => {
            let faults = faults.iter().map(|fault| read.translate(fault)).collect();
            ResourceError::Faults(faults)
        }
        error => failed(error),
    })?;

    document.take("secret");
    let mut tx = core.ports.store.begin().await?;
    let kept = tx.aidbox_resources().hold(ResourceKind::Client, call.id).await?;
    let draft = Draft {
        document,
        account: None,
    };
    store(call, tx.as_mut(), ResourceKind::Client, draft, kept).await?;
    note(
        call,
        tx.as_mut(),
        EventKind::AidboxResourceWritten,
        ResourceKind::Client,
    )
    .await?;
    tx.commit().await?;
    Ok(if is_new { Written::Created } else { Written::Replaced })
}

/// Deletes the client. Whether there was one, the document tells.
pub(super) async fn delete(call: &Call<'_>) -> Result<(), ResourceError> {
    let Ok(id) = ClientId::parse(call.id) else {
        return Err(ResourceError::NotFound);
    };
    let mut tx = call.core.ports.store.read().await?;
    let found = tx.aidbox_resources().find(ResourceKind::Client, call.id).await?;
    drop(tx);
    if found.is_none() {
        return Err(ResourceError::NotFound);
    }
    let manage = ManageClients::new(Arc::clone(call.core), Arc::clone(call.feed));
    match manage.delete(call.actor, &id, call.origin).await {
        Ok(()) | Err(ClientError::NotFound) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// What a document makes of a client that is there. What it does not say, or has no words for, is not taken away: whoever writes
/// the same document again must neither let in what was locked out nor ask less of it.
fn put_over(old: &ClientDraft, new: ClientDraft, says_state: bool) -> ClientDraft {
    ClientDraft {
        state: if says_state { new.state } else { old.state },
        post_logout_redirect_uris: old.post_logout_redirect_uris.clone(),
        backchannel_logout_uri: old.backchannel_logout_uri.clone(),
        requires_pushed_requests: old.requires_pushed_requests,
        factors: old.factors.clone(),
        ..new
    }
}

fn client_id(text: &str) -> Result<ClientId, ResourceError> {
    ClientId::parse(text).map_err(|fault| ResourceError::Faults(vec![AttributeFault::new("id", fault.to_string())]))
}

/// Keys as a JWK Set: there they are a list.
fn key_set(keys: &Node) -> String {
    match keys {
        Node::List(_) => json::write(&Node::Map(vec![("keys".to_owned(), keys.clone())])),
        other => json::write(other),
    }
}

fn failed(error: ClientError) -> ResourceError {
    match error {
        ClientError::NotFound | ClientError::Taken | ClientError::Changed | ClientError::NoSecret => {
            ResourceError::Changed
        }
        // Judged by whoever calls this, with the attributes at hand.
        ClientError::Faults(faults) => {
            let faults = faults
                .into_iter()
                .map(|fault| AttributeFault::new(fault.field, fault.detail));
            ResourceError::Faults(faults.collect())
        }
        ClientError::Busy(busy) => busy.into(),
        ClientError::Store(error) => error.into(),
    }
}
