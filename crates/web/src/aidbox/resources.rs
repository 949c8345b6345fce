//! `/AuthConfig`, `/Client` and `/User`: resources, for administrators.

use application::actor::Actor;
use application::aidbox::{ResourceError, json};
use application::ports::StoreError;
use domain::aidbox::ResourceKind;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use serde_json::{Value, json};

use super::answer::{Put, Shown, value_of};
use super::notation::{Sent, Wants};
use crate::api::Chapter;
use crate::api::admin_users::list::Limit;
use crate::bearer::Administrator;
use crate::context::{Context, Source};
use crate::json::NoContent;
use crate::parameter::NamesOnce;
use crate::problem::{AdminProblem, AdminUserProblem, AidboxDeleteProblem, AidboxWriteProblem};

/// How many resources a list has, unless the caller says.
const USUAL: u32 = 100;

async fn put(
    call: (&Context, &Source, &Actor),
    kind: ResourceKind,
    id: &str,
    wants: Wants,
    body: Sent,
) -> Result<Put, ResourceError> {
    let (context, source, actor) = call;
    let resources = &context.app.aidbox.resources;
    let document = json::node_of(body.0);
    let (written, shown) = resources.put(actor, kind, id, document, &source.origin).await?;
    Ok(Put {
        notation: wants.0,
        written,
        value: value_of(&shown),
    })
}

async fn get(
    context: &Context,
    actor: &Actor,
    kind: ResourceKind,
    id: &str,
    wants: Wants,
) -> Result<Shown, ResourceError> {
    let shown = context.app.aidbox.resources.get(actor, kind, id).await?;
    Ok(Shown {
        notation: wants.0,
        value: value_of(&shown),
    })
}

async fn list(
    context: &Context,
    actor: &Actor,
    kind: ResourceKind,
    page: (Option<Limit>, Option<String>),
    wants: Wants,
) -> Result<Shown, StoreError> {
    let limit = page.0.map_or(USUAL, |limit| limit.0);
    let resources = &context.app.aidbox.resources;
    let found = resources.list(actor, kind, page.1.as_deref(), limit).await?;
    let entries: Vec<Value> = found
        .iter()
        .map(|shown| json!({ "resource": value_of(shown) }))
        .collect();
    Ok(Shown {
        notation: wants.0,
        value: json!({ "resourceType": "Bundle", "type": "searchset", "entry": entries }),
    })
}

/// Resources.
pub(super) struct ResourcesApi;

#[OpenApi(tag = "Chapter::Aidbox")]
impl ResourcesApi {
    /// Write settings of logging in
    ///
    /// The document says how the pages of a login look, which one-time codes are accepted, and where codes are sent. The one that
    /// `compat.aidbox.auth_config` names applies, or else the only one, or the oldest. Values of headers are sealed and shown as
    /// null; null sent back leaves a value as it is.
    #[oai(path = "/AuthConfig/:id", method = "put", operation_id = "aidboxPutAuthConfig")]
    async fn put_auth_config(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        wants: Wants,
        /// Its identity.
        id: Path<String>,
        body: Sent,
    ) -> Result<Put, AidboxWriteProblem> {
        let call = (context.0, &source, &actor.0);
        Ok(put(call, ResourceKind::AuthConfig, &id.0, wants, body).await?)
    }

    /// Read settings of logging in
    #[oai(path = "/AuthConfig/:id", method = "get", operation_id = "aidboxGetAuthConfig")]
    async fn get_auth_config(
        &self,
        context: Data<&Context>,
        actor: Administrator,
        wants: Wants,
        /// Its identity.
        id: Path<String>,
    ) -> Result<Shown, AdminUserProblem> {
        Ok(get(&context, &actor.0, ResourceKind::AuthConfig, &id.0, wants).await?)
    }

    /// List settings of logging in
    ///
    /// As a bundle of resources.
    #[oai(path = "/AuthConfig", method = "get", operation_id = "aidboxListAuthConfig")]
    async fn list_auth_config(
        &self,
        context: Data<&Context>,
        actor: Administrator,
        wants: Wants,
        _once: NamesOnce,
        /// How many, up to 200. Absent: 100.
        #[oai(name = "_count")]
        count: Query<Option<Limit>>,
        /// The identity that the page before ended with.
        #[oai(name = "_after")]
        after: Query<Option<String>>,
    ) -> Result<Shown, AdminProblem> {
        let page = (count.0, after.0);
        Ok(list(&context, &actor.0, ResourceKind::AuthConfig, page, wants).await?)
    }

    /// Delete settings of logging in
    ///
    /// With what it describes.
    #[oai(path = "/AuthConfig/:id", method = "delete", operation_id = "aidboxDeleteAuthConfig")]
    async fn delete_auth_config(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// Its identity.
        id: Path<String>,
    ) -> Result<NoContent, AidboxDeleteProblem> {
        let resources = &context.app.aidbox.resources;
        resources
            .delete(&actor.0, ResourceKind::AuthConfig, &id.0, &source.origin)
            .await?;
        Ok(NoContent)
    }

