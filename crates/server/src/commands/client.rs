//! `countersign client`: applications, for the operator.

use std::path::Path;
use std::process::ExitCode;

use application::App;
use application::actor::Actor;
use application::clients::{ClientError, SecretChoice, usual_draft};
use domain::client::{Client, ClientAuthentication, ClientId, Party, Pkce, TokenFormat};
use domain::client_rules::ClientDraft;
use domain::factor::FactorPolicy;
use domain::redirect_uri::RedirectUri;
use domain::scope::Scopes;
use domain::secret::ClientSecret;
use domain::session::Origin;
use serde_json::{Value, json};

use super::{Absence, Failure, Outcome, with_service};
use crate::cli::{Client as Command, Global, NewClient};
use crate::error::with_causes;
use crate::output::{self, Format, instant, table};

const PAGE: u32 = 200;

pub(super) fn run(global: &Global, command: Command) -> Outcome {
    let format = global.format();
    with_service(global, Absence::Refuses, |service| async move {
        let app = &service.app;
        match command {
            Command::Add(new) => add(app, *new, format).await,
            Command::List => list(app, format).await,
            Command::Show { id } => {
                let client = named(app, &id).await?;
                output::result(format, &described(&client), || table(&rows(&client)));
                Ok(ExitCode::SUCCESS)
            }
            Command::RotateSecret { id } => rotate_secret(app, &id, format).await,
            Command::Delete { id } => delete(app, &id, format).await,
        }
    })
}

async fn add(app: &App, new: NewClient, format: Format) -> Outcome {
    let id = identity(&new.id)?;
    let draft = draft(app, new)?;
    let created = app
        .oauth
        .manage_clients
        .create(
            &Actor::Operator,
            Some(id.clone()),
            draft,
            SecretChoice::Generate,
            &Origin::default(),
        )
        .await
        .map_err(|error| refusal(id.as_str(), error))?;
    let secret = created.secret.as_ref().map(ClientSecret::expose);
    let mut value = described(&created.client);
    if let (Some(fields), Some(secret)) = (value.as_object_mut(), secret) {
        fields.insert("client_secret".to_owned(), secret.into());
    }
    output::result(format, &value, || {
        let mut rows = rows(&created.client);
        rows.extend(secret.map(|secret| pair("secret", secret)));
        let text = table(&rows);
        match secret {
            Some(_) => format!("{text}\n\nThe secret is shown this once. Hand it to whoever runs the application."),
            None => text,
        }
    });
    Ok(ExitCode::SUCCESS)
}

fn draft(app: &App, new: NewClient) -> Result<ClientDraft, Failure> {
    let usual = usual_draft(new.name.unwrap_or(new.id), &app.core.policies.oauth);
    let scopes = new.scope.as_deref().map(Scopes::parse).transpose();
    let scopes = scopes.map_err(|fault| Failure::new(format!("scope: {fault}")))?;
    let jwks = new.jwks.as_deref().map(read).transpose()?;
    let authentication = match (new.public, &jwks) {
        (true, _) => ClientAuthentication::None,
        (false, Some(_)) => ClientAuthentication::PrivateKeyJwt,
        (false, None) => usual.authentication,
    };
    Ok(ClientDraft {
        authentication,
        jwks,
        scopes: scopes.unwrap_or(usual.scopes),
        party: if new.first_party { Party::First } else { usual.party },
        grant_types: if new.grants.is_empty() {
            usual.grant_types
        } else {
            new.grants
        },
        redirect_uris: new.redirect_uris,
        post_logout_redirect_uris: new.post_logout_redirect_uris,
        backchannel_logout_uri: new.backchannel_logout_uri,
        audiences: new.audiences,
        cors_origins: new.cors_origins,
        token_format: if new.opaque {
            TokenFormat::Opaque
        } else {
            usual.token_format
        },
        requires_pushed_requests: new.require_par,
        pkce: if new.optional_pkce { Pkce::Optional } else { usual.pkce },
        ..usual
    })
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::new(format!("{} cannot be read: {error}", file.display())))
}

