//! Loading settings as the binary does: files, variables and flags in; settings or faults out.

#[cfg(test)]
mod defaults;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod logins;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod support;
