//! What an owner has in his hands besides a password: apps and tokens that compute codes, a list of recovery codes; and the
//! calls that he makes with them.

use std::sync::Arc;
use std::time::Duration;

use application::App;
use application::accounts::{BeginError, Begun, ConfirmError, Confirmed, NewAuthenticator, NewUser};
use application::actor::Actor;
use application::core::{CodeOnly, FirstFactor, OrionPolicy, Policies};
use application::ports::{Clock, Store};
use application::sign_in::{
    ContinuedLogin, EnrolmentConfirmation, LoginError, LoginName, LoginOutcome, LoginTerms, PasswordLogin, SecondFactor,
};
use application::tokens::{Caller, IssuedTokens, StepUpError, TokenForm};
use domain::authenticator::{Authenticator, AuthenticatorName, OtpKind, OtpParameters, SentCode};
use domain::email::Email;
use domain::event::StoredEvent;
use domain::id::AuthenticatorId;
use domain::one_time_code::{OneTimeCode, Position};
use domain::otp_secret::OtpSecret;
use domain::recovery_code::RecoveryCode;
use domain::secret::{AuthSessionHandle, Password, SecretKey};
use domain::session::Origin;
use domain::user::{Role, User};
use domain::username::Username;

use super::{Owner, PASSWORD, World, granted, new_user, terms};

/// Calls from nowhere in particular.
pub static NOWHERE: Origin = Origin {
    address: None,
    user_agent: None,
    request_id: None,
};

/// The length of the steps of most authenticators.
pub const STEP: Duration = Duration::from_secs(30);

/// An app or a hardware token that computes codes.
pub struct Phone {
    pub id: AuthenticatorId,
    pub parameters: OtpParameters,
    secret: OtpSecret,
}

impl Phone {
    pub fn of(begun: Begun) -> Self {
        Self {
            id: begun.authenticator.id,
            parameters: begun.authenticator.parameters,
            secret: begun.secret,
        }
    }

    pub fn with(id: AuthenticatorId, parameters: OtpParameters, secret: OtpSecret) -> Self {
        Self { id, parameters, secret }
    }

    /// The code of a step or a counter.
    pub fn at(&self, position: i64) -> String {
        let (algorithm, digits) = (self.parameters.algorithm, self.parameters.digits);
        OneTimeCode::compute(&self.secret, Position::new(position), algorithm, digits)
            .expose()
            .to_owned()
    }

    /// The present step.
    pub fn step(&self, world: &World) -> i64 {
        match self.parameters.kind {
            OtpKind::Totp(period) => period.step(world.clock.now()).number(),
            OtpKind::Hotp => panic!("a counter has no present step"),
        }
    }

    /// The code that it shows now.
    pub fn code(&self, world: &World) -> String {
        self.at(self.step(world))
    }

    /// A code of the right form that it shows neither now nor around now.
    pub fn wrong(&self, world: &World) -> String {
        let around = match self.parameters.kind {
            OtpKind::Totp(_) => self.step(world) - 12..self.step(world) + 12,
            OtpKind::Hotp => 0..200,
        };
        let near: Vec<_> = around.map(|position| self.at(position)).collect();
        let width = usize::from(self.parameters.digits.number());
        (0..1_000)
            .map(|number| format!("{number:0width$}"))
            .find(|code| !near.contains(code))
            .unwrap()
    }

    pub fn secret_text(&self) -> String {
        self.secret.to_base32().as_str().to_owned()
    }
}

pub fn sent(code: &str) -> SentCode {
    SentCode {
        code: OneTimeCode::parse(code).unwrap(),
        next: None,
    }
}

pub fn otp(code: &str) -> SecondFactor {
    SecondFactor::OneTimeCode {
        sent: sent(code),
        authenticator: None,
    }
}

pub fn otp_of(code: &str, id: AuthenticatorId) -> SecondFactor {
    SecondFactor::OneTimeCode {
        sent: sent(code),
        authenticator: Some(id),
    }
}

/// Two consecutive codes of a counter.
pub fn pair(first: &str, second: &str) -> SecondFactor {
    SecondFactor::OneTimeCode {
        sent: SentCode {
            code: OneTimeCode::parse(first).unwrap(),
            next: Some(OneTimeCode::parse(second).unwrap()),
        },
        authenticator: None,
    }
}

pub fn recovery(code: &str) -> SecondFactor {
    SecondFactor::RecoveryCode(RecoveryCode::parse(code).unwrap())
}

pub fn key(key: &str) -> SecondFactor {
    SecondFactor::SecretKey(SecretKey::parse(key).unwrap())
}

pub fn new_authenticator(name: &str) -> NewAuthenticator {
    NewAuthenticator {
        name: AuthenticatorName::new(name).unwrap(),
        parameters: OtpParameters::TOTP,
        replaces: None,
    }
}

pub fn orion_terms() -> LoginTerms {
    LoginTerms {
        form: TokenForm::Orion,
        client: None,
        otp: None,
        ..terms("192.0.2.1")
    }
}

