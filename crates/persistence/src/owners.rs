//! Who waits for whom on PostgreSQL, where a row goes by foreign key with its client, its account or its session.

use application::ports::StoreError;
use domain::client::ClientId;
use domain::secret::Digest;
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::row::bytes;
use crate::store::UnitOfWork;

/// What may take along the row of a code or of a device's request.
const OWNERS_OF_LOGIN: &str = "WITH own AS (SELECT user_id, parent_id, client_id FROM {table} WHERE digest = $1),
    account AS MATERIALIZED (SELECT 1 FROM users WHERE id = (SELECT user_id FROM own) FOR KEY SHARE),
    session AS MATERIALIZED (SELECT 1 FROM sessions WHERE id = (SELECT parent_id FROM own) FOR KEY SHARE),
    client AS MATERIALIZED (SELECT 1 FROM clients WHERE id = (SELECT client_id FROM own) FOR KEY SHARE)
    SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM session), (SELECT count(*) FROM client)";

/// What may take along the row of a pushed request.
const OWNER_OF_REQUEST: &str =
    "SELECT 1 FROM clients WHERE id = (SELECT client_id FROM pushed_requests WHERE digest = $1) FOR KEY SHARE";

/// The client itself first, so that nothing is added to it any more; then whatever else may take along its rows.
const CLIENT: &str = "SELECT 1 FROM clients WHERE id = $1 FOR UPDATE";
const OTHER_OWNERS_OF_CLIENT: &str = "WITH accounts AS MATERIALIZED (SELECT 1 FROM users WHERE id IN (
        SELECT user_id FROM consents WHERE client_id = $1 UNION SELECT user_id FROM codes WHERE client_id = $1
        UNION SELECT user_id FROM devices WHERE client_id = $1) ORDER BY id FOR KEY SHARE),
    parents AS MATERIALIZED (SELECT 1 FROM sessions WHERE id IN (
        SELECT parent_id FROM codes WHERE client_id = $1 UNION SELECT parent_id FROM devices WHERE client_id = $1
        UNION SELECT session_id FROM opaque_tokens WHERE client_id = $1) ORDER BY id FOR KEY SHARE)
    SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM parents)";

/// Tables whose rows go with a login and a client.
#[derive(Clone, Copy)]
pub(crate) enum LoginTable {
    Codes,
    Devices,
}

impl LoginTable {
    const fn name(self) -> &'static str {
        match self {
            Self::Codes => "codes",
            Self::Devices => "devices",
        }
    }
}

impl UnitOfWork {
    /// Locks what may take the row along, in the order of tables: those who delete an owner lock it before its rows, so whoever
    /// changes such a row and then goes on to the owner would wait in a circle with them. What the row says is still decided by
    /// the conditional statement that follows.
    pub(crate) async fn hold_owners(
        &mut self,
        action: &'static str,
        table: LoginTable,
        digest: &Digest,
    ) -> Result<(), StoreError> {
        let sql = OWNERS_OF_LOGIN.replace("{table}", table.name());
        self.hold(action, &sql, bytes(digest).into()).await
    }

    /// The same for a pushed request.
    pub(crate) async fn hold_owner_of_request(
        &mut self,
        action: &'static str,
        digest: &Digest,
    ) -> Result<(), StoreError> {
        self.hold(action, OWNER_OF_REQUEST, bytes(digest).into()).await
    }

    /// The same for everything that goes with a client.
    pub(crate) async fn hold_owners_beside_client(
        &mut self,
        action: &'static str,
        client: &ClientId,
    ) -> Result<(), StoreError> {
        self.hold(action, CLIENT, client.as_str().into()).await?;
        self.hold(action, OTHER_OWNERS_OF_CLIENT, client.as_str().into()).await
    }

    async fn hold(&mut self, action: &'static str, sql: &str, key: Value) -> Result<(), StoreError> {
        if !self.is_postgres() {
            return Ok(());
        }
        let statement = Statement::from_sql_and_values(self.transaction.get_database_backend(), sql, [key]);
        let held = self.transaction.query_all_raw(statement).await;
        self.noted(action, held).map(|_| ())
    }
}
