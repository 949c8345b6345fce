//! Resources of the Aidbox profile: documents that other systems write and read, beside the accounts and clients that they
//! describe.

use crate::id::UserId;
use crate::time::Timestamp;

/// What a document describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// Settings of logging in.
    AuthConfig,
    /// A client application.
    Client,
    /// An account.
    User,
}

impl ResourceKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::AuthConfig, Self::Client, Self::User];

    /// The name in addresses and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthConfig => "AuthConfig",
            Self::Client => "Client",
            Self::User => "User",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A document as it is stored. It holds no secret: passwords, client secrets and shared secrets go to where they are hashed or
/// sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AidboxResource {
    /// What it describes.
    pub kind: ResourceKind,
    /// Its identity among its kind.
    pub id: String,
    /// The account that a `User` describes.
    pub account: Option<UserId>,
    /// The rest, in JSON.
    pub document: String,
    /// Counts writes, from 1.
    pub version: i64,
    /// When it was first written.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}