    /// Write a client
    ///
    /// The document describes a client application, which is registered by the same rules as any other. Its secret is hashed and in
    /// no answer; without one, the client keeps the secret that it has.
    #[oai(path = "/Client/:id", method = "put", operation_id = "aidboxPutClient")]
    async fn put_client(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        wants: Wants,
        /// Its identity.
        id: Path<String>,
        body: Sent,
    ) -> Result<Put, AidboxWriteProblem> {
        let call = (context.0, &source, &actor.0);
        Ok(put(call, ResourceKind::Client, &id.0, wants, body).await?)
    }

    /// Read a client
    #[oai(path = "/Client/:id", method = "get", operation_id = "aidboxGetClient")]
    async fn get_client(
        &self,
        context: Data<&Context>,
        actor: Administrator,
        wants: Wants,
        /// Its identity.
        id: Path<String>,
    ) -> Result<Shown, AdminUserProblem> {
        Ok(get(&context, &actor.0, ResourceKind::Client, &id.0, wants).await?)
    }

    /// List clients
    ///
    /// As a bundle of resources.
    #[oai(path = "/Client", method = "get", operation_id = "aidboxListClient")]
    async fn list_client(
        &self,
        context: Data<&Context>,
        actor: Administrator,
        wants: Wants,
        _once: NamesOnce,
        /// How many, up to 200. Absent: 100.
        #[oai(name = "_count")]
        count: Query<Option<Limit>>,
        /// The identity that the page before ended with.
        #[oai(name = "_after")]
        after: Query<Option<String>>,
    ) -> Result<Shown, AdminProblem> {
        let page = (count.0, after.0);
        Ok(list(&context, &actor.0, ResourceKind::Client, page, wants).await?)
    }

    /// Delete a client
    ///
    /// With what it describes.
    #[oai(path = "/Client/:id", method = "delete", operation_id = "aidboxDeleteClient")]
    async fn delete_client(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// Its identity.
        id: Path<String>,
    ) -> Result<NoContent, AidboxDeleteProblem> {
        let resources = &context.app.aidbox.resources;
        resources
            .delete(&actor.0, ResourceKind::Client, &id.0, &source.origin)
            .await?;
        Ok(NoContent)
    }

    /// Write a user
    ///
    /// The document describes an account. Its password is hashed and the secret of its authenticator sealed; neither is in any
    /// answer. Without a password the account keeps the one that it has; a new one without it cannot log in. `twoFactor.enabled`
    /// that is false removes the authenticators of another account than one's own.
    #[oai(path = "/User/:id", method = "put", operation_id = "aidboxPutUser")]
    async fn put_user(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        wants: Wants,
        /// Its identity.
        id: Path<String>,
        body: Sent,
    ) -> Result<Put, AidboxWriteProblem> {
        let call = (context.0, &source, &actor.0);
        Ok(put(call, ResourceKind::User, &id.0, wants, body).await?)
    }

    /// Read a user
    #[oai(path = "/User/:id", method = "get", operation_id = "aidboxGetUser")]
    async fn get_user(
        &self,
        context: Data<&Context>,
        actor: Administrator,
        wants: Wants,
        /// Its identity.
        id: Path<String>,
    ) -> Result<Shown, AdminUserProblem> {
        Ok(get(&context, &actor.0, ResourceKind::User, &id.0, wants).await?)
    }

    /// List users
    ///
    /// As a bundle of resources.
    #[oai(path = "/User", method = "get", operation_id = "aidboxListUser")]
    async fn list_user(
        &self,
        context: Data<&Context>,
        actor: Administrator,
        wants: Wants,
        _once: NamesOnce,
        /// How many, up to 200. Absent: 100.
        #[oai(name = "_count")]
        count: Query<Option<Limit>>,
        /// The user name that the page before ended with.
        #[oai(name = "_after")]
        after: Query<Option<String>>,
    ) -> Result<Shown, AdminProblem> {
        let page = (count.0, after.0);
        Ok(list(&context, &actor.0, ResourceKind::User, page, wants).await?)
    }

    /// Delete a user
    ///
    /// With what it describes.
    #[oai(path = "/User/:id", method = "delete", operation_id = "aidboxDeleteUser")]
    async fn delete_user(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// Its identity.
        id: Path<String>,
    ) -> Result<NoContent, AidboxDeleteProblem> {
        let resources = &context.app.aidbox.resources;
        resources
            .delete(&actor.0, ResourceKind::User, &id.0, &source.origin)
            .await?;
        Ok(NoContent)
    }
}