pub fn with_orion(code_only: CodeOnly) -> Policies {
    Policies {
        orion: Some(OrionPolicy {
            issuer: "orion".into(),
            totp_issuer: "Orion".into(),
            code_only,
        }),
        ..super::policies()
    }
}

pub fn email(text: &str) -> Email {
    Email::new(text).unwrap()
}

pub fn login_of(name: &str, password: &str, second: Option<SecondFactor>, terms: LoginTerms) -> PasswordLogin {
    PasswordLogin {
        name: LoginName::Username(Username::new(name).unwrap()),
        password: Password::new(password).unwrap(),
        second,
        terms,
    }
}

/// The authentication session of a login that must go on with an enrolment.
pub fn enrolment(outcome: Result<LoginOutcome, LoginError>) -> String {
    match outcome {
        Ok(LoginOutcome::EnrolmentNeeded { auth_session, .. }) => auth_session.unwrap().expose().to_owned(),
        Ok(LoginOutcome::Granted(_) | LoginOutcome::Browser(_) | LoginOutcome::Code(_)) => {
            panic!("granted, and an enrolment was due")
        }
        Ok(LoginOutcome::SecondFactorNeeded { .. }) => panic!("a second factor is asked for, and an enrolment was due"),
        Err(error) => panic!("refused, and an enrolment was due: {error}"),
    }
}

/// What a token says, as JSON (RFC 7515 section 7.1).
pub fn payload(token: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for character in token.split('.').nth(1).unwrap().bytes() {
        let value = ALPHABET.iter().position(|known| *known == character).unwrap();
        (bits, held) = (((bits << 6) | u32::try_from(value).unwrap()) & 0xFFFF, held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xFF).unwrap());
        }
    }
    String::from_utf8(bytes).unwrap()
}

impl World {
    /// A login with the right password.
    pub async fn prove(&self, owner: &Owner, second: SecondFactor) -> Result<LoginOutcome, LoginError> {
        Self::prove_on(&self.app, owner, second).await
    }

    /// The same on another node.
    pub async fn prove_on(app: &App, owner: &Owner, second: SecondFactor) -> Result<LoginOutcome, LoginError> {
        let name = owner.user.username.as_str();
        let login = login_of(name, PASSWORD, Some(second), terms("192.0.2.1"));
        app.sign_in.with_password(login).await
    }

    /// Completes a login that proved its password before.
    pub async fn complete_with(&self, handle: &str, second: SecondFactor) -> Result<LoginOutcome, LoginError> {
        Self::complete_on(&self.app, handle, second).await
    }

    /// The same on another node.
    pub async fn complete_on(app: &App, handle: &str, second: SecondFactor) -> Result<LoginOutcome, LoginError> {
        let login = ContinuedLogin {
            auth_session: AuthSessionHandle::parse(handle).unwrap(),
            second,
            terms: terms("192.0.2.1"),
        };
        app.sign_in.with_auth_session(login).await
    }

    /// Somebody who has just logged in like this.
    pub async fn caller_by(&self, owner: &Owner, second: SecondFactor) -> Caller {
        let tokens = granted(self.prove(owner, second).await);
        self.believes(&tokens.access_token).await.unwrap()
    }

    pub async fn begin(&self, caller: &Caller, new: NewAuthenticator) -> Result<Begun, BeginError> {
        self.app.authenticators.begin(caller, new, &Origin::default()).await
    }

    pub async fn confirm(&self, caller: &Caller, id: AuthenticatorId, code: &str) -> Result<Confirmed, ConfirmError> {
        let origin = Origin::default();
        self.app.authenticators.confirm(caller, id, sent(code), &origin).await
    }

    /// Begins and confirms one, and lets the confirming step pass.
    pub async fn add_phone(&self, caller: &Caller, new: NewAuthenticator) -> (Phone, Vec<String>) {
        let phone = Phone::of(self.begin(caller, new).await.ok().unwrap());
        let code = match phone.parameters.kind {
            OtpKind::Totp(_) => phone.code(self),
            OtpKind::Hotp => phone.at(0),
        };
        let confirmed = self.confirm(caller, phone.id, &code).await.ok().unwrap();
        self.clock.advance(STEP);
        let codes = confirmed.recovery_codes.iter();
        (phone, codes.map(|code| code.expose().to_owned()).collect())
    }

    /// The first authenticator of an account that has a key.
    pub async fn enrol(&self, owner: &Owner) -> (Phone, Vec<String>) {
        let caller = self.caller(owner).await;
        self.add_phone(&caller, new_authenticator("Phone")).await
    }

    /// An account with a key and an authenticator.
    pub async fn enrolled(&self, name: &str) -> (Owner, Phone, Vec<String>) {
        let owner = self.register(name).await;
        let (phone, codes) = self.enrol(&owner).await;
        (owner, phone, codes)
    }

    /// An account that has nothing but a password yet.
    pub async fn bare(&self, name: &str, role: Role) -> Owner {
        let new = NewUser {
            first_factor: Some(FirstFactor::Enrolment),
            email: Some(email(&format!("{name}@example.org"))),
            ..new_user(name, role)
        };
        let actor = Actor::Operator;
        let registered = self.app.register.execute(Some(&actor), new, &Origin::default()).await;
        let registered = registered.unwrap();
        assert!(registered.secret_key.is_none());
        Owner {
            user: registered.user,
            key: String::new(),
        }
    }

