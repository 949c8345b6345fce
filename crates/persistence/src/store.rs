//! Units of work: one database transaction that is every repository.

use application::ports::{
    AidboxResources, Attempts, AuthSessions, Authenticators, Browsers, Consumption, Events, OAuthRepositories,
    PasswordResets, RecoveryCodes, RefreshTokens, Revocations, SecretKeys, Sessions, SigningKeys, SpentTokens, Store,
    StoreError, Transaction, Users,
};
use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, TransactionTrait, UpdateResult};

use crate::database::{Database, Kind};
use crate::error::DatabaseError;
use crate::migration::immediate;

#[async_trait]
impl Store for Database {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let begun = match self.kind {
            Kind::Sqlite => self.writer.begin_with_options(immediate()).await,
            Kind::Postgres => self.writer.begin().await,
        };
        Ok(Box::new(UnitOfWork::over(begun, "begin a transaction")?))
    }

    async fn read(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let begun = self.reader.begin().await;
        Ok(Box::new(UnitOfWork::over(begun, "begin to read")?))
    }
}

/// One transaction. Each repository is an `impl` in a file of its own.
pub(crate) struct UnitOfWork {
    pub(crate) transaction: DatabaseTransaction,
    /// A statement failed. PostgreSQL has then given the transaction up, and answers a commit with a rollback that looks
    /// like a success.
    failed: bool,
}

impl UnitOfWork {
    fn over(begun: Result<DatabaseTransaction, DbErr>, action: &'static str) -> Result<Self, StoreError> {
        match begun {
            Ok(transaction) => Ok(Self {
                transaction,
                failed: false,
            }),
            Err(error) => Err(StoreError::new(action, DatabaseError::from(error))),
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.transaction.get_database_backend() == DbBackend::Postgres
    }

    /// The outcome of a statement. Every one passes through here, so that a failure is remembered.
    pub(crate) fn noted<T>(&mut self, action: &'static str, outcome: Result<T, DbErr>) -> Result<T, StoreError> {
        outcome.map_err(|error| {
            self.failed = true;
            StoreError::new(action, DatabaseError::from(error))
        })
    }

    /// What a conditional statement about one row came to: the one whose statement changed it was the first.
    pub(crate) fn consumed(
        &mut self,
        action: &'static str,
        updated: Result<UpdateResult, DbErr>,
    ) -> Result<Consumption, StoreError> {
        Ok(match self.noted(action, updated)?.rows_affected {
            1 => Consumption::First,
            _ => Consumption::Spent,
        })
    }

    /// A row, read as what it stands for.
    pub(crate) fn one<M, T>(
        &mut self,
        action: &'static str,
        found: Result<Option<M>, DbErr>,
        read: impl FnOnce(M) -> Result<T, DbErr>,
    ) -> Result<Option<T>, StoreError> {
        self.noted(action, found.and_then(|row| row.map(read).transpose()))
    }

    /// Rows, read as what they stand for.
    pub(crate) fn all<M, T>(
        &mut self,
        action: &'static str,
        found: Result<Vec<M>, DbErr>,
        read: impl FnMut(M) -> Result<T, DbErr>,
    ) -> Result<Vec<T>, StoreError> {
        self.noted(action, found.and_then(|rows| rows.into_iter().map(read).collect()))
    }
}

#[async_trait]
impl Transaction for UnitOfWork {
    fn users(&mut self) -> &mut dyn Users {
        self
    }

    fn attempts(&mut self) -> &mut dyn Attempts {
        self
    }

    fn secret_keys(&mut self) -> &mut dyn SecretKeys {
        self
    }

    fn authenticators(&mut self) -> &mut dyn Authenticators {
        self
    }

    fn recovery_codes(&mut self) -> &mut dyn RecoveryCodes {
        self
    }

    fn password_resets(&mut self) -> &mut dyn PasswordResets {
        self
    }

    fn aidbox_resources(&mut self) -> &mut dyn AidboxResources {
        self
    }

    fn auth_sessions(&mut self) -> &mut dyn AuthSessions {
        self
    }

    fn sessions(&mut self) -> &mut dyn Sessions {
        self
    }

    fn browsers(&mut self) -> &mut dyn Browsers {
        self
    }

    fn refresh_tokens(&mut self) -> &mut dyn RefreshTokens {
        self
    }

    fn oauth(&mut self) -> &mut dyn OAuthRepositories {
        self
    }

    fn spent_tokens(&mut self) -> &mut dyn SpentTokens {
        self
    }

    fn signing_keys(&mut self) -> &mut dyn SigningKeys {
        self
    }

    fn revocations(&mut self) -> &mut dyn Revocations {
        self
    }

    fn events(&mut self) -> &mut dyn Events {
        self
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        const ACTION: &str = "commit";
        if self.failed {
            return Err(StoreError::new(
                ACTION,
                DatabaseError::new("a statement of this transaction failed before"),
            ));
        }
        self.transaction
            .commit()
            .await
            .map_err(|error| StoreError::new(ACTION, DatabaseError::from(error)))
    }
}

#[cfg(test)]
mod tests {
    use domain::id::SessionId;
    use domain::refresh_token::StoredRefreshToken;
    use domain::secret::Digest;
    use domain::time::Timestamp;

    use super::*;
    use crate::{Options, migrate, open};

    #[tokio::test]
    async fn a_transaction_in_which_a_statement_failed_cannot_be_committed() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(&Options::sqlite(folder.path().join("countersign.db")))
            .await
            .unwrap();
        migrate(&database).await.unwrap();
        let orphan = StoredRefreshToken {
            digest: Digest::from_bytes([1; 32]),
            session: SessionId::from_random([1; 16]),
            issued_at: Timestamp::EARLIEST,
            expires_at: Timestamp::EARLIEST,
        };
        let mut writing = database.begin().await.unwrap();
        assert!(writing.refresh_tokens().insert(&orphan).await.is_err());
        assert!(writing.commit().await.is_err());
    }
}
