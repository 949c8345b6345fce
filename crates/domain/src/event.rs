//! The audit log: append-only, each entry chained to the one before, so that a missing or altered one is found.
//!
//! An entry's link is a keyed digest over the link before it and over [`Event::canonical`]. Whoever can write to the
//! database but does not hold the key can neither change an entry nor take one out of the middle unseen.

use crate::id::UserId;
use crate::secret::Digest;
use crate::session::Origin;
use crate::time::Timestamp;

macro_rules! event_kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What happened. The texts are stable: they are stored, and read by other systems.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $name,)*
        }

        impl EventKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name in the store and in answers.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// The kind of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }
    };
}

event_kinds! {
    /// An account was made.
    UserCreated = "user.created",
    /// An account was brought from another service.
    UserImported = "user.imported",
    /// E-mail, display name or role changed.
    UserUpdated = "user.updated",
    /// An account was disabled.
    UserDisabled = "user.disabled",
    /// An account was enabled again.
    UserEnabled = "user.enabled",
    /// An account's counters of failures were cleared by an administrator.
    UserUnlocked = "user.unlocked",
    /// An account was deleted.
    UserDeleted = "user.deleted",
    /// A password was changed by its owner.
    PasswordChanged = "password.changed",
    /// A change of password was refused because the current one was wrong.
    PasswordChangeRefused = "password.change_refused",
    /// A password was set by somebody else than its owner.
    PasswordReset = "password.reset",
    /// A secret key was replaced by its owner.
    SecretKeyRotated = "secret_key.rotated",
    /// A replacement was refused because the present key was wrong.
    SecretKeyRotationRefused = "secret_key.rotation_refused",
    /// A secret key was replaced by an administrator.
    SecretKeyReset = "secret_key.reset",
    /// A new authenticator waits for its confirmation.
    AuthenticatorBegun = "authenticator.begun",
    /// A new authenticator was confirmed.
    AuthenticatorConfirmed = "authenticator.confirmed",
    /// A confirmation was refused because the code was wrong.
    AuthenticatorConfirmationRefused = "authenticator.confirmation_refused",
    /// An authenticator got another name.
    AuthenticatorRenamed = "authenticator.renamed",
    /// An authenticator was removed, or gave way to its successor.
    AuthenticatorRemoved = "authenticator.removed",
    /// An authenticator was brought from another service.
    AuthenticatorImported = "authenticator.imported",
    /// New recovery codes were made, and the old ones voided.
    RecoveryCodesIssued = "recovery_codes.issued",
    /// An administrator made a recovery code for an owner who has lost everything else.
    RecoveryIssued = "recovery.issued",
    /// Somebody asked for help with a lost password.
    RecoveryRequested = "recovery.requested",
    /// An administrator demands that an authenticator be enrolled.
    EnrolmentRequired = "enrolment.required",
    /// A session proved a second factor again.
    StepUpSucceeded = "step_up.succeeded",
    /// A session did not prove a second factor again.
    StepUpRefused = "step_up.refused",
    /// The password was proved and a second factor is awaited.
    LoginPending = "login.pending",
    /// A login proved every factor.
    LoginSucceeded = "login.succeeded",
    /// A login was refused.
    LoginRefused = "login.refused",
    /// A session of a client was opened for a login.
    ClientSessionOpened = "client_session.opened",
    /// A client got a token for itself.
    ClientTokenIssued = "client_token.issued",
    /// An authorization code was issued to a client.
    CodeIssued = "code.issued",
    /// A used authorization code came again; the session that came of it was ended.
    CodeReused = "code.reused",
    /// A device's request was allowed.
    DeviceApproved = "device.approved",
    /// A device's request was refused.
    DeviceDenied = "device.denied",
    /// An account allowed a client to act for it.
    ConsentGranted = "consent.granted",
    /// An account withdrew what it had allowed a client.
    ConsentWithdrawn = "consent.withdrawn",
    /// A client was made.
    ClientCreated = "client.created",
    /// A client was changed.
    ClientUpdated = "client.updated",
    /// A client got another secret.
    ClientSecretRotated = "client.secret_rotated",
    /// A client was deleted.
    ClientDeleted = "client.deleted",
    /// A client did not prove which one it is.
    ClientRefused = "client.refused",
    /// A client was told that a session ended.
    LogoutDelivered = "logout.delivered",
    /// A client could not be told that a session ended.
    LogoutUndeliverable = "logout.undeliverable",
    /// A link for a new password was made.
    PasswordResetIssued = "password_reset.issued",
    /// A link for a new password was used, and the second factor with it was proved.
    PasswordResetProved = "password_reset.proved",
    /// A link for a new password was used, and the second factor with it was wrong.
    PasswordResetRefused = "password_reset.refused",
    /// A document of the Aidbox profile was written.
    AidboxResourceWritten = "aidbox_resource.written",
    /// A document of the Aidbox profile was deleted.
    AidboxResourceDeleted = "aidbox_resource.deleted",
    /// A one-time code was sent through a webhook.
    CodeSent = "code.sent",
    /// A one-time code could not be sent through a webhook.
    CodeNotSent = "code.not_sent",
    /// A session got a new access token.
    TokenRefreshed = "token.refreshed",
    /// A used refresh token came again; its session was ended.
    RefreshTokenReused = "refresh_token.reused",
    /// A token was revoked.
    TokenRevoked = "token.revoked",
    /// A session was ended.
    SessionEnded = "session.ended",
    /// All sessions of an account were ended.
    SessionsEnded = "sessions.ended",
    /// A signing key was made.
    KeyCreated = "key.created",
    /// A signing key took over.
    KeyActivated = "key.activated",
    /// A signing key is no longer believed.
    KeyRetired = "key.retired",
}