    /// An account with a key, and an address by which the Orion profile knows it.
    pub async fn with_address(&self, name: &str) -> Owner {
        let new = NewUser {
            email: Some(email(&format!("{name}@example.org"))),
            ..new_user(name, Role::User)
        };
        let actor = Actor::Operator;
        let registered = self.app.register.execute(Some(&actor), new, &Origin::default()).await;
        let registered = registered.unwrap();
        Owner {
            user: registered.user,
            key: registered.secret_key.unwrap().expose().to_owned(),
        }
    }

    /// Begins within a login.
    pub async fn begin_at_login(&self, handle: &str, name: &str) -> Result<Begun, BeginError> {
        let handle = AuthSessionHandle::parse(handle).unwrap();
        let origin = Origin::default();
        self.app
            .sign_in
            .begin_enrolment(&handle, new_authenticator(name), &origin)
            .await
    }

    /// Confirms within a login.
    pub async fn confirm_at_login(&self, handle: &str, code: &str) -> Result<LoginOutcome, LoginError> {
        self.confirm_at_login_with(handle, code, terms("192.0.2.1")).await
    }

    pub async fn confirm_at_login_with(
        &self,
        handle: &str,
        code: &str,
        terms: LoginTerms,
    ) -> Result<LoginOutcome, LoginError> {
        let confirmation = EnrolmentConfirmation {
            auth_session: AuthSessionHandle::parse(handle).unwrap(),
            authenticator: None,
            sent: sent(code),
            terms,
        };
        self.app.sign_in.confirm_enrolment(confirmation).await
    }

    pub async fn step_up(&self, caller: &Caller, second: SecondFactor) -> Result<IssuedTokens, StepUpError> {
        self.app.step_up.execute(caller, second, &Origin::default()).await
    }

    /// The first call of the Orion profile.
    pub async fn orion_first(&self, name: &str) -> Result<LoginOutcome, LoginError> {
        let login = PasswordLogin {
            name: LoginName::Email(email(&format!("{name}@example.org"))),
            password: Password::new(PASSWORD).unwrap(),
            second: None,
            terms: orion_terms(),
        };
        self.app.sign_in.with_password(login).await
    }

    /// Its second call.
    pub async fn orion_second(&self, name: &str, code: &str) -> Result<LoginOutcome, LoginError> {
        let address = email(&format!("{name}@example.org"));
        self.app
            .sign_in
            .orion_second_call(&address, &otp(code), &orion_terms())
            .await
    }

    /// Asks for a QR code there.
    pub async fn orion_enrol(
        &self,
        name: &str,
        second: Option<SecondFactor>,
    ) -> Result<Begun, application::sign_in::OrionEnrolError> {
        let login = PasswordLogin {
            name: LoginName::Email(email(&format!("{name}@example.org"))),
            password: Password::new(PASSWORD).unwrap(),
            second,
            terms: orion_terms(),
        };
        self.app
            .sign_in
            .orion_enrolment(login, new_authenticator("Orion"))
            .await
    }

    pub async fn unlock(&self, owner: &Owner) {
        let (actor, origin) = (Actor::Operator, Origin::default());
        let unlocked = self.app.manage_users.unlock(&actor, owner.user.id, &origin).await;
        unlocked.unwrap();
    }

    pub async fn user(&self, owner: &Owner) -> User {
        let mut tx = self.store.read().await.unwrap();
        tx.users().find(owner.user.id).await.unwrap().unwrap()
    }

    /// The authenticators that count, and those that wait.
    pub async fn authenticators(&self, owner: &Owner) -> (Vec<AuthenticatorId>, Vec<AuthenticatorId>) {
        let mut tx = self.store.read().await.unwrap();
        let all = tx.authenticators().of_user(owner.user.id).await.unwrap();
        let (active, pending): (Vec<_>, Vec<_>) = all.into_iter().partition(Authenticator::is_active);
        let ids = |all: Vec<Authenticator>| all.into_iter().map(|one| one.id).collect();
        (ids(active), ids(pending))
    }

    /// How many recovery codes are left.
    pub async fn codes_left(&self, owner: &Owner) -> usize {
        let mut tx = self.store.read().await.unwrap();
        let now = self.clock.now();
        tx.recovery_codes().unused_of(owner.user.id, now).await.unwrap().len()
    }

    /// Everything that was written down.
    pub async fn log(&self) -> Vec<StoredEvent> {
        let mut tx = self.store.read().await.unwrap();
        tx.events().after(0, 100_000).await.unwrap()
    }

    /// Nodes on the same store, this one among them.
    pub async fn nodes(&self, count: usize) -> Vec<Arc<App>> {
        let mut nodes = vec![Arc::clone(&self.app)];
        while nodes.len() < count {
            nodes.push(self.second_node().await);
        }
        nodes
    }
}
