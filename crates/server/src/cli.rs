//! The command line: what can be asked for, and the exit codes.

mod client;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgGroup, Args, Parser, Subcommand};

pub(crate) use self::client::{Client, NewClient};
use crate::commands;
use crate::output::{self, Format};

const EXIT_CODES: &str = "Exit codes:
  0   done
  1   it failed
  2   the command line is wrong
  78  the configuration is wrong (EX_CONFIG)

Settings: `countersign config default` prints every setting with its explanation. A file needs to hold only what differs;
COUNTERSIGN__SECTION__KEY in the environment goes over the file, flags go over both.";

const IMPORT: &str = r#"Each line is a JSON object with these fields; others are refused:
  username        may be left out if there is an e-mail address that can be a user name
  email           optional
  display_name    optional
  role            "user" (default) or "admin"
  password        taken as it is, also a weak one; or
  password_hash   an Argon2 hash in the PHC string format: $argon2id$, $argon2i$ or $argon2d$
  authenticators  optional, a list of objects, each with
    name          what its owner calls it, and
    otpauth_uri   or these fields:
    type          "totp" or "hotp"
    secret        Base32
    algorithm     "SHA1" (default), "SHA256" or "SHA512"
    digits        6 (default) or 8
    period        of a TOTP, in seconds: 30 (default) or 60
    counter       of an HOTP, the next one: 0 (default)

Every line is checked before the first account is imported. If anything is
wrong, every fault is told with its line, nothing is imported, and the exit code
is 1. An account without authenticators may enrol one at its first login."#;

/// Puts a second factor in front of any REST API.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The settings file [default: countersign.toml in the data folder, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The data folder: database, master key [default: data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Print results as JSON
    #[arg(long, global = true)]
    json: bool,
}

