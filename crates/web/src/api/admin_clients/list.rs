//! Pages of the list of client applications.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::client::{Client, ClientId};
use poem_openapi::Object;

use super::body::ClientInfo;
use crate::api::admin_users::list::Limit;
use crate::parameter::parameters;

const USUAL: u32 = 50;

parameters! {
    /// A place in the list of clients: the identity that the page before ended with.
    ClientCursor(ClientId): "string", "is not a cursor of an answer",
        |text| URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|id| ClientId::parse(&id).ok());
}

/// A page of client applications.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct ClientList {
    /// The clients, ordered by identity.
    clients: Vec<ClientInfo>,
    /// The `cursor` of the next page. Absent on the last.
    next_cursor: Option<String>,
}

/// What is asked for.
pub(super) struct Page {
    pub after: Option<ClientId>,
    limit: u32,
}

impl Page {
    pub fn new(limit: Option<Limit>, cursor: Option<ClientCursor>) -> Self {
        Self {
            after: cursor.map(|cursor| cursor.0),
            limit: limit.map_or(USUAL, |limit| limit.0),
        }
    }

    /// One more than wanted, to know whether there is a next page.
    pub const fn asked(&self) -> u32 {
        self.limit + 1
    }

    /// The page, of what was found.
    pub fn answer(&self, found: &[Client]) -> ClientList {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let last = limit.checked_sub(1).and_then(|last| found.get(last));
        let next_cursor = last
            .filter(|_| found.len() > limit)
            .map(|client| URL_SAFE_NO_PAD.encode(client.id.as_str()));
        ClientList {
            clients: found.iter().take(limit).map(ClientInfo::from).collect(),
            next_cursor,
        }
    }
}
