//! `countersign events`: the audit log.

use std::fmt::Write as _;
use std::process::ExitCode;

use application::App;
use application::actor::Actor;
use application::audit::{VerifyError, verify};
use application::ports::EventFilter;
use domain::event::{EventKind, StoredEvent};
use domain::secret::Digest;
use serde_json::{Map, Value, json};

use super::user::named;
use super::{Absence, Failure, Outcome, with_service};
use crate::cli::{Events, Global};
use crate::compose::Service;
use crate::output::{self, Format, instant, table};

pub(super) fn run(global: &Global, command: Events) -> Outcome {
    let format = global.format();
    match command {
        Events::Verify { contains } => {
            let noted = contains.as_deref().map(Noted::parse).transpose()?;
            with_service(global, Absence::Refuses, |service| check(service, noted, format))
        }
        Events::List { limit, user, kind } => {
            let kind = kind.as_deref().map(kind_named).transpose()?;
            with_service(global, Absence::Refuses, move |service| {
                list(service, limit, user, kind, format)
            })
        }
    }
}

/// A head that somebody noted down: the log must still contain it, else its end was cut off.
struct Noted {
    position: i64,
    link: String,
}

impl Noted {
    fn parse(text: &str) -> Result<Self, Failure> {
        let noted = text.split_once(':').and_then(|(position, link)| {
            let position = position.parse().ok().filter(|position| *position > 0)?;
            let is_link = link.len() == 64 && link.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_link.then(|| Self {
                position,
                link: link.to_ascii_lowercase(),
            })
        });
        noted.ok_or_else(|| Failure::new("--contains takes what an earlier `events verify` printed: POSITION:LINK"))
    }
}

async fn check(service: Service, noted: Option<Noted>, format: Format) -> Outcome {
    let head = verify(&service.app.core).await.map_err(|error| match error {
        VerifyError::Broken(broken) => Failure::new(format!("the audit log is broken: {broken}")),
        VerifyError::Store(error) => error.into(),
    })?;
    if let Some(noted) = noted {
        contains(&service.app, &noted).await?;
    }
    let link = hex(&head.link);
    output::result(format, &json!({ "entries": head.position, "link": link }), || {
        format!(
            "The audit log is whole: {} entries.\n\nHead  {}:{link}\n\n\
             Keep the head elsewhere and give it to the next `events verify --contains`: it shows whether the end was cut.",
            head.position, head.position
        )
    });
    Ok(ExitCode::SUCCESS)
}

async fn contains(app: &App, noted: &Noted) -> Result<(), Failure> {
    let mut tx = app.core.ports.store.read().await?;
    let found = tx.events().after(noted.position - 1, 1).await?;
    match found.first() {
        Some(entry) if entry.position == noted.position && hex(&entry.link) == noted.link => Ok(()),
        Some(entry) if entry.position == noted.position => Err(Failure::new(format!(
            "the audit log is broken: entry {} is another than the noted one",
            noted.position
        ))),
        _ => Err(Failure::new(format!(
            "the audit log is broken: it was cut before entry {}",
            noted.position
        ))),
    }
}

async fn list(service: Service, limit: u32, user: Option<String>, kind: Option<EventKind>, format: Format) -> Outcome {
    let app = &service.app;
    let subject = match user {
        Some(name) => Some(named(app, &name).await?.id),
        None => None,
    };
    let filter = EventFilter {
        kind,
        subject,
        before: None,
    };
    let entries = app.queries.events(&Actor::Operator, &filter, limit).await?;
    let value: Value = entries.iter().map(described).collect();
    output::result(format, &value, || {
        let head = ["NO", "TIME", "KIND", "ABOUT", "DETAILS"].map(str::to_owned).to_vec();
        let rows = entries.iter().map(|entry| {
            let event = &entry.event;
            let details = event.details.iter().fold(String::new(), |mut text, (name, value)| {
                // Writing to a string cannot fail. Escaped, because a caller chose some of it.
                let _ = write!(text, "{name}={} ", value.escape_debug());
                text
            });
            vec![
                entry.position.to_string(),
                instant(event.at),
                event.kind.name().to_owned(),
                event.subject.map_or_else(|| "-".to_owned(), |id| id.to_string()),
                details,
            ]
        });
        table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
    });
    Ok(ExitCode::SUCCESS)
}

fn described(entry: &StoredEvent) -> Value {
    let event = &entry.event;
    let details: Map<_, _> = event
        .details
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    json!({
        "position": entry.position,
        "at": instant(event.at),
        "kind": event.kind.name(),
        "actor": event.actor.map(|id| id.to_string()),
        "subject": event.subject.map(|id| id.to_string()),
        "address": event.origin.address,
        "user_agent": event.origin.user_agent,
        "request_id": event.origin.request_id,
        "details": details,
        "link": hex(&entry.link),
    })
}

fn kind_named(name: &str) -> Result<EventKind, Failure> {
    EventKind::from_name(name).ok_or_else(|| {
        let known: Vec<_> = EventKind::ALL.iter().map(|kind| kind.name()).collect();
        Failure::new(format!("there is no kind {name:?}; there are {}", known.join(", ")))
    })
}

fn hex(digest: &Digest) -> String {
    digest
        .as_bytes()
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noted_head_reads_back() {
        let link = hex(&Digest::from_bytes([0xAB; 32]));
        let noted = Noted::parse(&format!("17:{link}")).unwrap();
        assert_eq!((noted.position, noted.link), (17, link.clone()));
        for text in ["17", "0:ab", "x:ab", &format!("17:{link}0"), &format!("-1:{link}")] {
            assert!(Noted::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_kind_that_does_not_exist_is_answered_with_those_that_do() {
        assert_eq!(kind_named("login.refused").ok(), Some(EventKind::LoginRefused));
        assert!(kind_named("login").unwrap_err().to_string().contains("login.refused"));
    }
}
