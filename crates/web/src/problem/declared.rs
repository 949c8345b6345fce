//! Which problems each operation can answer with: one type per family of operations, from which the API document takes its
//! statuses. A problem that its family does not declare is a defect, and stops a debug build.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use poem_openapi::ApiResponse;
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;

use super::{Code, Document, Problem, ProblemJson};

/// What reading a body can end in.
const BODY: &[Code] = &[
    Code::InvalidRequest,
    Code::RequestTimeout,
    Code::BodyTooLarge,
    Code::UnsupportedMediaType,
];
/// What asking for a token can end in. A repeated header is a bad request.
const BEARER: &[Code] = &[Code::InvalidRequest, Code::TokenRequired, Code::InvalidToken];
/// What asking for a token of some scope can end in.
const SCOPED: &[Code] = &[
    Code::InvalidRequest,
    Code::TokenRequired,
    Code::InvalidToken,
    Code::InsufficientScope,
];
/// What any use case can end in.
const WORK: &[Code] = &[Code::InternalError, Code::Unavailable];

macro_rules! families {
    ($($(#[$doc:meta])* $name:ident = [$($set:expr),+ $(,)?];)+) => {$(
        $(#[$doc])*
        pub(crate) struct $name(Problem);

        impl $name {
            const SETS: &'static [&'static [Code]] = &[$($set),+];
        }

        impl<T: Into<Problem>> From<T> for $name {
            fn from(cause: T) -> Self {
                let problem = cause.into();
                debug_assert!(
                    Self::SETS.iter().any(|set| set.contains(&problem.code())),
                    "{} is not declared by {}", problem.code().name(), stringify!($name),
                );
                Self(problem)
            }
        }

        impl From<$name> for poem::Error {
            fn from(family: $name) -> Self {
                family.0.into()
            }
        }

        impl ApiResponse for $name {
            fn meta() -> MetaResponses {
                static DECLARED: OnceLock<Vec<(u16, String)>> = OnceLock::new();
                declare(DECLARED.get_or_init(|| describe(Self::SETS)))
            }

            fn register(registry: &mut Registry) {
                Document::register(registry);
            }
        }
    )+};
}

families! {
    /// Registering.
    RegisterProblem = [BODY, WORK, &[
        Code::WeakPassword, Code::InvalidToken, Code::RegistrationClosed, Code::UsernameTaken, Code::EmailTaken,
        Code::RateLimited, Code::Busy,
    ]];
    /// Logging in.
    TokenProblem = [BODY, WORK, &[
        Code::InvalidSecretKey, Code::InvalidRecoveryCode, Code::InvalidScope, Code::InvalidCredentials,
        Code::MfaRequired, Code::EnrolmentRequired, Code::RateLimited, Code::Busy,
    ]];
    /// Refreshing.
    RefreshProblem = [BODY, WORK, &[Code::InvalidRefreshToken, Code::RateLimited]];
    /// Revoking.
    RevokeProblem = [BODY, WORK, &[Code::RateLimited]];
    /// Calling the resource.
    ResourceProblem = [BEARER, WORK];
    /// Reading one's own account.
    OwnProblem = [SCOPED, WORK];
    /// Ending one of one's own sessions.
    OwnSessionProblem = [SCOPED, WORK, &[Code::NotFound]];
    /// Changing one's password.
    PasswordProblem = [SCOPED, BODY, WORK, &[Code::WeakPassword, Code::ProofRefused, Code::RateLimited, Code::Busy]];
    /// Replacing one's secret key.
    RotateKeyProblem = [SCOPED, BODY, WORK, &[
        Code::InvalidSecretKey, Code::ProofRefused, Code::SecretKeySuperseded, Code::RateLimited,
    ]];
    /// Proving a second factor again.
    StepUpProblem = [BEARER, BODY, WORK, &[
        Code::InvalidSecretKey, Code::InvalidRecoveryCode, Code::ProofRefused, Code::RateLimited,
    ]];
    /// Beginning an authenticator.
    BeginAuthenticatorProblem = [SCOPED, BODY, WORK, &[
        Code::InsufficientUserAuthentication, Code::AuthenticatorNameTaken, Code::TooManyAuthenticators,
        Code::FactorNotAllowed,
    ]];
    /// Seeing the key URI of a pending authenticator.
    ShowAuthenticatorProblem = [SCOPED, WORK, &[Code::InsufficientUserAuthentication, Code::NotFound]];
    /// Confirming an authenticator.
    ConfirmAuthenticatorProblem = [SCOPED, BODY, WORK, &[Code::ProofRefused, Code::NotFound, Code::RateLimited]];
    /// Renaming an authenticator.
    RenameAuthenticatorProblem = [SCOPED, BODY, WORK, &[Code::NotFound, Code::AuthenticatorNameTaken]];
    /// Removing an authenticator.
    RemoveAuthenticatorProblem = [SCOPED, WORK, &[
        Code::InsufficientUserAuthentication, Code::NotFound, Code::LastSecondFactor,
    ]];
    /// Making recovery codes.
    RecoveryCodesProblem = [SCOPED, WORK, &[Code::InsufficientUserAuthentication, Code::NotEnrolled]];
    /// Beginning an authenticator within a login.
    EnrolmentProblem = [BODY, WORK, &[
        Code::InvalidAuthSession, Code::AuthenticatorNameTaken, Code::TooManyAuthenticators, Code::FactorNotAllowed,
        Code::RateLimited,
    ]];
    /// Seeing the key URI of an authenticator that was begun within a login.
    EnrolmentShowProblem = [BODY, WORK, &[Code::InvalidAuthSession, Code::RateLimited]];
    /// Confirming an authenticator within a login.
    EnrolmentConfirmProblem = [BODY, WORK, &[
        Code::InvalidAuthSession, Code::InvalidCredentials, Code::InvalidScope, Code::RateLimited, Code::Busy,
    ]];
    /// Reading as an administrator.
    AdminProblem = [SCOPED, WORK];
    /// Acting on one account as an administrator.
    AdminUserProblem = [SCOPED, WORK, &[Code::NotFound]];
    /// Acting on the second factors of another account.
    AdminFactorProblem = [SCOPED, WORK, &[Code::NotFound, Code::OwnAccount]];
    /// Acting on one account in a way that the last administrator is safe from.
    AdminLossProblem = [SCOPED, WORK, &[Code::NotFound, Code::LastAdmin]];
    /// Making an account as an administrator.
    AdminCreateProblem = [SCOPED, BODY, WORK, &[
        Code::WeakPassword, Code::UsernameTaken, Code::EmailTaken, Code::Busy,
    ]];
    /// Bringing an authenticator to an account as an administrator.
    AdminImportProblem = [SCOPED, BODY, WORK, &[
        Code::NotFound, Code::AuthenticatorNameTaken, Code::TooManyAuthenticators, Code::OwnAccount,
    ]];
    /// Changing an account as an administrator.
    AdminChangeProblem = [SCOPED, BODY, WORK, &[Code::NotFound, Code::LastAdmin, Code::EmailTaken]];
    /// Registering a client application.
    AdminClientCreateProblem = [SCOPED, BODY, WORK, &[Code::ClientIdTaken, Code::Busy]];
    /// Changing a client application.
    AdminClientChangeProblem = [SCOPED, BODY, WORK, &[Code::NotFound, Code::VersionConflict, Code::Busy]];
    /// Giving a client application a new secret.
    AdminClientSecretProblem = [SCOPED, WORK, &[
        Code::NotFound, Code::NoClientSecret, Code::VersionConflict, Code::Busy,
    ]];
    /// Rotating the signing keys.
    RotateProblem = [SCOPED, BODY, WORK, &[Code::RotationTooSoon, Code::RotationConflict]];
    /// Writing a resource of the Aidbox profile.
    AidboxWriteProblem = [SCOPED, BODY, WORK, &[
        Code::NotFound, Code::UsernameTaken, Code::EmailTaken, Code::LastAdmin, Code::OwnAccount,
        Code::TooManyAuthenticators, Code::VersionConflict, Code::Busy,
    ]];
    /// Deleting one.
    AidboxDeleteProblem = [SCOPED, WORK, &[Code::NotFound, Code::LastAdmin, Code::VersionConflict]];
    /// Ending the session of a token.
    AidboxSessionProblem = [BEARER, WORK];
    /// Enrolling an authenticator through the Aidbox profile.
    AidboxTwoFactorProblem = [SCOPED, BODY, WORK, &[
        Code::InsufficientUserAuthentication, Code::AuthenticatorNameTaken, Code::TooManyAuthenticators,
        Code::FactorNotAllowed, Code::RateLimited,
    ]];
    /// Asking the service about itself.
    ServiceProblem = [WORK];
}

/// The statuses with their codes, for people who read the document.
fn describe(sets: &[&[Code]]) -> Vec<(u16, String)> {
    let mut codes: Vec<Code> = sets.iter().copied().flatten().copied().collect();
    codes.sort_unstable();
    codes.dedup();
    let mut statuses: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for code in codes {
        let line = format!("`{}`: {}.", code.name(), code.title());
        statuses.entry(code.status().as_u16()).or_default().push(line);
    }
    statuses
        .into_iter()
        .map(|(status, lines)| (status, lines.join(" ")))
        .collect()
}

fn declare(declared: &'static [(u16, String)]) -> MetaResponses {
    let responses = declared
        .iter()
        .map(|(status, description)| MetaResponse {
            description,
            status: Some(*status),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: ProblemJson::CONTENT_TYPE,
                schema: ProblemJson::schema_ref(),
            }],
            headers: Vec::new(),
        })
        .collect();
    MetaResponses { responses }
}
