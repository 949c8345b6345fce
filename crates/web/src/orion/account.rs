//! `/users`, accounts: making one, and asking for help with one.

use application::accounts::{NewUser, RegisterError};
use application::core::FirstFactor;
use application::sign_in::LoginName;
use domain::password::PasswordFault;
use domain::secret::Password;
use domain::user::Role;
use domain::username::Username;
use poem::web::Data;
use poem_openapi::OpenApi;

use super::answer::{Envelope, OrionUser, Using2Fa};
use super::body::{Address, Registration};
use super::form::{self, Posted};
use super::login::{NOT_FOUND, Sent};
use super::refusal::{AbsentRefusal, CreateLoginRefusal, CreateRefusal, Refusal, Violation};
use super::sign_in::envelope;
use crate::api::Chapter;
use crate::context::{Context, Source};
use crate::json::{Answer, EmailText, NoContent, SecretText};

/// What is told of an address that somebody has. Nothing of that account.
pub(super) const EMAIL_TAKEN: &str = "The e-mail already exists";

/// An account that was made, and what it was made with.
pub(super) struct Created {
    pub user: OrionUser,
    email: EmailText,
    password: SecretText,
}

/// Makes an account without a second factor, which it enrols before its first login is complete.
pub(super) async fn create(
    context: &Context,
    source: &Source,
    body: Posted<Registration>,
    method: &str,
) -> Result<Created, Refusal> {
    let sent = body.read(method)?;
    let email = form::email(&sent.email)?;
    let username = Username::new(email.as_str());
    let password = Password::new(&sent.password.0);
    let (username, password) = match (username, password) {
        (Ok(username), Some(password)) => (username, password),
        (username, password) => {
            let of_name = username
                .err()
                .map(|fault| Violation::new(method, "email", fault.to_string()));
            let of_password = password.is_none().then(|| too_long(method, "password"));
            return Err(Refusal::report(of_name.into_iter().chain(of_password).collect()));
        }
    };
    let new = NewUser {
        username,
        password,
        email: Some(email),
        display_name: Some(sent.name.0),
        role: Role::User,
        first_factor: Some(FirstFactor::Enrolment),
    };
    let registered = context.app.register.execute(None, new, &source.origin).await;
    let registered = registered.map_err(|error| match error {
        RegisterError::NotOpen => Refusal::forbidden("Registration is closed"),
        RegisterError::Password(faults) => weak(method, "password", &faults),
        RegisterError::UsernameTaken | RegisterError::EmailTaken => Refusal::bad_request(EMAIL_TAKEN),
        RegisterError::Busy(busy) => busy.into(),
        RegisterError::Store(error) => error.into(),
    })?;
    Ok(Created {
        user: OrionUser::new(&registered.user, Using2Fa::No),
        email: sent.email,
        password: sent.password,
    })
}

/// The faults of a new password.
pub(super) fn weak(method: &str, parameter: &str, faults: &[PasswordFault]) -> Refusal {
    let violation = |fault: &PasswordFault| Violation::new(method, parameter, fault.to_string());
    Refusal::report(faults.iter().map(violation).collect())
}

/// A new password that is longer than any.
pub(super) fn too_long(method: &str, parameter: &str) -> Violation {
    Violation::new(method, parameter, PasswordFault::TooLong.to_string())
}

/// Version 0.0.6, accounts.
pub(crate) struct AccountApi;

#[OpenApi(prefix_path = "/users", tag = "Chapter::Orion")]
impl AccountApi {
    /// Make an account
    ///
    /// Its user name is its address. It has no second factor yet: get one with `google/2FAuth/qrCode`.
    #[oai(path = "/create", method = "post", operation_id = "orionCreate")]
    async fn create(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Posted<Registration>,
    ) -> Result<Answer<OrionUser>, CreateRefusal> {
        Ok(Answer(create(&context, &source, body, "create").await?.user))
    }

    /// Make an account and begin a login
    ///
    /// The answer says what is missing: a new account has no second factor yet, so it gets no token.
    #[oai(
        path = "/createAuthenticate",
        method = "post",
        operation_id = "orionCreateAuthenticate"
    )]
    async fn create_authenticate(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Posted<Registration>,
    ) -> Result<Answer<Envelope>, CreateLoginRefusal> {
        let created = create(&context, &source, body, "createAuthenticate").await?;
        let sent = Sent {
            email: &created.email,
            password: Some(&created.password.0),
            code: None,
        };
        let outcome = sent.log_in(&context, &source).await?;
        Ok(Answer(envelope(&context, outcome, NOT_FOUND).await?))
    }

    /// Ask for help with a lost password
    ///
    /// The request is put on record for the owner and the administrators. Nothing is sent and nothing changes, and the answer
    /// is the same for an address that nobody has.
    #[oai(path = "/recoverPassword", method = "post", operation_id = "orionRecoverPassword")]
    async fn recover_password(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Posted<Address>,
    ) -> Result<NoContent, AbsentRefusal> {
        let sent = body.read("recoverPassword")?;
        let name = LoginName::Email(form::email(&sent.email)?);
        context.app.request_recovery.execute(&name, &source.origin).await?;
        Ok(NoContent)
    }
}
