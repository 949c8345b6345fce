//! Accounts.

use async_trait::async_trait;
use domain::email::Email;
use domain::id::UserId;
use domain::secret::PasswordHash;
use domain::time::Timestamp;
use domain::user::{Enrolment, Epoch, Role, User, UserState};
use domain::username::Username;

use super::StoreError;

/// The outcome of adding an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a name that is taken is not an error of the store"]
pub enum Insertion {
    /// It was added.
    Done,
    /// Another account has the user name. Nothing was added.
    UsernameTaken,
    /// Another account has the e-mail address (compared by [`Email::key`]). Nothing was added.
    EmailTaken,
}

/// What of an account can be changed freely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserProfile {
    /// The e-mail address.
    pub email: Option<Email>,
    /// The display name.
    pub display_name: Option<String>,
    /// The role.
    pub role: Role,
}

/// Which accounts a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Those whose user name, e-mail address or display name contains this text, in lower case. MUST be taken literally: no
    /// character in it is a wild card.
    pub search: Option<String>,
    /// Those in this state.
    pub state: Option<UserState>,
    /// Those whose user name sorts (by bytes) after this one.
    pub after: Option<Username>,
}

/// Accounts.
#[async_trait]
pub trait Users: Send {
    /// Adds an account. Names and addresses MUST stay unique under any concurrency, and after `UsernameTaken` or
    /// `EmailTaken` the transaction MUST still be usable.
    async fn insert(&mut self, user: &User) -> Result<Insertion, StoreError>;

    /// The account of that identity.
    async fn find(&mut self, id: UserId) -> Result<Option<User>, StoreError>;

    /// The account of that name.
    async fn find_by_username(&mut self, username: &Username) -> Result<Option<User>, StoreError>;

    /// The account of that address (compared by [`Email::key`]).
    async fn find_by_email(&mut self, email: &Email) -> Result<Option<User>, StoreError>;

    /// The account of that identity, held: until this transaction ends, no other changes or deletes it.
    async fn hold(&mut self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Sets the password, which is no longer a weak one from elsewhere. `false` if there is no such account.
    async fn set_password(&mut self, id: UserId, hash: &PasswordHash, now: Timestamp) -> Result<bool, StoreError>;

    /// Replaces the stored hash of an unchanged password by `new`, only if it is still `old`: a re-hash MUST NOT undo a
    /// change of password that happened meanwhile.
    async fn rehash_password(&mut self, id: UserId, old: &PasswordHash, new: &PasswordHash)
    -> Result<bool, StoreError>;

    /// Sets e-mail, display name and role. `UsernameTaken` does not occur. The account MUST be held.
    async fn set_profile(&mut self, id: UserId, profile: &UserProfile) -> Result<Insertion, StoreError>;

    /// Sets the state. `false` if there is no such account.
    async fn set_state(&mut self, id: UserId, state: UserState) -> Result<bool, StoreError>;

    /// Sets what the account owes. `false` if there is no such account.
    async fn set_enrolment(&mut self, id: UserId, enrolment: Enrolment) -> Result<bool, StoreError>;

    /// Adds one to the epoch in one statement and returns the new value; `None` if there is no such account.
    async fn advance_epoch(&mut self, id: UserId) -> Result<Option<Epoch>, StoreError>;

    /// Deletes the account with everything that belongs to it: secret keys, authenticators, recovery codes, attempts, resets of
    /// its password, the document of the Aidbox profile that describes it, authentication sessions, sessions with what goes
    /// with them, consents, codes, and requests of devices that it approved. Audit entries and notices of logouts stay. `false`
    /// if there is no such account.
    async fn delete(&mut self, id: UserId) -> Result<bool, StoreError>;

    /// Up to `limit` accounts that match, ordered by the bytes of the user name.
    async fn list(&mut self, filter: &UserFilter, limit: u32) -> Result<Vec<User>, StoreError>;

    /// The active administrators, held as by [`Users::hold`]: two transactions that ask this MUST run one after the other, so
    /// that the last administrator cannot vanish in a race.
    async fn hold_active_admins(&mut self) -> Result<Vec<UserId>, StoreError>;

    /// How many accounts there are.
    async fn count(&mut self) -> Result<u64, StoreError>;
}
