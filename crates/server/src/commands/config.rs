//! `countersign config`: looking at the settings.

use std::process::ExitCode;

use serde_json::json;

use super::{CONFIGURATION, Outcome, load, settings};
use crate::cli::{Config, Global};
use crate::compose::warnings;
use crate::error::StartError;
use crate::output::{self, Format};
use crate::policies;

pub(super) fn run(global: &Global, command: Config) -> Outcome {
    match command {
        Config::Check => check(global),
        Config::Print => {
            output::line(load(global, Vec::new())?.print().trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Config::Default => {
            output::line(::settings::default_toml().trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn check(global: &Global) -> Outcome {
    // What the adapters refuse is refused here too.
    let checked = settings(global, Vec::new()).and_then(|settings| {
        policies::hashing(&settings)?;
        Ok(settings)
    });
    match (checked, global.format()) {
        (Ok(settings), format) => {
            let warnings = warnings(&settings);
            output::result(
                format,
                &json!({ "sound": true, "faults": [], "warnings": warnings }),
                || {
                    let mut text = "The settings are sound.".to_owned();
                    for warning in &warnings {
                        text.push_str("\nwarning: ");
                        text.push_str(warning);
                    }
                    text
                },
            );
            Ok(ExitCode::SUCCESS)
        }
        (Err(StartError::Settings(faults)), Format::Json) => {
            let faults: Vec<_> = faults
                .iter()
                .map(|fault| {
                    json!({
                        "key": fault.key, "origin": fault.origin, "problem": fault.problem, "allowed": fault.allowed,
                    })
                })
                .collect();
            output::json(&json!({ "sound": false, "faults": faults, "warnings": [] }));
            Ok(ExitCode::from(CONFIGURATION))
        }
        (Err(error), _) => Err(error.into()),
    }
}