async fn list(app: &App, format: Format) -> Outcome {
    let mut clients: Vec<Client> = Vec::new();
    loop {
        let after = clients.last().map(|client| client.id.clone());
        let manage = &app.oauth.manage_clients;
        let page = manage.list(&Actor::Operator, after.as_ref(), PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        clients.extend(page);
        if is_last {
            break;
        }
    }
    let value = Value::Array(clients.iter().map(described).collect());
    output::result(format, &value, || {
        if clients.is_empty() {
            return "There is no application.".to_owned();
        }
        let head = ["CLIENT_ID", "NAME", "AUTHENTICATION", "STATE", "CREATED"]
            .map(str::to_owned)
            .to_vec();
        let rows = clients.iter().map(|client| {
            vec![
                client.id.to_string(),
                client.name.clone(),
                client.authentication.name().to_owned(),
                client.state.name().to_owned(),
                instant(client.created_at),
            ]
        });
        table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
    });
    Ok(ExitCode::SUCCESS)
}

async fn rotate_secret(app: &App, id: &str, format: Format) -> Outcome {
    let manage = &app.oauth.manage_clients;
    let rotated = manage
        .rotate_secret(
            &Actor::Operator,
            &identity(id)?,
            SecretChoice::Generate,
            &Origin::default(),
        )
        .await
        .map_err(|error| refusal(id, error))?;
    let secret = rotated.secret.as_ref().map(ClientSecret::expose);
    let secret = secret.unwrap_or_default();
    let value = json!({ "client_id": id, "client_secret": secret });
    output::result(format, &value, || {
        let rows = [pair("client_id", id), pair("secret", secret)];
        format!(
            "{}\n\nThe old secret is void. This one is shown this once.",
            table(&rows)
        )
    });
    Ok(ExitCode::SUCCESS)
}

async fn delete(app: &App, id: &str, format: Format) -> Outcome {
    let manage = &app.oauth.manage_clients;
    manage
        .delete(&Actor::Operator, &identity(id)?, &Origin::default())
        .await
        .map_err(|error| refusal(id, error))?;
    let value = json!({ "client_id": id, "done": "deleted" });
    output::result(format, &value, || format!("{id} is deleted."));
    Ok(ExitCode::SUCCESS)
}

fn identity(text: &str) -> Result<ClientId, Failure> {
    ClientId::parse(text).map_err(|fault| Failure::new(format!("the client_id {fault}")))
}

async fn named(app: &App, id: &str) -> Result<Client, Failure> {
    let manage = &app.oauth.manage_clients;
    let found = manage.get(&Actor::Operator, &identity(id)?).await;
    found.map_err(|error| refusal(id, error))
}

fn refusal(id: &str, error: ClientError) -> Failure {
    match error {
        ClientError::NotFound => Failure::new(format!(
            "there is no application {id:?}; `countersign client list` shows those there are"
        )),
        ClientError::Taken => Failure::new(format!("there is an application {id:?} already")),
        ClientError::NoSecret => Failure::new(format!("{id:?} does not prove itself with a secret")),
        ClientError::Faults(faults) => {
            let lines: Vec<_> = faults
                .iter()
                .map(|fault| format!("{} {}", fault.field, fault.detail))
                .collect();
            Failure::new(lines.join("\n"))
        }
        ClientError::Changed | ClientError::Busy(_) | ClientError::Store(_) => Failure::new(with_causes(&error)),
    }
}

/// The fields of the API, by the same names.
fn described(client: &Client) -> Value {
    let uris = |uris: &[RedirectUri]| uris.iter().map(|uri| Value::from(uri.as_str())).collect::<Value>();
    let jwks: Option<Value> = client.jwks.as_deref().and_then(|jwks| serde_json::from_str(jwks).ok());
    let factors = client.factors.as_ref().map(FactorPolicy::second_factors);
    json!({
        "client_id": client.id.as_str(),
        "client_name": client.name,
        "state": client.state.name(),
        "party": client.party.name(),
        "authentication": client.authentication.name(),
        "jwks": jwks,
        "grant_types": client.grant_types.iter().map(|grant| grant.name()).collect::<Vec<_>>(),
        "redirect_uris": uris(&client.redirect_uris),
        "post_logout_redirect_uris": uris(&client.post_logout_redirect_uris),
        "backchannel_logout_uri": client.backchannel_logout_uri,
        "scope": client.scopes.to_string(),
        "audiences": client.audiences,
        "access_token_lifetime": client.access_token_lifetime.as_secs(),
        "token_format": client.token_format.name(),
        "refresh_token_lifetime": client.refresh_token_lifetime.as_secs(),
        "refresh_token_idle": client.refresh_token_idle.as_secs(),
        "pkce": client.pkce.name(),
        "require_pushed_authorization_requests": client.requires_pushed_requests,
        "factors": factors.map(|factors| factors.iter().map(|factor| factor.name()).collect::<Vec<_>>()),
        "cors_origins": client.cors_origins,
        "version": client.version,
        "created_at": instant(client.created_at),
        "updated_at": instant(client.updated_at),
    })
}

fn rows(client: &Client) -> Vec<Vec<String>> {
    let grants: Vec<_> = client.grant_types.iter().map(|grant| grant.name()).collect();
    let mut rows = vec![
        pair("client_id", client.id.as_str()),
        // Quoted and escaped: it may come from whoever runs the application.
        pair("name", &format!("{:?}", client.name)),
        pair("state", client.state.name()),
        pair("party", client.party.name()),
        pair("authentication", client.authentication.name()),
        pair("pkce", client.pkce.name()),
        pair("grants", &grants.join(" ")),
        pair("scope", &client.scopes.to_string()),
        pair("token format", client.token_format.name()),
    ];
    let uris = client.redirect_uris.iter().map(|uri| pair("redirect", uri.as_str()));
    rows.extend(uris);
    let uris = client.post_logout_redirect_uris.iter();
    rows.extend(uris.map(|uri| pair("after logout", uri.as_str())));
    rows.extend(
        client
            .backchannel_logout_uri
            .iter()
            .map(|uri| pair("told of logouts", uri)),
    );
    rows.extend(client.audiences.iter().map(|audience| pair("audience", audience)));
    rows.extend(client.cors_origins.iter().map(|origin| pair("scripts of", origin)));
    rows.push(pair("created", &instant(client.created_at)));
    rows
}

fn pair(name: &str, value: &str) -> Vec<String> {
    vec![name.to_owned(), value.to_owned()]
}
