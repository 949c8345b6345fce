//! Every kind of problem there is: its code, its status, and what it says when nothing more particular is known.

use poem::http::StatusCode;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:ident $code:literal, $title:literal, $detail:literal;)*) => {
        /// A kind of problem. The codes are stable: programs branch on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(clippy::enum_variant_names, reason = "a recovery code is a code of another kind")]
        pub(crate) enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every kind.
            #[cfg(test)]
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable code.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The `type` (RFC 9457 section 3.1.1).
            pub const fn uri(self) -> &'static str {
                match self { $(Self::$name => concat!("urn:countersign:problem:", $code),)* }
            }

            /// The status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// The same words for every occurrence (RFC 9457 section 3.1.3).
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What it says when nothing more particular is known.
            pub const fn detail(self) -> &'static str {
                match self { $(Self::$name => $detail,)* }
            }
        }
    };
}

codes! {
    /// The body, a parameter or a header is not what the operation takes.
    InvalidRequest = BAD_REQUEST "invalid_request",
        "The request is not valid", "Correct what is listed under `errors` and send the request again.";
    /// A new password is not good enough.
    WeakPassword = BAD_REQUEST "weak_password",
        "The password cannot be used", "Choose another password; what is wrong with this one is listed under `errors`.";
    /// A secret key was mistyped: a checksum tells that without a look into the database.
    InvalidSecretKey = BAD_REQUEST "invalid_secret_key",
        "The secret key was mistyped", "Copy the whole secret key, from `csk_` to its end. Nothing was counted as a guess.";
    /// A recovery code was mistyped, or is none.
    InvalidRecoveryCode = BAD_REQUEST "invalid_recovery_code",
        "The recovery code was mistyped", "A recovery code is five groups of five letters and digits. Nothing was counted as a guess.";
    /// The scope does not exist, or this account may not have it.
    InvalidScope = BAD_REQUEST "invalid_scope",
        "The scope is not available", "None of the requested scopes exists for this account.";
    /// No token was sent.
    TokenRequired = UNAUTHORIZED "token_required",
        "An access token is required", "Send an access token in the header `Authorization: Bearer`. POST /v1/token gives one.";
    /// The token is not believed, for whatever reason.
    InvalidToken = UNAUTHORIZED "invalid_token",
        "The access token is not accepted", "The token is malformed, expired, revoked or used up. Get a new one.";
    /// The token proves too little, or what it proves was too long ago.
    InsufficientUserAuthentication = UNAUTHORIZED "insufficient_user_authentication",
        "A fresh proof is required", "Prove a second factor again with POST /v1/token/step-up, and come back with the new token.";
    /// The authentication session is none for this.
    InvalidAuthSession = UNAUTHORIZED "invalid_auth_session",
        "The authentication session is not accepted", "It is unknown, expired, used, or no session for an enrolment. Log in again.";
    /// The one refusal of a login.
    InvalidCredentials = UNAUTHORIZED "invalid_credentials",
        "The credentials are not accepted", "User name, password, second factor or account state is not right.";
    /// The one refusal of a refresh.
    InvalidRefreshToken = UNAUTHORIZED "invalid_refresh_token",
        "The refresh token is not accepted", "The refresh token is malformed, expired, revoked or used. Log in again.";
    /// The password is right and a second factor is missing.
    MfaRequired = FORBIDDEN "mfa_required",
        "A second factor is required", "The password is right. Send `auth_session` back together with a second factor.";
    /// Everything that the account has is proved, and it must enrol an authenticator.
    EnrolmentRequired = FORBIDDEN "enrolment_required",
        "An authenticator must be enrolled", "Enrol one below /v1/enrolment with this `auth_session`; its confirmation completes the login.";
    /// Registration is for administrators here.
    RegistrationClosed = FORBIDDEN "registration_closed",
        "Registration is closed", "Accounts are made by administrators here.";
    /// The present secret that proves a change was not accepted.
    ProofRefused = FORBIDDEN "proof_refused",
        "The proof is not accepted", "The present password, secret key or code is not right, or too many wrong ones were sent.";
    /// The token is good and not for this.
    InsufficientScope = FORBIDDEN "insufficient_scope",
        "The token's scope does not allow this", "Log in again and ask for the scope that this operation needs.";
    /// There is nothing here.
    NotFound = NOT_FOUND "not_found",
        "There is nothing here", "No resource has this address.";
    /// The address exists and does not know this method.
    MethodNotAllowed = METHOD_NOT_ALLOWED "method_not_allowed",
        "The method is not allowed here", "The header `Allow` lists the methods of this address.";
    /// The request was sent too slowly.
    RequestTimeout = REQUEST_TIMEOUT "request_timeout",
        "The request came too slowly", "The body did not arrive in time.";
    /// Another account has the user name.
    UsernameTaken = CONFLICT "username_taken",
        "The user name is taken", "Choose another user name.";
    /// Another account has the e-mail address.
    EmailTaken = CONFLICT "email_taken",
        "The e-mail address is taken", "Another account has this e-mail address.";
    /// Another client has the identity.
    ClientIdTaken = CONFLICT "client_id_taken",
        "The identity is taken", "Another client application has this identity.";
    /// The client does not authenticate with a secret.
    NoClientSecret = CONFLICT "no_client_secret",
        "There is no secret", "This client application does not authenticate with a secret that could be replaced.";
    /// It was changed since it was read.
    VersionConflict = PRECONDITION_FAILED "version_conflict",
        "It was changed meanwhile", "It is no longer of the version that was read. Read it again and decide again.";
    /// The secret key has a successor.
    SecretKeySuperseded = CONFLICT "secret_key_superseded",
        "The secret key has a successor", "This secret key was replaced before; only the newest one can be replaced.";
    /// Another authenticator of the account has the name.
    AuthenticatorNameTaken = CONFLICT "authenticator_name_taken",
        "The name is taken", "Another authenticator of this account has this name. To put a new one in its place, send `replaces`.";
    /// The account has as many authenticators as it may have.
    TooManyAuthenticators = CONFLICT "too_many_authenticators",
        "There are too many authenticators", "An account has at most ten authenticators. Remove one first.";
    /// Nothing would be left that completes a login.
    LastSecondFactor = CONFLICT "last_second_factor",
        "This is the last second factor", "Without it nothing would be left that completes a login. Enrol another authenticator first.";
    /// An administrator's own account.
    OwnAccount = CONFLICT "own_account",
        "This is your own account", "Your own second factors take a fresh proof: use the operations below /v1/me.";
    /// The account has no authenticator.
    NotEnrolled = CONFLICT "not_enrolled",
        "There is no authenticator", "Recovery codes are for accounts with an authenticator. Enrol one first.";
    /// The policy does not let such a factor complete a login.
    FactorNotAllowed = CONFLICT "factor_not_allowed",
        "This type of factor is not allowed", "The policy does not let factors of this type complete a login of this account.";
    /// Nobody could administer any more.
    LastAdmin = CONFLICT "last_admin",
        "This is the last administrator", "Make another account an active administrator first.";
    /// Verifiers may not know the next signing key yet.
    RotationTooSoon = CONFLICT "rotation_too_soon",
        "The next key is too new", "Verifiers that cache the key set may not know the next key yet. Try again at `possible_at`.";
    /// Another node rotated at the same moment.
    RotationConflict = CONFLICT "rotation_conflict",
        "The keys changed at the same moment", "Another node changed the signing keys at the same moment. Look at them and decide again.";
    /// The body is larger than the limit.
    BodyTooLarge = PAYLOAD_TOO_LARGE "body_too_large",
        "The body is too large", "The request body is larger than this service accepts.";
    /// The body is of another media type.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE "unsupported_media_type",
        "The media type is not supported", "Send the body as `Content-Type: application/json`.";
    /// Too many requests from one network.
    RateLimited = TOO_MANY_REQUESTS "rate_limited",
        "Too many requests", "Too many requests with credentials came from your network. Wait as long as `Retry-After` says.";
    /// A defect of the service.
    InternalError = INTERNAL_SERVER_ERROR "internal_error",
        "Something went wrong inside", "The service failed. The header `X-Request-Id` names this request in its log.";
    /// Too many passwords are waiting to be hashed.
    Busy = SERVICE_UNAVAILABLE "busy",
        "The service is busy", "Too many logins are waiting. Try again as `Retry-After` says.";
    /// The store, or something else that the answer needs, is away.
    Unavailable = SERVICE_UNAVAILABLE "unavailable",
        "The service is not available", "The service cannot answer this at the moment. Try again as `Retry-After` says.";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_has_a_code_of_its_own_and_a_status_of_an_error() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.status().is_client_error() || code.status().is_server_error());
            assert_eq!(code.uri(), format!("urn:countersign:problem:{}", code.name()));
            assert!(
                !code.title().ends_with('.') && code.detail().ends_with('.'),
                "{}",
                code.name()
            );
        }
    }
}
