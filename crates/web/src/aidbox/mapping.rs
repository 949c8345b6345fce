//! The errors of the profile, each as its problem.

use application::aidbox::ResourceError;

use crate::problem::{Code, Fault, Problem};

impl From<ResourceError> for Problem {
    fn from(error: ResourceError) -> Self {
        match error {
            ResourceError::NotFound => Self::new(Code::NotFound),
            ResourceError::Faults(faults) => {
                let faults = faults.into_iter().map(|fault| {
                    // The attribute in the words of a document, and as a place in it.
                    let detail = format!("{} {}", fault.attribute, fault.detail);
                    Fault::new(fault.pointer(), detail.trim_start())
                });
                Self::faults(Code::InvalidRequest, faults.collect())
            }
            ResourceError::UsernameTaken => Self::new(Code::UsernameTaken),
            ResourceError::EmailTaken => Self::new(Code::EmailTaken),
            ResourceError::LastAdmin => Self::new(Code::LastAdmin),
            ResourceError::OwnAccount => Self::new(Code::OwnAccount),
            ResourceError::TooManyAuthenticators => Self::new(Code::TooManyAuthenticators),
            ResourceError::Changed => Self::new(Code::VersionConflict),
            ResourceError::Busy(busy) => busy.into(),
            ResourceError::Store(error) => error.into(),
        }
    }
}
