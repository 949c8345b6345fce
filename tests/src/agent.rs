//! A browser without a screen: it keeps cookies, follows the redirects of the service, and sends forms. It shows what is on the
//! wire, which a real browser hides.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, Url};

use crate::answer::Answer;
use crate::call::Call;
use crate::html::{self, Form};
use crate::service::Service;

/// More redirects in a row than any way through the pages has.
const REDIRECTS: usize = 10;

/// The browser.
pub struct Agent {
    http: Client,
    base: Url,
    cookies: Mutex<BTreeMap<String, String>>,
    language: Mutex<String>,
}

/// Where a way through the service ended.
#[derive(Debug)]
pub enum Landing {
    /// At a page.
    Page(Page),
    /// At an address of somebody else, which was not called.
    Away(Url),
}

/// A page of the service.
#[derive(Debug)]
pub struct Page {
    /// Its whole address.
    pub address: Url,
    /// What was answered.
    pub answer: Answer,
}

impl Page {
    /// The forms on it.
    pub fn forms(&self) -> Vec<Form> {
        html::forms(&self.answer.text())
    }

    /// The form with this field, if there is one.
    pub fn form(&self, field: &str) -> Option<Form> {
        self.forms().into_iter().find(|form| form.has(field))
    }

    /// The form with a button of this name, if there is one.
    pub fn form_with_button(&self, name: &str) -> Option<Form> {
        let has = |form: &Form| form.buttons.iter().any(|(button, _)| button == name);
        self.forms().into_iter().find(has)
    }

    /// The language that the page says it is in.
    pub fn language(&self) -> Option<String> {
        html::attribute(&self.answer.text(), "html", "lang")
    }
}

impl Landing {
    /// Demands a page.
    #[track_caller]
    pub fn page(self) -> Page {
        match self {
            Self::Page(page) => page,
            Self::Away(url) => panic!("away at {url}, not at a page"),
        }
    }

    /// Demands that the browser was sent away, and gives the address.
    #[track_caller]
    pub fn away(self) -> Url {
        match self {
            Self::Away(url) => url,
            Self::Page(page) => panic!("at a page, not away: {} {:?}", page.address, page.answer),
        }
    }
}

impl Agent {
    /// A browser that has never been at this service.
    pub fn new(service: &Service) -> Self {
        Self::at(&format!("http://{}", service.address()))
    }

    /// A browser that has never been at the service of this address.
    pub fn at(base: &str) -> Self {
        Self {
            http: Client::builder().redirect(Policy::none()).build().unwrap(),
            base: Url::parse(base).unwrap(),
            cookies: Mutex::default(),
            language: Mutex::new("en".to_owned()),
        }
    }

    /// Asks for pages in another language from now on.
    pub fn speak(&self, language: &str) {
        language.clone_into(&mut self.language.lock().unwrap());
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// The values of all cookies.
    pub fn cookies(&self) -> Vec<String> {
        self.cookies.lock().unwrap().values().cloned().collect()
    }

    /// Has this cookie from now on.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// Deletes all cookies.
    pub fn forget(&self) {
        self.cookies.lock().unwrap().clear();
    }

    /// Goes to a path, or to a whole address.
    pub async fn open(&self, address: &str) -> Landing {
        let url = self.base.join(address).unwrap();
        self.go(Method::GET, url, Vec::new()).await
    }

    /// Sends a form of a page.
    pub async fn submit(&self, page: &Page, form: &Form) -> Landing {
        let mut url = page.address.join(&form.action).unwrap();
        if form.method == "POST" {
            return self.go(Method::POST, url, form.fields.clone()).await;
        }
        url.query_pairs_mut().clear().extend_pairs(&form.fields);
        self.go(Method::GET, url, Vec::new()).await
    }

    /// Sends fields to a path, as a form on somebody's page would.
    pub async fn post(&self, address: &str, fields: &[(&str, &str)]) -> Landing {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let url = self.base.join(address).unwrap();
        self.go(Method::POST, url, fields.iter().map(owned).collect()).await
    }

    async fn go(&self, method: Method, url: Url, fields: Vec<(String, String)>) -> Landing {
        let (mut method, mut url, mut fields) = (method, url, fields);
        for _ in 0..REDIRECTS {
            if url.origin() != self.base.origin() {
                return Landing::Away(url);
            }
            let answer = self.send(&method, &url, &fields).await;
            self.keep(&answer);
            let Some(place) = answer.header("location") else {
                return Landing::Page(Page { address: url, answer });
            };
            assert!(
                answer.status == 303 || (answer.status == 302 && method == Method::GET),
                "a redirect that could send a form on: {answer:?}"
            );
            url = url.join(place).unwrap();
            method = Method::GET;
            fields.clear();
        }
        panic!("redirected without end, at last to {url}");
    }

    async fn send(&self, method: &Method, url: &Url, fields: &[(String, String)]) -> Answer {
        let mut call = Call::new(&self.http, method.clone(), url.as_str())
            .header("accept", "text/html")
            .header("accept-language", self.language.lock().unwrap().clone());
        let cookies: Vec<String> = {
            let jar = self.cookies.lock().unwrap();
            jar.iter().map(|(name, value)| format!("{name}={value}")).collect()
        };
        if !cookies.is_empty() {
            call = call.header("cookie", cookies.join("; "));
        }
        if *method == Method::POST {
            let pairs: Vec<(&str, &str)> = fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            call = call
                .header("origin", self.base.origin().ascii_serialization())
                .header("sec-fetch-site", "same-origin")
                .form(&pairs);
        }
        call.await
    }

    /// Keeps the cookies of an answer. Every one must be of the strict kind: for this host only, hidden from scripts.
    fn keep(&self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let mut parts = cookie.split(';').map(str::trim);
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let attributes: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
            for wanted in ["secure", "httponly", "samesite=lax", "path=/"] {
                assert!(
                    attributes.iter().any(|attribute| attribute == wanted),
                    "{cookie} is not {wanted}"
                );
            }
            assert!(name.starts_with("__Host-"), "{cookie}");
            let mut jar = self.cookies.lock().unwrap();
            if value.is_empty() || attributes.iter().any(|attribute| attribute == "max-age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
