//! Resources of the Aidbox profile: documents that other systems write and read, beside the accounts and clients that they
//! describe.

pub mod auth_config;
pub mod client;
pub mod node;
pub mod reading;
pub mod user;

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

/// The longest identity of a document.
pub const RESOURCE_ID_MAX: usize = 64;

/// Whether a text can be the identity of a document: 1 to 64 letters, digits, hyphens and dots, as FHIR has it.
pub fn is_resource_id(text: &str) -> bool {
    let is_right = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    (1..=RESOURCE_ID_MAX).contains(&text.len()) && text.bytes().all(is_right)
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
