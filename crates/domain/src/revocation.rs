//! What voids access tokens before they expire, and how a node knows it without asking the database for each request.
//!
//! Revocations form one sequence without gaps, shared by all nodes. A node follows it and keeps what still matters in
//! memory: a revocation is forgotten when the last token that it could concern has expired.

use std::collections::HashMap;

use crate::claims::{ACCESS_TOKEN_MAX, Claims, ClientClaims, LEEWAY_MAX};
use crate::id::{SessionId, TokenId, UserId};
use crate::time::Timestamp;
use crate::user::Epoch;

/// What is void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Revoked {
    /// One token.
    Token(TokenId),
    /// All tokens of a session.
    Session(SessionId),
    /// All tokens of an account that were issued before this epoch.
    Before(UserId, Epoch),
}

/// One entry of the sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    /// What is void.
    pub revoked: Revoked,
    /// When the last token that it could concern has expired.
    pub expires_at: Timestamp,
}

impl Revocation {
    /// Voids `revoked` from `now` on, for as long as any token issued until now can live.
    pub fn from_now(revoked: Revoked, now: Timestamp) -> Self {
        Self {
            revoked,
            expires_at: now.after(ACCESS_TOKEN_MAX).after(LEEWAY_MAX),
        }
    }

    /// Voids one token for the rest of its life.
    pub fn of_token(claims: &Claims) -> Self {
        Self::of_one(claims.token, claims.expires_at)
    }

    /// Voids one token that a client got for itself.
    pub fn of_client_token(claims: &ClientClaims) -> Self {
        Self::of_one(claims.token, claims.expires_at)
    }

    fn of_one(token: TokenId, expires_at: Timestamp) -> Self {
        Self {
            revoked: Revoked::Token(token),
            expires_at: expires_at.after(LEEWAY_MAX),
        }
    }
}

/// What a node knows of the sequence.
#[derive(Debug, Clone, Default)]
pub struct RevocationSet {
    position: i64,
    tokens: HashMap<TokenId, Timestamp>,
    sessions: HashMap<SessionId, Timestamp>,
    users: HashMap<UserId, (Epoch, Timestamp)>,
}

impl RevocationSet {
    /// The place in the sequence up to which it is known.
    pub const fn position(&self) -> i64 {
        self.position
    }

    /// Takes up an entry at its place in the sequence.
    pub fn learn(&mut self, position: i64, revocation: Revocation) {
        let until = revocation.expires_at;
        match revocation.revoked {
            Revoked::Token(token) => {
                self.tokens.insert(token, until);
            }
            Revoked::Session(session) => {
                self.sessions.insert(session, until);
            }
            Revoked::Before(user, epoch) => {
                let entry = self.users.entry(user).or_insert((epoch, until));
                *entry = (entry.0.max(epoch), entry.1.max(until));
            }
        }
        self.position = self.position.max(position);
    }

    /// Forgets what can no longer concern any token.
    pub fn forget(&mut self, now: Timestamp) {
        self.tokens.retain(|_, until| *until > now);
        self.sessions.retain(|_, until| *until > now);
        self.users.retain(|_, (_, until)| *until > now);
    }

    /// Whether a token is void.
    pub fn covers(&self, claims: &Claims) -> bool {
        self.tokens.contains_key(&claims.token)
            || self.sessions.contains_key(&claims.session)
            || self
                .users
                .get(&claims.subject)
                .is_some_and(|(epoch, _)| claims.epoch < *epoch)
    }

    /// Whether a token that a client got for itself is void.
    pub fn covers_client(&self, claims: &ClientClaims) -> bool {
        self.tokens.contains_key(&claims.token)
    }

    /// How many entries are held.
    pub fn len(&self) -> usize {
        self.tokens.len() + self.sessions.len() + self.users.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::claims::Use;
    use crate::factor::Proved;
    use crate::scope::Scopes;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn claims(user: u8, session: u8, token: u8, epoch: i64) -> Claims {
        Claims {
            issuer: String::new(),
            subject: UserId::from_random([user; 16]),
            audience: vec![],
            client_id: String::new(),
            actor: None,
            scopes: Scopes::default(),
            token: TokenId::from_random([token; 16]),
            session: SessionId::from_random([session; 16]),
            proved: Proved::new(vec![], NOW),
            username: String::new(),
            epoch: Epoch(epoch),
            usage: Use::Many,
            issued_at: NOW,
            not_before: NOW,
            expires_at: NOW.after(Duration::from_mins(10)),
        }
    }

    #[test]
    fn each_kind_covers_what_it_names_and_nothing_else() {
        let mut set = RevocationSet::default();
        set.learn(1, Revocation::of_token(&claims(1, 1, 1, 0)));
        set.learn(
            2,
            Revocation::from_now(Revoked::Session(SessionId::from_random([2; 16])), NOW),
        );
        set.learn(
            3,
            Revocation::from_now(Revoked::Before(UserId::from_random([3; 16]), Epoch(5)), NOW),
        );
        assert!(set.covers(&claims(1, 1, 1, 0)));
        assert!(!set.covers(&claims(1, 1, 9, 0)));
        assert!(set.covers(&claims(1, 2, 9, 0)));
        assert!(set.covers(&claims(3, 9, 9, 4)));
        assert!(!set.covers(&claims(3, 9, 9, 5)));
        assert_eq!((set.position(), set.len()), (3, 3));
    }

    #[test]
    fn a_later_entry_never_shortens_or_lowers_an_earlier_one() {
        let user = UserId::from_random([3; 16]);
        let mut set = RevocationSet::default();
        set.learn(
            1,
            Revocation {
                revoked: Revoked::Before(user, Epoch::END),
                expires_at: NOW.after(Duration::from_hours(9)),
            },
        );
        set.learn(
            2,
            Revocation {
                revoked: Revoked::Before(user, Epoch(1)),
                expires_at: NOW,
            },
        );
        set.forget(NOW.after(Duration::from_hours(1)));
        assert!(set.covers(&claims(3, 1, 1, 77)));
    }

    #[test]
    fn what_can_concern_no_token_is_forgotten() {
        let mut set = RevocationSet::default();
        set.learn(7, Revocation::of_token(&claims(1, 1, 1, 0)));
        set.forget(NOW.after(Duration::from_mins(11)));
        assert!(set.is_empty());
        assert_eq!(set.position(), 7);
    }

    #[test]
    fn a_client_s_own_token_is_voided_by_its_name() {
        let claims = |token| ClientClaims {
            issuer: String::new(),
            client: crate::client::ClientId::parse("app").unwrap(),
            audience: vec![],
            scopes: Scopes::default(),
            token: TokenId::from_random([token; 16]),
            issued_at: NOW,
            not_before: NOW,
            expires_at: NOW.after(Duration::from_mins(10)),
        };
        let mut set = RevocationSet::default();
        set.learn(1, Revocation::of_client_token(&claims(1)));
        assert!(set.covers_client(&claims(1)));
        assert!(!set.covers_client(&claims(2)));
    }
}
