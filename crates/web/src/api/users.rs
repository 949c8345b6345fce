//! `/v1/users`: registering, and what an account looks like in answers.

use application::accounts::{NewUser, Registered};
use domain::email::Email;
use domain::password::PasswordFault;
use domain::secret::Password;
use domain::user::{Role, User, UserState};
use domain::username::Username;
use poem::web::Data;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use super::Chapter;
use crate::bearer::MaybeAdministrator;
use crate::context::{Context, Source};
use crate::json::{Answer, Created, DateTime, DisplayNameText, EmailText, Id, SecretText, Strict, UsernameText};
use crate::problem::mapping::weak_password;
use crate::problem::{Code, Problem, RegisterProblem};

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "Role", rename_all = "snake_case")]
pub(crate) enum RoleName {
    /// Look after itself.
    User,
    /// Look after every account, the signing keys and the audit log.
    Admin,
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::User => Self::User,
            Role::Admin => Self::Admin,
        }
    }
}

impl From<RoleName> for Role {
    fn from(role: RoleName) -> Self {
        match role {
            RoleName::User => Self::User,
            RoleName::Admin => Self::Admin,
        }
    }
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "AccountState", rename_all = "snake_case")]
pub(crate) enum StateName {
    /// It can log in.
    Active,
    /// It cannot, and nothing that it was issued is accepted.
    Disabled,
}

impl From<UserState> for StateName {
    fn from(state: UserState) -> Self {
        match state {
            UserState::Active => Self::Active,
            UserState::Disabled => Self::Disabled,
        }
    }
}

impl From<StateName> for UserState {
    fn from(state: StateName) -> Self {
        match state {
            StateName::Active => Self::Active,
            StateName::Disabled => Self::Disabled,
        }
    }
}

/// A new account.
#[derive(Object)]
#[oai(example)]
pub(crate) struct Registration {
    /// The name to log in with: 1 to 64 characters, no white space, no colon. It is compared without regard to letter case.
    pub username: UsernameText,
    /// 8 to 256 characters of any kind. It must not be common and must not contain the user name.
    pub password: SecretText,
    /// Where the owner can be reached.
    pub email: Option<EmailText>,
    /// What to call the account on screens.
    pub display_name: Option<DisplayNameText>,
}

impl Example for Registration {
    fn example() -> Self {
        Self {
            username: UsernameText("alice".to_owned()),
            password: SecretText("correct horse battery staple".to_owned()),
            email: Some(EmailText("alice@example.com".to_owned())),
            display_name: Some(DisplayNameText("Alice".to_owned())),
        }
    }
}

/// An account.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Account {
    /// Its stable, opaque identity: the `sub` of its tokens.
    id: Id,
    /// The name it logs in with, normalised.
    username: UsernameText,
    /// Where its owner can be reached.
    email: Option<EmailText>,
    /// What to call it on screens.
    display_name: Option<DisplayNameText>,
    /// What it may do.
    role: RoleName,
    /// Whether it can be used.
    state: StateName,
    /// When it was made.
    created_at: DateTime,
    /// When its password was last set.
    password_changed_at: DateTime,
}

impl From<&User> for Account {
    fn from(user: &User) -> Self {
        Self {
            id: Id::from(&user.id),
            username: UsernameText(user.username.as_str().to_owned()),
            email: user.email.as_ref().map(|email| EmailText(email.as_str().to_owned())),
            display_name: user.display_name.clone().map(DisplayNameText),
            role: user.role.into(),
            state: user.state.into(),
            created_at: user.created_at.into(),
            password_changed_at: user.password_changed_at.into(),
        }
    }
}

/// A new account with its secret key.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct RegisteredAccount {
    #[oai(flatten)]
    account: Account,
    /// The second factor. It is shown this once: keep it. Absent where new accounts enrol an authenticator instead.
    secret_key: Option<SecretText>,
    /// When the secret key stops working. Absent: never.
    secret_key_expires_at: Option<DateTime>,
}

impl From<Registered> for RegisteredAccount {
    fn from(registered: Registered) -> Self {
        Self {
            account: Account::from(&registered.user),
            secret_key: registered.secret_key.map(|key| SecretText(key.expose().to_owned())),
            secret_key_expires_at: registered.secret_key_expires_at.map(DateTime::from),
        }
    }
}

impl Registration {
    /// What the use case takes. The form of each text was checked with the body.
    pub fn into_new_user(self, role: Role) -> Result<NewUser, Problem> {
        let password =
            Password::new(&self.password.0).ok_or_else(|| weak_password("/password", &[PasswordFault::TooLong]))?;
        Ok(NewUser {
            username: username("/username", &self.username.0)?,
            password,
            email: self.email.map(|email| email_of(&email)).transpose()?,
            display_name: self.display_name.map(|name| name.0),
            role,
            first_factor: None,
        })
    }
}

/// A user name, from the body's member at `pointer`.
pub(crate) fn username(pointer: &'static str, text: &str) -> Result<Username, Problem> {
    Username::new(text).map_err(|fault| Problem::fault(Code::InvalidRequest, pointer, fault.to_string()))
}

/// An e-mail address from a body.
pub(crate) fn email_of(text: &EmailText) -> Result<Email, Problem> {
    Email::new(&text.0).map_err(|fault| Problem::fault(Code::InvalidRequest, "/email", fault.to_string()))
}

/// Registering.
pub(crate) struct UsersApi;

#[OpenApi]
impl UsersApi {
    /// Make an account
    ///
    /// Answers the account and its **secret key**, the second factor. The key is shown this once and cannot be read again,
    /// so keep it. Where registration is not open to everybody, this needs an administrator's token.
    #[oai(
        path = "/v1/users",
        method = "post",
        operation_id = "register",
        tag = "Chapter::Register"
    )]
    async fn register(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: MaybeAdministrator,
        body: Strict<Registration>,
    ) -> Result<Created<RegisteredAccount>, RegisterProblem> {
        let new = body.0.into_new_user(Role::User)?;
        let registered = context
            .app
            .register
            .execute(actor.0.as_ref(), new, &source.origin)
            .await?;
        Ok(Answer(registered.into()))
    }
}
