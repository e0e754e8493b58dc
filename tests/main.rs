//! Integration tests: the built program, its window, its database, its bad input.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod audit_log;
mod bundles;
mod conformance;
mod disk;
mod eval;
mod faults;
mod forgetting;
mod guidance;
mod incidents;
mod kills;
mod minimisation;
mod outbox;
mod parity;
mod platform;
mod policy;
mod pretix_server;
mod provisioning;
mod questions;
mod receipts;
mod relay;
mod retention;
mod rights;
mod scans;
mod statistics;
mod support;
mod sync;
mod tombstones;
mod traffic;
mod venue_model;
mod visits;
mod vm;
