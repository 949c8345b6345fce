//! Client applications. What belongs to them goes with them, by foreign key.

use application::ports::{ClientInsertion, Clients, StoreError};
use async_trait::async_trait;
use domain::client::{Client, ClientAuthentication, ClientId, ClientState, Party, StoredClientSecret};
use domain::secret::PasswordHash;
use domain::time::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use crate::client_settings::{self, Settings};
use crate::entity::clients::{Column, Entity, Model};
use crate::row::{bytes, client_id, digest, unreadable};
use crate::store::UnitOfWork;

const ACTIVE: &str = "active";
const DISABLED: &str = "disabled";
const FIRST: &str = "first";
const THIRD: &str = "third";

#[async_trait]
impl Clients for UnitOfWork {
    async fn insert(&mut self, client: &Client) -> Result<ClientInsertion, StoreError> {
        const ACTION: &str = "add a client";
        let row = self.noted(ACTION, row(client))?;
        let inserted = Entity::insert(row.into_active_model())
            .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
            .exec_without_returning(&self.transaction)
            .await;
        Ok(match self.noted(ACTION, inserted)? {
            1 => ClientInsertion::Done,
            _ => ClientInsertion::Taken,
        })
    }

    async fn find(&mut self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        let found = Entity::find_by_id(id.as_str()).one(&self.transaction).await;
        self.one("find a client", found, client)
    }

    async fn update(&mut self, client: &Client, version: i64) -> Result<bool, StoreError> {
        const ACTION: &str = "change a client";
        let row = self.noted(ACTION, row(client))?;
        let updated = Entity::update_many()
            .col_expr(Column::Name, Expr::value(row.name))
            .col_expr(Column::State, Expr::value(row.state))
            .col_expr(Column::Party, Expr::value(row.party))
            .col_expr(Column::Authentication, Expr::value(row.authentication))
            .col_expr(Column::SecretDigest, Expr::value(row.secret_digest))
            .col_expr(Column::SecretHash, Expr::value(row.secret_hash))
            .col_expr(Column::Settings, Expr::value(row.settings))
            .col_expr(Column::Version, Expr::value(row.version))
            .col_expr(Column::UpdatedAt, Expr::value(row.updated_at))
            .filter(Column::Id.eq(row.id))
            .filter(Column::Version.eq(version))
            .exec(&self.transaction)
            .await;
        Ok(self.noted(ACTION, updated)?.rows_affected == 1)
    }

    async fn delete(&mut self, id: &ClientId) -> Result<bool, StoreError> {
        const ACTION: &str = "delete a client";
        self.hold_owners_beside_client(ACTION, id).await?;
        let deleted = Entity::delete_by_id(id.as_str()).exec(&self.transaction).await;
        Ok(self.noted(ACTION, deleted)?.rows_affected == 1)
    }

    async fn list(&mut self, after: Option<&ClientId>, limit: u32) -> Result<Vec<Client>, StoreError> {
        let mut query = Entity::find();
        if let Some(after) = after {
            query = query.filter(Column::Id.gt(after.as_str()));
        }
        let found = query
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .all(&self.transaction)
            .await;
        self.all("list clients", found, client)
    }
}

fn row(client: &Client) -> Result<Model, DbErr> {
    let (secret_digest, secret_hash) = match &client.secret {
        None => (None, None),
        Some(StoredClientSecret::Generated(digest)) => (Some(bytes(digest)), None),
        Some(StoredClientSecret::Chosen(hash)) => (None, Some(hash.as_phc().to_owned())),
    };
    let state = match client.state {
        ClientState::Active => ACTIVE,
        ClientState::Disabled => DISABLED,
    };
    let party = match client.party {
        Party::First => FIRST,
        Party::Third => THIRD,
    };
    Ok(Model {
        id: client.id.to_string(),
        name: client.name.clone(),
        state: state.to_owned(),
        party: party.to_owned(),
        authentication: client.authentication.name().to_owned(),
        secret_digest,
        secret_hash,
        settings: client_settings::text(client)?,
        version: client.version,
        created_at: client.created_at.micros(),
        updated_at: client.updated_at.micros(),
    })
}

fn client(row: Model) -> Result<Client, DbErr> {
    let authentication = ClientAuthentication::from_name(&row.authentication);
    let settings = Settings::read(&row.settings)?;
    Ok(Client {
        id: client_id("clients.id", &row.id)?,
        name: row.name,
        state: match row.state.as_str() {
            ACTIVE => ClientState::Active,
            DISABLED => ClientState::Disabled,
            _ => return Err(unreadable("clients.state")),
        },
        party: match row.party.as_str() {
            FIRST => Party::First,
            THIRD => Party::Third,
            _ => return Err(unreadable("clients.party")),
        },
        authentication: authentication.ok_or_else(|| unreadable("clients.authentication"))?,
        secret: secret(row.secret_digest, row.secret_hash)?,
        jwks: settings.jwks,
        grant_types: settings.grant_types,
        redirect_uris: settings.redirect_uris,
        post_logout_redirect_uris: settings.post_logout_redirect_uris,
        backchannel_logout_uri: settings.backchannel_logout_uri,
        scopes: settings.scopes,
        audiences: settings.audiences,
        access_token_lifetime: settings.access_token_lifetime,
        token_format: settings.token_format,
        refresh_token_lifetime: settings.refresh_token_lifetime,
        refresh_token_idle: settings.refresh_token_idle,
        pkce: settings.pkce,
        requires_pushed_requests: settings.requires_pushed_requests,
        factors: settings.factors,
        cors_origins: settings.cors_origins,
        version: row.version,
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
    })
}

fn secret(generated: Option<Vec<u8>>, chosen: Option<String>) -> Result<Option<StoredClientSecret>, DbErr> {
    match (generated, chosen) {
        (None, None) => Ok(None),
        (Some(bytes), None) => {
            digest("clients.secret_digest", bytes).map(|digest| Some(StoredClientSecret::Generated(digest)))
        }
        (None, Some(hash)) => Ok(Some(StoredClientSecret::Chosen(PasswordHash::from_phc(hash)))),
        (Some(_), Some(_)) => Err(unreadable("clients.secret_hash")),
    }
}