/// Something that happened, before it has a place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Who did it; `None` for the service itself and for callers who proved nothing.
    pub actor: Option<UserId>,
    /// The account it was done to.
    pub subject: Option<UserId>,
    /// From where.
    pub origin: Origin,
    /// Particulars, in order: never a secret, never a password, never what a stranger typed as a user name.
    pub details: Vec<(String, String)>,
}

impl Event {
    /// Every field in one unambiguous sequence of bytes: each with its length before it.
    pub fn canonical(&self, position: i64) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        let mut field = |value: Option<&str>| match value {
            None => bytes.push(0),
            Some(text) => {
                bytes.push(1);
                bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
                bytes.extend_from_slice(text.as_bytes());
            }
        };
        field(Some(&position.to_string()));
        field(Some(&self.at.micros().to_string()));
        field(Some(self.kind.name()));
        field(self.actor.map(|id| id.to_string()).as_deref());
        field(self.subject.map(|id| id.to_string()).as_deref());
        field(self.origin.address.as_deref());
        field(self.origin.user_agent.as_deref());
        field(self.origin.request_id.as_deref());
        for (name, value) in &self.details {
            field(Some(name));
            field(Some(value));
        }
        bytes
    }
}

/// An entry of the log.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place: 1, 2, 3, without gaps.
    pub position: i64,
    /// What happened.
    pub event: Event,
    /// The digest that chains it to the entry before.
    pub link: Digest,
}

/// The end of the log: the place and the link of the newest entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EventHead {
    /// The place of the newest entry; zero when there is none.
    pub position: i64,
    /// Its link; all zero when there is none.
    pub link: Digest,
}

impl EventHead {
    /// The head of an empty log.
    pub const EMPTY: Self = Self {
        position: 0,
        link: Digest::from_bytes([0; 32]),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(details: &[(&str, &str)]) -> Event {
        Event {
            at: Timestamp::from_seconds(1),
            kind: EventKind::UserCreated,
            actor: None,
            subject: None,
            origin: Origin::default(),
            details: details
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn no_two_events_share_a_canonical_form() {
        assert_ne!(event(&[("a", "bc")]).canonical(1), event(&[("ab", "c")]).canonical(1));
        assert_ne!(
            event(&[("a", "b"), ("c", "d")]).canonical(1),
            event(&[("a", "b")]).canonical(1)
        );
        assert_ne!(event(&[]).canonical(1), event(&[]).canonical(2));
        let mut absent = event(&[]);
        let mut empty = event(&[]);
        absent.origin.address = None;
        empty.origin.address = Some(String::new());
        assert_ne!(absent.canonical(1), empty.canonical(1));
    }

    #[test]
    fn kinds_read_back() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::from_name(kind.name()), Some(*kind));
        }
    }
}
