//! Drives the real window through `WebDriver`: the demonstration, the tests and the bench.
//!
//! A [`Session`] is one kiosk in a display of its own: Xvfb, `WebKitWebDriver` and the kiosk,
//! which the driver starts. It knows the window only by the attributes that the screens carry
//! for this purpose (`data-screen`, `data-action`, `data-key`, `data-field`, `data-frames`) and
//! uses no other crate of the project: what it proves, it proves from outside.
//!
//! Linux only: on other systems the crate is empty.
#![cfg(target_os = "linux")]

pub mod bench;
pub mod config;
pub mod demo;
mod display;
mod driver;
pub mod faults;
mod memory;
pub use memory::Memory;
pub mod mosquitto;
mod patience;
pub mod pretix;
pub mod processes;
pub mod replay;
pub mod roster;
mod session;
pub mod timeline;
pub mod traces;

pub use session::{Session, SessionSpec};