impl Global {
    pub(crate) const fn format(&self) -> Format {
        if self.json { Format::Json } else { Format::Text }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the service
    Serve(Serve),
    /// Show the main job over HTTP on this machine, and leave nothing behind
    Demo(Demo),
    /// Bring the schema of the database up to date
    Migrate {
        /// Change nothing; exit with 1 if something is to be done
        #[arg(long)]
        check: bool,
    },
    /// Look at the settings
    #[command(subcommand)]
    Config(Config),
    /// Accounts
    #[command(subcommand)]
    User(User),
    /// Applications that log people in here (OAuth 2.0, OpenID Connect)
    #[command(subcommand)]
    Client(Client),
    /// Signing keys, and the master key
    #[command(subcommand)]
    Key(Key),
    /// The audit log
    #[command(subcommand)]
    Events(Events),
    /// Print the OpenAPI document
    Openapi,
    /// Check settings, files, database and addresses, and say what to do about faults
    Doctor,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// For development: loopback only, open registration, an administrator whose credentials are printed
    #[arg(long)]
    pub(crate) dev: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// End after the last step, instead of serving on
    #[arg(long)]
    pub(crate) exit: bool,
    /// Where to listen [default: 127.0.0.1:8080, or any free port]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum Config {
    /// Check the settings; print every fault, and warnings
    Check,
    /// Print the settings in effect, and where each came from; secrets are masked
    Print,
    /// Print every setting with its explanation and default
    Default,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Make an account; prints the secret key that it is given, this once
    Add(NewUser),
    /// List accounts
    List {
        /// Those whose name, e-mail address or display name contains this
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
    },
    /// Show an account
    Show {
        /// The user name
        name: String,
    },
    /// Disable an account: nothing that it was issued is accepted any more
    Disable {
        /// The user name
        name: String,
    },
    /// Enable an account again
    Enable {
        /// The user name
        name: String,
    },
    /// Forget the failed logins of an account
    Unlock {
        /// The user name
        name: String,
    },
    /// Delete an account
    Delete {
        /// The user name
        name: String,
    },
    /// Set a password that its owner has lost; the second factor stays what it is
    SetPassword {
        /// The user name
        name: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Give an account a new secret key; prints it, this once
    ResetSecretKey {
        /// The user name
        name: String,
    },
    /// Make a recovery code for an owner who has lost everything else; prints it, this once. It is good once, for a short time
    IssueRecovery {
        /// The user name
        name: String,
    },
    /// Make a link with which an owner who has lost the password sets a new one; prints it, this once. It is good once, for a
    /// short time, and the second factor is asked for
    ResetLink {
        /// The user name
        name: String,
    },
    /// Demand that an account enrol a new authenticator at the next login; everything that it was issued is void
    RequireEnrolment {
        /// The user name
        name: String,
    },
    /// Remove an authenticator of an account, and end the sessions that it proved
    RemoveAuthenticator {
        /// The user name
        name: String,
        /// Its identity, as `user show` lists it
        authenticator: String,
    },
    /// Import accounts from a file: JSON Lines, one account a line. Those that exist are skipped
    #[command(after_help = IMPORT)]
    Import(ImportFile),
    /// Give an account an authenticator from elsewhere, which it need not confirm
    ImportAuthenticator(NewAuthenticator),
}

#[derive(Debug, Args)]
pub(crate) struct ImportFile {
    /// The file; `-` for standard input
    pub(crate) file: PathBuf,
    /// Look for faults only, and import nothing
    #[arg(long)]
    pub(crate) check: bool,
}

/// A secret is never an argument: other users of the machine could read it.
#[derive(Debug, Args)]
pub(crate) struct NewAuthenticator {
    /// The user name
    pub(crate) name: String,
    /// What its owner calls the authenticator
    #[arg(long = "name", value_name = "TEXT")]
    pub(crate) authenticator: String,
    /// Read the otpauth URI, or the Base32 secret of a TOTP, from standard input, instead of asking for it
    #[arg(long)]
    pub(crate) otpauth_uri_stdin: bool,
}

/// A password is never an argument: other users of the machine could read it.
#[derive(Debug, Clone, Copy, Args)]
#[command(group = ArgGroup::new("source"))]
pub(crate) struct PasswordSource {
    /// Read the password from standard input, instead of asking for it
    #[arg(long, group = "source")]
    pub(crate) password_stdin: bool,
    /// Make a password, and print it
    #[arg(long, group = "source")]
    pub(crate) generate_password: bool,
}

#[derive(Debug, Args)]
pub(crate) struct NewUser {
    /// The user name
    pub(crate) name: String,
    /// An administrator
    #[arg(long)]
    pub(crate) admin: bool,
    /// The e-mail address
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// The name to show
    #[arg(long, value_name = "NAME")]
    pub(crate) display_name: Option<String>,
    #[command(flatten)]
    pub(crate) password: PasswordSource,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// List the signing keys
    List,
    /// Let the next signing key take over now
    Rotate {
        /// The active key leaked: nothing that it signed is accepted any more
        #[arg(long)]
        compromised: bool,
    },
    /// Print a new master key, for a database that is still empty
    GenerateMaster,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Events {
    /// Follow the chain of the audit log, and report a gap or an altered entry
    Verify {
        /// The head that an earlier verification printed: the log must still contain it
        #[arg(long, value_name = "POSITION:LINK")]
        contains: Option<String>,
    },
    /// List the audit log, newest first
    List {
        /// How many entries
        #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
        /// Those about this account
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// Those of this kind, for example login.refused
        #[arg(long)]
        kind: Option<String>,
    },
}

/// Runs the program with these arguments, of which the first is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` are errors too, with an exit code of 0.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match commands::run(cli) {
        Ok(code) => code,
        Err(failure) => {
            output::flush();
            output::trouble(format_args!("countersign: {failure}"));
            failure.code()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_flags_are_taken_before_and_behind_a_command() {
        for line in [
            "countersign --data d --json user list",
            "countersign user list --data d --json",
        ] {
            let cli = parse(line).unwrap();
            assert_eq!(cli.global.data, Some(PathBuf::from("d")), "{line}");
            assert_eq!(cli.global.format(), Format::Json, "{line}");
        }
    }

    #[test]
    fn a_password_is_no_argument() {
        assert!(parse("countersign user add ann --password secret").is_err());
        assert!(parse("countersign user add ann --password-stdin --generate-password").is_err());
    }

    #[test]
    fn help_names_the_exit_codes() {
        let help = Cli::command().render_long_help().to_string();
        for code in ["  0 ", "  1 ", "  2 ", "  78 "] {
            assert!(help.contains(code), "{code}");
        }
    }

    #[test]
    fn an_address_without_a_port_is_a_mistake_of_usage() {
        let error = parse("countersign serve --listen 127.0.0.1").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert_eq!(parse("countersign").unwrap_err().exit_code(), 2);
    }
}
