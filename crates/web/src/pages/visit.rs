//! One request of a browser for one of the pages: what it brings, and how it is answered.

use std::borrow::Cow;
use std::sync::Arc;

use application::App;
use application::aidbox::AuthConfigInEffect;
use application::authorize::{Parameters, Request as AuthorizationRequest};
use application::browser::BrowserSession;
use application::ports::entropy;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::secret::{AuthSessionHandle, BrowserHandle};
use poem::http::header::{ACCEPT_LANGUAGE, LOCATION, SET_COOKIE};
use poem::http::{HeaderMap, HeaderValue, StatusCode};
use poem::{Request, Response};
use url::Url;

use super::failure::Failure;
use super::render::{Frame, Page, render};
use super::view::{ErrorKind, ErrorPage};
use super::{Href, Look, cookies, guard};
use crate::context::{Context, Source};
use crate::form::is_form;

/// Parameters that the pages add to a query for themselves. No client can mean anything by them.
const OWN: [&str; 5] = [MARKER, AGAIN, USE, AUTHENTICATOR, SENT];
/// Shows that somebody logged in for this very request.
pub(crate) const MARKER: &str = "cs_login";
/// Shows the login to somebody who is logged in.
pub(crate) const AGAIN: &str = "cs_again";
/// Which second factor is asked for.
pub(crate) const USE: &str = "use";
/// Whether a code was sent when the password was proved.
pub(crate) const SENT: &str = "cs_sent";
/// Which authenticator is being enrolled.
pub(crate) const AUTHENTICATOR: &str = "cs_authenticator";

/// A request of a browser.
pub(crate) struct Visit {
    pub app: Arc<App>,
    pub look: Arc<Look>,
    /// The settings of logging in of the Aidbox profile, where it is on.
    pub config: Option<AuthConfigInEffect>,
    pub source: Source,
    /// The parameters of the query.
    pub parameters: Parameters,
    /// What the client sent of it, form-encoded: without what the pages added.
    pub query: String,
    headers: HeaderMap,
    body: Option<Parameters>,
    new_browser: Option<BrowserHandle>,
    set_cookies: Vec<HeaderValue>,
}

impl Visit {
    /// Reads a request, whose body is there.
    pub async fn read(mut request: Request, context: &Context) -> Result<Self, Failure> {
        let parameters = Parameters::parse(request.uri().query().unwrap_or_default());
        let body = if is_form(&request) {
            let text = request.take_body().into_string().await.map_err(|_| Failure::BadForm)?;
            Some(Parameters::parse(&zeroize::Zeroizing::new(text)))
        } else {
            None
        };
        Ok(Self {
            config: context.app.aidbox.configs.in_effect().await?,
            query: parameters.text_without(&OWN),
            parameters,
            body,
            ..Self::blank(&request, context)
        })
    }

    /// A visit of which only the headers were read, to be answered with an error.
    pub fn blank(request: &Request, context: &Context) -> Self {
        Self {
            app: Arc::clone(&context.app),
            look: Arc::clone(&context.look),
            config: None,
            source: Source::of(request, context),
            parameters: Parameters::default(),
            query: String::new(),
            headers: request.headers().clone(),
            body: None,
            new_browser: None,
            set_cookies: Vec::new(),
        }
    }

    /// The fields of a form that was sent. It is one of ours, shown in this browser.
    pub fn form(&self) -> Result<&Parameters, Failure> {
        let form = self.body.as_ref().ok_or(Failure::BadForm)?;
        let handle = self.browser_handle().ok_or(Failure::FormExpired)?;
        let csrf = form.once("csrf").ok_or(Failure::FormExpired)?;
        let is_own = self.app.browsers.is_own_form(&handle, csrf);
        if is_own && guard::is_same_origin(&self.headers, &self.look.origin) {
            Ok(form)
        } else {
            Err(Failure::FormExpired)
        }
    }

    /// The fields of a form that anybody may have sent: nothing may be done because of it.
    pub fn unguarded_form(&self) -> Option<&Parameters> {
        self.body.as_ref()
    }

    fn browser_handle(&self) -> Option<BrowserHandle> {
        BrowserHandle::parse(cookies::get(&self.headers, cookies::BROWSER)?).ok()
    }

    /// The handle of the login that has begun in this browser.
    pub fn login_handle(&self) -> Option<AuthSessionHandle> {
        AuthSessionHandle::parse(cookies::get(&self.headers, cookies::LOGIN)?).ok()
    }

    /// Who is logged in.
    pub async fn session(&self) -> Result<Option<BrowserSession>, Failure> {
        let handle = cookies::get(&self.headers, cookies::SESSION).and_then(|text| BrowserHandle::parse(text).ok());
        match handle {
            None => Ok(None),
            Some(handle) => Ok(self.app.browsers.session(&handle).await?),
        }
    }

