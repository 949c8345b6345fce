//! Valid sample data. Every field differs from every other and from what a store would fill in by itself, so that a field
//! that is lost or swapped is noticed: instants to the microsecond, characters of four bytes, letter case that counts.
//!
//! The number tells samples apart: same number, same identity.

mod oauth;

use std::time::Duration;

use application::ports::AttemptKey;
use domain::authenticator::{Authenticator, AuthenticatorName, AuthenticatorState, OtpKind, OtpParameters};
use domain::authorization::RequestedClaims;
use domain::email::Email;
use domain::event::{Event, EventKind};
use domain::factor::{FactorType, Proved};
use domain::id::{AuthenticatorId, SecretKeyId, SessionId, TokenId, UserId};
use domain::lockout::{Budget, Tally};
use domain::one_time_code::{Digits, HashAlgorithm, Position};
use domain::recovery_code::{RecoveryOrigin, StoredRecoveryCode};
use domain::refresh_token::StoredRefreshToken;
use domain::scope::Scopes;
use domain::secret::{Digest, PasswordHash, Sealed};
use domain::secret_key::StoredSecretKey;
use domain::session::{AuthPurpose, AuthSession, Origin, Session, StoredAuthSession};
use domain::signing_key::{Algorithm, KeyPurpose, KeyState, Kid, SigningKey};
use domain::time::Timestamp;
use domain::totp::Period;
use domain::user::{Enrolment, Epoch, Role, User, UserState};
use domain::username::Username;

pub use self::oauth::{
    aidbox_resource, bare_client, bare_client_request, browser, client, client_id, client_request, code,
    completed_login, consent, device, logout_notice, notice_id, opaque_token, password_reset, pushed_request, scopes,
    user_code,
};
use crate::clock::START;

/// `seconds` after [`START`], with an odd number of microseconds; negative for before.
pub fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_micros(START.micros() + seconds * 1_000_000 + 123_457)
}

/// One hour after [`instant`] zero: later than every sample was made, earlier than any expires.
pub fn later() -> Timestamp {
    instant(3_600)
}

fn random(kind: u8, number: u32) -> [u8; 16] {
    let mut bytes = [kind; 16];
    for (byte, part) in bytes.iter_mut().zip(number.to_be_bytes()) {
        *byte = part;
    }
    bytes
}

/// The identity of [`user`] number `number`.
pub fn user_id(number: u32) -> UserId {
    UserId::from_random(random(0xA1, number))
}

/// The identity of [`session`] number `number`.
pub fn session_id(number: u32) -> SessionId {
    SessionId::from_random(random(0xB2, number))
}

/// The identity of [`secret_key`] number `number`.
pub fn secret_key_id(number: u32) -> SecretKeyId {
    SecretKeyId::from_random(random(0xC3, number))
}

/// The identity of an access token.
pub fn token_id(number: u32) -> TokenId {
    TokenId::from_random(random(0xD4, number))
}

/// The identity of [`authenticator`] number `number`.
pub fn authenticator_id(number: u32) -> AuthenticatorId {
    AuthenticatorId::from_random(random(0x97, number))
}

/// A digest; the first byte is zero, which must not shorten it.
pub fn digest(number: u32) -> Digest {
    let mut bytes = [0xE5; 32];
    for (byte, part) in bytes.iter_mut().zip([0, 0xFF].into_iter().chain(number.to_be_bytes())) {
        *byte = part;
    }
    Digest::from_bytes(bytes)
}

/// A user name; they sort by number.
pub fn username(number: u32) -> Username {
    Username::from_stored(format!("user-{number:04}-ä𝔘"))
}

