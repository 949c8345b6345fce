//! Pages of the list of accounts.

use application::ports::UserFilter;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::user::User;
use domain::username::Username;
use poem_openapi::Object;

use crate::api::users::{Account, StateName};
use crate::parameter::parameters;

const USUAL: u32 = 50;

parameters! {
    /// How many entries of a list.
    Limit(u32): "integer", "must be a whole number from 1 to 200", minimum 1, maximum 200,
        |text| text.parse().ok().filter(|limit| (1..=200).contains(limit));
    /// A place in the list of accounts: the user name that the page before ended with. It is opaque so that nobody builds
    /// one, and harmless if somebody does: it is only compared.
    Cursor(Username): "string", "is not a cursor of an answer",
        |text| URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|name| Username::new(&name).ok().filter(|normal| normal.as_str() == name));
}

/// A page of accounts.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct AccountList {
    /// The accounts, ordered by user name.
    users: Vec<Account>,
    /// The `cursor` of the next page. Absent on the last.
    next_cursor: Option<String>,
}

/// What is asked for.
pub(super) struct Page {
    pub filter: UserFilter,
    limit: u32,
}

impl Page {
    pub fn new(limit: Option<Limit>, cursor: Option<Cursor>, search: Option<String>, state: Option<StateName>) -> Self {
        Self {
            filter: UserFilter {
                search: search.map(|text| text.to_lowercase()).filter(|text| !text.is_empty()),
                state: state.map(Into::into),
                after: cursor.map(|cursor| cursor.0),
            },
            limit: limit.map_or(USUAL, |limit| limit.0),
        }
    }

    /// One more than wanted, to know whether there is a next page.
    pub const fn asked(&self) -> u32 {
        self.limit + 1
    }

    /// The page, of what was found.
    pub fn answer(&self, found: &[User]) -> AccountList {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let last = limit.checked_sub(1).and_then(|last| found.get(last));
        let next_cursor = last
            .filter(|_| found.len() > limit)
            .map(|user| URL_SAFE_NO_PAD.encode(user.username.as_str()));
        AccountList {
            users: found.iter().take(limit).map(Account::from).collect(),
            next_cursor,
        }
    }
}
