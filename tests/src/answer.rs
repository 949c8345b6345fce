//! What a service answered, read to its end.

use std::fmt;

use reqwest::header::HeaderMap;
use serde_json::Value;

/// The media type of every error (RFC 9457 section 3).
pub const PROBLEM: &str = "application/problem+json";

/// An answer.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} {:?}\n{}",
            self.status,
            self.headers,
            String::from_utf8_lossy(&self.body)
        )
    }
}

impl Answer {
    /// Reads a response.
    pub async fn read(response: reqwest::Response) -> reqwest::Result<Self> {
        Ok(Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await?.to_vec(),
        })
    }

    /// The value of a header, which may be there once only.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next().map(|value| value.to_str().unwrap());
        assert!(values.next().is_none(), "{name} is there twice in {self:?}");
        first
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {self:?}"))
    }

    /// The body as text.
    #[track_caller]
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// Demands a status.
    #[track_caller]
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the demand is the purpose; the answer is often of no more use"
    )]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// Demands a status with a JSON body, and gives the body.
    #[track_caller]
    pub fn expect_json(self, status: u16) -> Value {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
        answer.json()
    }

    /// Demands a problem (RFC 9457) of this status and code, whole in form, and gives it.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Value {
        self.problem(status, code)
    }

    /// As [`Answer::expect_problem`], without giving the answer away.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let is_problem = self
            .header("content-type")
            .is_some_and(|kind| kind.starts_with(PROBLEM));
        assert!(is_problem, "not a problem: {self:?}");
        let problem = self.json();
        assert_eq!(
            (self.status, problem["code"].as_str()),
            (status, Some(code)),
            "{self:?}"
        );
        assert_eq!(problem["type"], format!("urn:countersign:problem:{code}"), "{self:?}");
        assert_eq!(problem["status"], status, "{self:?}");
        for member in ["title", "detail"] {
            assert!(
                problem[member].as_str().is_some_and(|text| !text.is_empty()),
                "{self:?}"
            );
        }
        problem
    }

    /// Demands a problem whose `errors` point at exactly these places.
    #[track_caller]
    pub fn expect_faults(self, status: u16, code: &str, pointers: &[&str]) -> Value {
        let problem = self.problem(status, code);
        let mut found: Vec<&str> = problem["errors"]
            .as_array()
            .unwrap_or_else(|| panic!("no errors in {self:?}"))
            .iter()
            .map(|fault| fault["pointer"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        found.dedup();
        let mut wanted = pointers.to_vec();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{self:?}");
        problem
    }
}
