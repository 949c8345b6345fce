//! `countersign key`: signing keys and the master key.

use std::process::ExitCode;

use application::actor::Actor;
use application::keys::{RotateError, Urgency};
use crypto::entropy::OsEntropy;
use crypto::master_key::MasterKey;
use domain::session::Origin;
use domain::signing_key::SigningKey;
use serde_json::{Value, json};

use super::{Absence, Failure, Outcome, with_service};
use crate::cli::{Global, Key};
use crate::compose::Service;
use crate::error::with_causes;
use crate::output::{self, Format, instant, table};

pub(super) fn run(global: &Global, command: &Key) -> Outcome {
    let format = global.format();
    match *command {
        Key::List => with_service(global, Absence::Refuses, |service| list(service, format)),
        Key::Rotate { compromised } => {
            let urgency = if compromised {
                Urgency::Compromised
            } else {
                Urgency::Orderly
            };
            with_service(global, Absence::Refuses, move |service| {
                rotate(service, urgency, format)
            })
        }
        Key::GenerateMaster => {
            let text = MasterKey::generate(&OsEntropy).to_text();
            output::result(format, &json!({ "master_key": text.as_str() }), || text.to_string());
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn list(service: Service, format: Format) -> Outcome {
    let keys = service.app.key_rotation.list().await?;
    let value: Value = keys.iter().map(described).collect();
    output::result(format, &value, || {
        let head = ["KEY", "PURPOSE", "ALGORITHM", "STATE", "SINCE", "CREATED"]
            .map(str::to_owned)
            .to_vec();
        let rows = keys.iter().map(|key| {
            vec![
                key.kid.to_string(),
                key.purpose.name().to_owned(),
                key.algorithm.name().to_owned(),
                key.state.name().to_owned(),
                instant(key.state_since),
                instant(key.created_at),
            ]
        });
        table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
    });
    Ok(ExitCode::SUCCESS)
}

fn described(key: &SigningKey) -> Value {
    json!({
        "kid": key.kid.as_str(),
        "purpose": key.purpose.name(),
        "algorithm": key.algorithm.name(),
        "state": key.state.name(),
        "state_since": instant(key.state_since),
        "created_at": instant(key.created_at),
    })
}

async fn rotate(service: Service, urgency: Urgency, format: Format) -> Outcome {
    let rotated = service
        .app
        .key_rotation
        .rotate(&Actor::Operator, urgency, &Origin::default())
        .await;
    let kid = rotated.map_err(|error| match error {
        RotateError::TooSoon(too_soon) => Failure::new(format!(
            "{too_soon}.\nIt can take over from {} on. If the active key leaked, use --compromised: what it signed is then \
             refused.",
            instant(too_soon.possible_at)
        )),
        other => Failure::new(with_causes(&other)),
    })?;
    let note = match urgency {
        Urgency::Orderly => "Tokens of the key before it stay valid until they expire.",
        Urgency::Compromised => "Tokens of the key before it are refused; callers refresh or log in again.",
    };
    output::result(format, &json!({ "active": kid.as_str() }), || {
        format!("{kid} signs from now on. {note}")
    });
    Ok(ExitCode::SUCCESS)
}
