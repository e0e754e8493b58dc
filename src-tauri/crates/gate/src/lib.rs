//! The turnstile: open it, and learn that it turned.
//!
//! A gate opens only on a clear yes. Whatever goes wrong is an error, and an error leaves the
//! gate closed.

use std::time::Duration;

use thiserror::Error;

/// A turnstile. Calls block; the app makes them on a thread of their own.
pub trait Gate: Send {
    /// Opens the gate for one passage. Returns when the gate has confirmed that it is open.
    ///
    /// `passage` names the passage; opening twice for the same name opens for one person.
    fn open(&mut self, passage: [u8; 16]) -> Result<(), GateError>;

    /// Waits until the open gate has turned, for at most `patience`.
    fn turned(&mut self, patience: Duration) -> Result<Passage, GateError>;
}

/// What the gate's sensor saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// One person passed.
    Turned,
    /// Nobody passed in time; the gate is closed again.
    NotTurned,
    /// This gate has no sensor.
    Unknown,
}

/// Why a gate did not do as asked.
#[derive(Debug, Error)]
pub enum GateError {
    /// The gate did not confirm that it opened.
    #[error("the gate did not open: {0}")]
    Open(String),
    /// The gate's sensor could not be read.
    #[error("the gate's sensor could not be read: {0}")]
    Sense(String),
}

/// A gate that writes a log line in place of moving metal.
///
/// It has no sensor. For venues where a person stands at the gate, and for trying out a kiosk.
#[derive(Debug, Default)]
pub struct LoggingGate {
    opened: u64,
}

impl Gate for LoggingGate {
    fn open(&mut self, _passage: [u8; 16]) -> Result<(), GateError> {
        self.opened += 1;
        tracing::info!(count = self.opened, "gate opened");
        Ok(())
    }

    fn turned(&mut self, _patience: Duration) -> Result<Passage, GateError> {
        Ok(Passage::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logging_gate_answers_and_has_no_sensor() {
        let mut gate = LoggingGate::default();
        assert!(gate.open([1; 16]).is_ok());
        assert!(gate.open([2; 16]).is_ok());
        assert_eq!(gate.opened, 2);
        assert!(matches!(gate.turned(Duration::from_millis(1)), Ok(Passage::Unknown)));
    }
}
