//! `/v1/admin/clients`: looking after client applications.

mod body;
mod list;
mod names;

use application::clients::SecretChoice;
use domain::client::ClientId;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};

use self::body::{ClientChange, ClientInfo, NewClient, NewClientSecret, RegisteredClientInfo};
use self::list::{ClientCursor, ClientList, Page};
use super::Chapter;
use super::admin_users::list::Limit;
use crate::bearer::Administrator;
use crate::context::{Context, Source};
use crate::json::{Answer, Created, NoContent, SecretText, Strict};
use crate::parameter::NamesOnce;
use crate::problem::{
    AdminClientChangeProblem, AdminClientCreateProblem, AdminClientSecretProblem, AdminProblem, AdminUserProblem, Code,
    Problem,
};

/// The client that an address names.
fn client_id(id: &Path<String>) -> Result<ClientId, Problem> {
    ClientId::parse(&id.0).map_err(|_| Problem::new(Code::NotFound))
}

/// The version in `If-Match`: what `version` of an answer says, in quotes (RFC 9110 section 13.1.1).
fn version(header: Option<&str>) -> Result<Option<i64>, Problem> {
    let Some(text) = header.filter(|text| *text != "*") else {
        return Ok(None);
    };
    let number = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let number = number.and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| {
        let detail = "must be the version of the client in quotes";
        Problem::fault(Code::InvalidRequest, "header:If-Match", detail)
    })
}

/// Client applications.
pub(crate) struct AdminClientsApi;

#[OpenApi(tag = "Chapter::Administration")]
impl AdminClientsApi {
    /// List client applications
    ///
    /// Ordered by identity. `next_cursor` of an answer is the `cursor` for the next page.
    #[oai(path = "/v1/admin/clients", method = "get", operation_id = "listClients")]
    async fn list(
        &self,
        context: Data<&Context>,
        actor: Administrator,
        _once: NamesOnce,
        /// How many at most: 1 to 200. Absent: 50.
        limit: Query<Option<Limit>>,
        /// Where to go on.
        cursor: Query<Option<ClientCursor>>,
    ) -> Result<Answer<ClientList>, AdminProblem> {
        let page = Page::new(limit.0, cursor.0);
        let manage = &context.app.oauth.manage_clients;
        let clients = manage.list(&actor.0, page.after.as_ref(), page.asked()).await?;
        Ok(Answer(page.answer(&clients)))
    }

    /// Register a client application
    ///
    /// Answers the client and, if it authenticates with one, its secret, which is shown this once.
    #[oai(path = "/v1/admin/clients", method = "post", operation_id = "createClient")]
    async fn create(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        body: Strict<NewClient>,
    ) -> Result<Created<RegisteredClientInfo>, AdminClientCreateProblem> {
        let defaults = &context.app.core.policies.oauth;
        let (id, draft) = body.0.into_draft(defaults)?;
        let manage = &context.app.oauth.manage_clients;
        let created = manage
            .create(&actor.0, id, draft, SecretChoice::Generate, &source.origin)
            .await?;
        Ok(Answer(created.into()))
    }

    /// Read a client application
    #[oai(path = "/v1/admin/clients/:id", method = "get", operation_id = "getClient")]
    async fn get(
        &self,
        context: Data<&Context>,
        actor: Administrator,
        /// The client.
        id: Path<String>,
    ) -> Result<Answer<ClientInfo>, AdminUserProblem> {
        let manage = &context.app.oauth.manage_clients;
        let client = manage.get(&actor.0, &client_id(&id)?).await?;
        Ok(Answer(ClientInfo::from(&client)))
    }

    /// Change a client application
    ///
    /// What is absent stays as it is; a list is replaced as a whole. With `If-Match` only if the client is still of that
    /// version. A client that is disabled loses its sessions.
    #[oai(path = "/v1/admin/clients/:id", method = "patch", operation_id = "updateClient")]
    async fn update(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The client.
        id: Path<String>,
        /// The `version` that was read, in quotes. Absent: whichever it is.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Strict<ClientChange>,
    ) -> Result<Answer<RegisteredClientInfo>, AdminClientChangeProblem> {
        let (id, version) = (client_id(&id)?, version(if_match.0.as_deref())?);
        let change = body.0.into_change()?;
        let manage = &context.app.oauth.manage_clients;
        let changed = manage.update(&actor.0, &id, version, change, &source.origin).await?;
        Ok(Answer(changed.into()))
    }

    /// Delete a client application
    ///
    /// Everything that it was issued is void at once.
    #[oai(path = "/v1/admin/clients/:id", method = "delete", operation_id = "deleteClient")]
    async fn delete(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The client.
        id: Path<String>,
    ) -> Result<NoContent, AdminUserProblem> {
        let manage = &context.app.oauth.manage_clients;
        manage.delete(&actor.0, &client_id(&id)?, &source.origin).await?;
        Ok(NoContent)
    }

    /// Give a client application a new secret
    ///
    /// The old one is worth nothing from now on. Its sessions go on.
    #[oai(
        path = "/v1/admin/clients/:id/secret/rotate",
        method = "post",
        operation_id = "rotateClientSecret"
    )]
    async fn rotate_secret(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The client.
        id: Path<String>,
    ) -> Result<Answer<NewClientSecret>, AdminClientSecretProblem> {
        let manage = &context.app.oauth.manage_clients;
        let rotated = manage
            .rotate_secret(&actor.0, &client_id(&id)?, SecretChoice::Generate, &source.origin)
            .await?;
        let secret = rotated.secret.map(|secret| secret.expose().to_owned());
        Ok(Answer(NewClientSecret {
            client_secret: SecretText(secret.unwrap_or_default()),
        }))
    }
}