/// An active account without rights, with e-mail and display name.
pub fn user(number: u32) -> User {
    User {
        id: user_id(number),
        username: username(number),
        email: Some(Email::from_stored(format!("Some.Body+{number}@Example.ORG"))),
        display_name: Some(format!("Some Body №{number} 🗝")),
        role: Role::User,
        state: UserState::Active,
        password_hash: PasswordHash::from_phc(format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ${number:08}")),
        password_is_weak: false,
        enrolment: Enrolment::Done,
        epoch: Epoch::FIRST,
        created_at: instant(-86_400),
        password_changed_at: instant(-3_600),
    }
}

/// An active administrator.
pub fn admin(number: u32) -> User {
    User {
        role: Role::Admin,
        ..user(number)
    }
}

/// A key of `user` that never ends and has no successor.
pub fn secret_key(number: u32, user: UserId) -> StoredSecretKey {
    StoredSecretKey {
        id: secret_key_id(number),
        user,
        digest: digest(number),
        created_at: instant(i64::from(number)),
        expires_at: None,
        superseded_at: None,
    }
}

/// A TOTP of `user` that was confirmed, has proved nothing since, and takes nobody's place. The secret is no secret: stores do
/// not look into it.
pub fn authenticator(number: u32, user: UserId) -> Authenticator {
    let number_bytes = number.to_be_bytes();
    Authenticator {
        id: authenticator_id(number),
        user,
        name: AuthenticatorName::from_stored(format!("Phone №{number} 📱")),
        parameters: OtpParameters {
            kind: OtpKind::Totp(Period::Sixty),
            algorithm: HashAlgorithm::Sha256,
            digits: Digits::Eight,
        },
        secret: Sealed::from_bytes([&[0x00, 0x27, 0xFF, 0x5C][..], &number_bytes].concat()),
        state: AuthenticatorState::Active {
            confirmed_at: instant(13 + i64::from(number)),
        },
        position: Position::new(58_000_000 + i64::from(number)),
        created_at: instant(i64::from(number)),
        used_at: None,
        replaces: None,
    }
}

/// The same before its confirmation, for which there are two hours.
pub fn pending_authenticator(number: u32, user: UserId) -> Authenticator {
    Authenticator {
        state: AuthenticatorState::Pending {
            expires_at: instant(7_200),
        },
        position: Position::NONE,
        ..authenticator(number, user)
    }
}

/// A recovery code of `user`, one of its own, which never ends.
pub fn recovery_code(number: u32, user: UserId) -> StoredRecoveryCode {
    StoredRecoveryCode {
        user,
        digest: digest(number),
        origin: RecoveryOrigin::Own,
        created_at: instant(i64::from(number)),
        expires_at: None,
    }
}

/// A login of `user` that awaits its second factor, for two hours.
pub fn auth_session(number: u32, user: UserId) -> StoredAuthSession {
    StoredAuthSession {
        digest: digest(number),
        auth_session: AuthSession {
            user,
            epoch: Epoch(3),
            purpose: AuthPurpose::Login,
            proved: Proved::new(vec![FactorType::Password], instant(11)),
            expires_at: instant(7_200),
            request: None,
        },
    }
}

/// Where a request came from.
pub fn origin() -> Origin {
    Origin {
        address: Some("2001:db8::17".into()),
        user_agent: Some("Browser/1.0 (𝔛; \"quoted\") äöü".into()),
        request_id: Some("0198c0de-request".into()),
    }
}

/// A session of `user`, for a month.
pub fn session(number: u32, user: UserId) -> Session {
    Session {
        id: session_id(number),
        user,
        client_id: format!("client-{number}-𝔠"),
        scopes: Scopes::of_role(Role::Admin),
        proved: Proved::new(vec![FactorType::Password, FactorType::SecretKey], instant(21)),
        authenticator: None,
        epoch: Epoch(4),
        opened_at: instant(22 + i64::from(number)),
        used_at: instant(1_023 + i64::from(number)),
        expires_at: START.after(Duration::from_hours(30 * 24)),
        origin: origin(),
        parent: None,
        audience: Vec::new(),
        actor: None,
        claims: RequestedClaims::default(),
    }
}

/// A refresh token of `session`, for a day.
pub fn refresh_token(number: u32, session: SessionId) -> StoredRefreshToken {
    StoredRefreshToken {
        digest: digest(number),
        session,
        issued_at: instant(31),
        expires_at: instant(86_400),
    }
}

/// A signing key in `state`; made and moved at instants of its own. The bytes are no key: stores do not look into them.
pub fn signing_key(number: u32, state: KeyState) -> SigningKey {
    let number_bytes = number.to_be_bytes();
    SigningKey {
        kid: Kid::from_random(random(0xF6, number)),
        purpose: KeyPurpose::AccessToken,
        algorithm: Algorithm::EdDsa,
        public_der: [&[0x30, 0x00, 0xFF][..], &number_bytes].concat(),
        private: Sealed::from_bytes([&[0x00, 0x31, 0xFE, 0x27][..], &number_bytes].concat()),
        state,
        created_at: instant(i64::from(number)),
        state_since: instant(1_000 + i64::from(number)),
    }
}

/// An audit entry with everything: an actor, another subject, an origin, and details whose names repeat.
pub fn event(number: u32) -> Event {
    Event {
        at: instant(i64::from(number)),
        kind: EventKind::SecretKeyReset,
        actor: Some(user_id(number)),
        subject: Some(user_id(number + 1_000)),
        origin: origin(),
        details: vec![
            ("reason".into(), format!("number {number} \"𝔮\" \\ , ] ")),
            (String::new(), String::new()),
            ("reason".into(), "again".into()),
        ],
    }
}

/// A counter of `account` that is not kept per network.
pub fn attempt_key(account: UserId, budget: Budget) -> AttemptKey {
    AttemptKey {
        account,
        budget,
        network: String::new(),
    }
}

/// A tally after some attempts.
pub fn tally(number: u32) -> Tally {
    Tally {
        streak: number + 1,
        streak_began: Some(instant(41 + i64::from(number))),
        consecutive: number + 20,
        last_admitted: Some(instant(51 + i64::from(number))),
    }
}
