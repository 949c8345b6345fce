//! Requests to real servers on this machine.

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod receiver;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tls;
