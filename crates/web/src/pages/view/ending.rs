//! The pages where something ends: logging out, and what went wrong.

use poem::http::StatusCode;
use serde::{Serialize, Serializer};

use super::Hidden;
use crate::pages::{Href, Notice, Page};

/// An application with a way back to it.
#[derive(Debug, Clone, Serialize)]
pub struct ApplicationLink {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub href: Href,
}

/// Whether to log out. The form has the button `decision` = `logout`.
#[derive(Debug, Serialize)]
pub struct LogoutPage {
    /// The application that asks for it.
    pub application: Option<String>,
    /// Who is signed in.
    pub account: String,
    /// Where one goes who wants to stay.
    pub cancel: Href,
    /// Whether the form sends itself where scripts run, because the application has shown whom it means.
    pub sends_itself: bool,
    /// Further hidden fields.
    pub hidden: Vec<Hidden>,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for LogoutPage {
    const TEMPLATE: &'static str = "logout.html";
}

/// Logged out.
#[derive(Debug, Serialize)]
pub struct LoggedOutPage {
    /// A sentence of the operator, in place of ours.
    pub text: Option<String>,
    /// The way back to the application.
    pub application: Option<ApplicationLink>,
    /// To sign in again; `None` for no link.
    pub login: Option<Href>,
}

impl Page for LoggedOutPage {
    const TEMPLATE: &'static str = "logged_out.html";
}

/// What went wrong, so that no page can be shown and nobody can be sent anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The application is not known here.
    UnknownApplication,
    /// The address that the application wants the answer at is not registered.
    UnregisteredRedirect,
    /// The request of the application is wrong in another way.
    BadRequest,
    /// The form is too old, or not from this browser (CSRF).
    FormExpired,
    /// The link is not valid any more.
    LinkExpired,
    /// Nothing would be left that completes a login.
    LastFactor,
    /// The account may not do this.
    Forbidden,
    /// There is no such page.
    NotFound,
    /// Too many attempts.
    TooManyRequests,
    /// A failure of ours.
    Internal,
    /// The service is not available for the moment.
    Unavailable,
}

impl ErrorKind {
    /// One of each.
    pub const ALL: [Self; 11] = [
        Self::UnknownApplication,
        Self::UnregisteredRedirect,
        Self::BadRequest,
        Self::FormExpired,
        Self::LinkExpired,
        Self::LastFactor,
        Self::Forbidden,
        Self::NotFound,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The keys of title and text.
    const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::UnknownApplication => ("fault-unknown-application-title", "fault-unknown-application-text"),
            Self::UnregisteredRedirect => ("fault-unregistered-redirect-title", "fault-unregistered-redirect-text"),
            Self::BadRequest => ("fault-bad-request-title", "fault-bad-request-text"),
            Self::FormExpired => ("fault-form-expired-title", "fault-form-expired-text"),
            Self::LinkExpired => ("fault-link-expired-title", "fault-link-expired-text"),
            Self::LastFactor => ("fault-last-factor-title", "fault-last-factor-text"),
            Self::Forbidden => ("fault-forbidden-title", "fault-forbidden-text"),
            Self::NotFound => ("fault-not-found-title", "fault-not-found-text"),
            Self::TooManyRequests => ("fault-too-many-requests-title", "fault-too-many-requests-text"),
            Self::Internal => ("fault-internal-title", "fault-internal-text"),
            Self::Unavailable => ("fault-unavailable-title", "fault-unavailable-text"),
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::UnknownApplication
            | Self::UnregisteredRedirect
            | Self::BadRequest
            | Self::FormExpired
            | Self::LinkExpired => StatusCode::BAD_REQUEST,
            Self::LastFactor | Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// What went wrong, in words.
#[derive(Debug)]
pub struct ErrorPage {
    /// What.
    pub kind: ErrorKind,
    /// For the developer of the application: which parameter, and why. Not translated.
    pub detail: Option<String>,
    /// The name by which the request is found in the log.
    pub request_id: Option<String>,
    /// A way on; `None` for no link.
    pub back: Option<Href>,
}

impl Serialize for ErrorPage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            title: &'static str,
            text: &'static str,
            detail: Option<&'a str>,
            request_id: Option<&'a str>,
            back: Option<&'a Href>,
        }
        let (title, text) = self.kind.keys();
        Shown {
            title,
            text,
            detail: self.detail.as_deref(),
            request_id: self.request_id.as_deref(),
            back: self.back.as_ref(),
        }
        .serialize(serializer)
    }
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";

    fn status(&self) -> StatusCode {
        self.kind.status()
    }
}
