//! The Postern application: wires the crates together.
//!
//! One way: a screen calls a command, the command sends a request, the controller hands an
//! event to the visit (`checkin`), effects act, answers return as events, and the view model
//! of the new state goes to the screen.

mod cli;
mod clock;
mod commands;
mod config;
mod consents;
mod controller;
mod copy;
mod course;
mod db;
mod effects;
mod figures;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod heap;
mod held;
mod holding;
mod incident;
mod incident_desk;
mod inventory;
mod kiosk;
mod look_up;
mod notice;
mod platform_desk;
mod policy;
mod present;
mod preview;
mod questions;
mod receipts;
mod recording;
mod reference;
mod registration;
mod relay;
mod request;
mod retention;
mod rights;
mod roster;
mod view;
mod window;
mod words;
mod workers;

pub use cli::run;
