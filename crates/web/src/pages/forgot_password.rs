//! `/auth/forgot-password`: asking for help with a lost password. The request is put on record; nothing is sent.

use poem::Response;

use super::failure::Failure;
use super::view::{Field, ForgotPasswordPage};
use super::visit::Visit;
use super::{FieldError, Href, paths};

/// Shows the form.
pub(crate) fn show(visit: Visit) -> Response {
    page(visit, Field::default(), false)
}

/// Notes it. The answer is the same whoever is asked for.
pub(crate) async fn send(visit: Visit) -> Result<Response, Failure> {
    let name = visit.form()?.once("username").unwrap_or_default().trim().to_owned();
    if name.is_empty() {
        let field = Field {
            value: name,
            error: Some(FieldError::Missing),
        };
        return Ok(page(visit, field, false));
    }
    // What can be no name of an account is not worth an entry, and to say so would help nobody.
    if let Some(name) = visit.app.browsers.name_of(&name).await? {
        visit.app.request_recovery.execute(&name, &visit.source.origin).await?;
    }
    Ok(page(visit, Field::default(), true))
}

fn page(visit: Visit, username: Field, is_sent: bool) -> Response {
    let page = ForgotPasswordPage {
        username,
        is_sent,
        login: Href::page(paths::LOGIN, ""),
        notices: Vec::new(),
    };
    visit.show(&page, None)
}
