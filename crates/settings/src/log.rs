//! `[log]`: what is logged, and how it looks.

use crate::loading::fault::quoted;
use crate::loading::reader::{Parsed, Read, Reader};

/// Logging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// How a line looks.
    pub format: LogFormat,
    /// Directives in the syntax of `tracing_subscriber::EnvFilter`.
    pub level: String,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object for each line.
    Json,
}

impl Log {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let format = from.one_of(
            "log.format",
            &[("pretty", LogFormat::Pretty), ("json", LogFormat::Json)],
        );
        let levels = "off, error, warn, info, debug or trace, and TARGET=LEVEL for single modules, separated by commas, \
                      for example info,web=debug";
        let level = from.text("log.level", levels, directives);
        Ok(Self {
            format: format?,
            level: level?,
        })
    }
}

/// `EnvFilter` takes a misspelt level for a target, which would log nothing; hence a bare word must be a level.
fn directives(text: &str) -> Parsed<String> {
    let is_level = |level: &str| matches!(level, "off" | "error" | "warn" | "info" | "debug" | "trace");
    let is_target =
        |target: &str| !target.is_empty() && target.bytes().all(|b| b.is_ascii_alphanumeric() || b"_:-".contains(&b));
    for directive in text.split(',') {
        let sound = match directive.split_once('=') {
            Some((target, level)) => is_target(target) && is_level(level),
            None => is_level(directive),
        };
        if !sound {
            return Err(format!("{} is not a level and not TARGET=LEVEL", quoted(directive)));
        }
    }
    Ok(text.to_owned())
}
