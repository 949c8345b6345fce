//! What voids access tokens before they expire, and how a node knows it without asking the database for each request.
//!
//! Revocations form one sequence without gaps, shared by all nodes. A node follows it and keeps what still matters in
//! memory: a revocation is forgotten when the last token that it could concern has expired.

use std::collections::HashMap;

use crate::claims::Claims;
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
            || self.users.get(&claims.subject).is_some_and(|(epoch, _)| claims.epoch < *epoch)
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
