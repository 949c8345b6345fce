//! The errors of looking after client applications and consents.

use application::clients::{ClientError, ConsentError};

use crate::problem::{Code, Fault, Problem};

impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::NotFound => Self::new(Code::NotFound),
            ClientError::Taken => Self::new(Code::ClientIdTaken),
            ClientError::Changed => Self::new(Code::VersionConflict),
            ClientError::NoSecret => Self::new(Code::NoClientSecret),
            ClientError::Faults(faults) => {
                let faults = faults.into_iter();
                // The draft calls it as the rest of the service does; the body as RFC 7591 does.
                let pointer = |field: &str| match field {
                    "name" => String::from("/client_name"),
                    field => format!("/{field}"),
                };
                let faults = faults.map(|fault| Fault::new(pointer(&fault.field), fault.detail));
                Self::faults(Code::InvalidRequest, faults.collect())
            }
            ClientError::Busy(busy) => busy.into(),
            ClientError::Store(error) => error.into(),
        }
    }
}

impl From<ConsentError> for Problem {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::NotFound => Self::new(Code::NotFound),
            // The token was good when the call began, and is void now.
            ConsentError::AccountChanged => Self::new(Code::InvalidToken),
            ConsentError::Store(error) => error.into(),
        }
    }
}
