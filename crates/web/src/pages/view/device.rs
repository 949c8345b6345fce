//! The pages of the device flow (RFC 8628): the code, what is approved, and what became of it.

use serde::Serialize;

use super::{Field, Hidden, ScopeLine};
use crate::pages::{Notice, Page};

/// The code that the device shows. The form has the field `user_code`.
#[derive(Debug, Default, Serialize)]
pub struct DevicePage {
    /// The code.
    pub user_code: Field,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for DevicePage {
    const TEMPLATE: &'static str = "device.html";
}

/// What the device asks for. The form has two buttons: `decision` = `allow` or `deny`, and the hidden field `user_code`.
#[derive(Debug, Serialize)]
pub struct DeviceApprovalPage {
    /// The name of the application on the device.
    pub application: String,
    /// The code, to compare with the device (RFC 8628 section 5.4).
    pub user_code: String,
    /// Who is signed in.
    pub account: String,
    /// What it asks for.
    pub scopes: Vec<ScopeLine>,
    /// The network address that the device asked from.
    pub address: Option<String>,
    /// Further hidden fields.
    pub hidden: Vec<Hidden>,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for DeviceApprovalPage {
    const TEMPLATE: &'static str = "device_approval.html";
}

/// What became of it.
#[derive(Debug, Serialize)]
pub struct DeviceDonePage {
    /// The name of the application on the device.
    pub application: String,
    /// Whether it was allowed.
    pub is_allowed: bool,
}

impl Page for DeviceDonePage {
    const TEMPLATE: &'static str = "device_done.html";
}
