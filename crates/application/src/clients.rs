//! Client applications: registering them, and finding out which one is calling.

mod assertion;
pub mod authenticate;
pub mod consents;
pub mod manage;
mod origins;
pub mod push;
mod secret;
mod usual;

pub use authenticate::{AuthenticateClient, AuthenticatedClient, ClientRefusal, PresentedClient};
pub use consents::{ConsentError, Consents};
pub use manage::{ClientError, ManageClients, RegisteredClient, SecretChoice};
pub use origins::ClientOrigins;
pub use push::PushError;
pub use usual::usual_draft;
