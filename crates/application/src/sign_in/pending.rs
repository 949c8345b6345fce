//! Opening an authentication session: what was proved is kept until the rest of the login follows.

use domain::event::EventKind;
use domain::secret::AuthSessionHandle;
use domain::session::{AuthSession, Origin, StoredAuthSession};

use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{StoreError, Transaction};
use crate::tokens::TokenForm;

/// Opens it and writes that down, so this comes last before the commit. Gives its handle, where the caller can be shown one.
pub(crate) async fn open(
    core: &Core,
    tx: &mut dyn Transaction,
    auth_session: AuthSession,
    form: TokenForm,
    origin: &Origin,
) -> Result<Option<AuthSessionHandle>, StoreError> {
    let (digest, shown) = match form {
        TokenForm::AccessToken | TokenForm::Browser | TokenForm::Client | TokenForm::Code => {
            let (handle, digest) = core.new_auth_session();
            (digest, Some(handle))
        }
        // Its answers have no room for a handle; the account has one such session at most, and the next replaces it.
        TokenForm::Orion => (core.digest_orion_login(auth_session.user), None),
    };
    let (user, purpose) = (auth_session.user, auth_session.purpose);
    let stored = StoredAuthSession { digest, auth_session };
    tx.auth_sessions().insert(&stored).await?;
    let details = [("awaits", purpose.name())];
    let entry = Entry::by_owner(EventKind::LoginPending, user, origin, &details);
    audit::record(core, tx, entry).await?;
    Ok(shown)
}