    /// Remembers a login that has proved the password.
    pub fn keep_login(&mut self, handle: &AuthSessionHandle) {
        self.set_cookies.extend(cookies::set(cookies::LOGIN, handle.expose()));
    }

    /// Remembers that the browser is logged in. Its forms are bound to it anew, so that a form that was shown before, perhaps
    /// to somebody who planted the cookie, is none of its own.
    pub fn keep_session(&mut self, handle: &BrowserHandle) {
        self.set_cookies.extend(cookies::set(cookies::SESSION, handle.expose()));
        self.set_cookies.extend(cookies::delete(cookies::LOGIN));
        self.renew_browser();
    }

    /// Forgets who is logged in.
    pub fn forget_session(&mut self) {
        self.set_cookies.extend(cookies::delete(cookies::SESSION));
        self.set_cookies.extend(cookies::delete(cookies::LOGIN));
        self.renew_browser();
    }

    /// The value of a cookie that was sent.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        cookies::get(&self.headers, name)
    }

    /// Sets a cookie, or takes it away without a value.
    pub(super) fn put_cookie(&mut self, name: &str, value: Option<&str>) {
        self.set_cookies.extend(match value {
            Some(value) => cookies::set(name, value),
            None => cookies::delete(name),
        });
    }

    fn renew_browser(&mut self) {
        let handle = self.app.browsers.new_handle();
        self.set_cookies.extend(cookies::set(cookies::BROWSER, handle.expose()));
        self.new_browser = Some(handle);
    }

    /// Sends the browser to another page of ours, with this query.
    pub fn go(self, path: &'static str, query: &str) -> Response {
        let href = Href::page(path, query);
        self.leave(href.as_str())
    }

    /// Sends the browser elsewhere, never with the method and body that it came with (RFC 9700 section 4.12). `location` is a
    /// page of ours or an address that is registered for a client.
    pub fn leave(self, location: &str) -> Response {
        match HeaderValue::try_from(location) {
            Ok(location) => {
                let mut response = Response::builder().status(StatusCode::SEE_OTHER).finish();
                response.headers_mut().insert(LOCATION, location);
                self.finish(response)
            }
            Err(_) => self.error(ErrorKind::Internal, None),
        }
    }

    /// Shows a page; `request` is the one that it is a step of.
    pub fn show<P: Page>(self, page: &P, request: Option<&AuthorizationRequest>) -> Response {
        let target = request.and_then(|request| Url::parse(&request.to.redirect_uri).ok());
        let ui_locales = request.and_then(|request| request.ui_locales.clone());
        self.show_in(page, ui_locales.as_deref(), target.as_ref())
    }

    /// Shows a page in the best of these languages, whose forms may lead to `target`.
    pub fn show_in<P: Page>(mut self, page: &P, ui_locales: Option<&str>, target: Option<&Url>) -> Response {
        let handle = self.new_browser.take().or_else(|| self.browser_handle());
        let handle = match handle {
            Some(handle) => handle,
            None => {
                let handle = self.app.browsers.new_handle();
                self.set_cookies.extend(cookies::set(cookies::BROWSER, handle.expose()));
                handle
            }
        };
        let accepted = self.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        // The language of the house is what everybody wishes for last.
        let wishes = format!("{},{};q=0.001", accepted.unwrap_or_default(), self.look.default_locale);
        let theme = match &self.config {
            Some(config) => Cow::Owned(self.look.theme.clone().under(&config.theme)),
            None => Cow::Borrowed(&self.look.theme),
        };
        let response = render(
            page,
            &Frame {
                theme: &theme,
                locale: &self.look.languages.choose(ui_locales, Some(&wishes)),
                nonce: &self.nonce(),
                csrf: &self.app.browsers.csrf(&handle),
                form_target: target,
            },
        );
        self.finish(response)
    }

    /// Random, for one answer.
    pub fn nonce(&self) -> String {
        URL_SAFE_NO_PAD.encode(entropy::bytes::<16>(self.app.core.ports.entropy.as_ref()))
    }

    /// Says what went wrong. `detail` is for the developer of an application.
    pub fn error(self, kind: ErrorKind, detail: Option<&'static str>) -> Response {
        let page = ErrorPage {
            kind,
            detail: detail.map(str::to_owned),
            request_id: self.source.origin.request_id.clone(),
            back: None,
        };
        self.show_in(&page, None, None)
    }

    /// The answer, with the cookies that it sets.
    pub fn finish(self, mut response: Response) -> Response {
        for cookie in self.set_cookies {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }
}
