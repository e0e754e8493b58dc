//! Tokens that make "no admission before discard" a matter of types.
//!
//! ```text
//! Clear::never_opened ─┐
//!                      ├→ Admission → GatePass
//! DiscardToken → Clear ┘
//! ```

use std::process::ExitStatus;

use crate::visit::VisitNonce;

/// Proof that the biometrics process of one visit has ended.
///
/// All biometric data of a visit live in one process. When the operating system reports the
/// exit of that process, its memory is gone. The only way to make a token is to hand in that
/// report.
#[derive(Debug)]
pub struct DiscardToken {
    visit: VisitNonce,
    orderly: bool,
}

impl DiscardToken {
    /// Takes the exit that the operating system reported for the worker of `visit`.
    pub fn from_exit(visit: VisitNonce, status: ExitStatus) -> Self {
        Self { visit, orderly: status.success() }
    }

    /// The visit whose worker ended.
    pub fn visit(&self) -> VisitNonce {
        self.visit
    }

    /// True when the worker ended by itself without an error. A crash discards the data as
    /// well, but its outcome is not trusted.
    pub fn orderly(&self) -> bool {
        self.orderly
    }
}

/// Evidence that no biometric data of the visit exists.
///
/// A visit starts with it, gives it up when the camera is to be opened, and gets it back only
/// for a [`DiscardToken`].
#[derive(Debug)]
pub struct Clear(());

impl Clear {
    /// The visit has not opened the camera.
    pub(crate) fn never_opened() -> Self {
        Self(())
    }

    /// The worker has ended.
    pub(crate) fn discarded(_: DiscardToken) -> Self {
        Self(())
    }
}

/// The right to admit one visitor. Made only from [`Clear`].
#[derive(Debug)]
pub struct Admission {
    visit: VisitNonce,
    clear: Clear,
}

impl Admission {
    pub(crate) fn new(visit: VisitNonce, clear: Clear) -> Self {
        Self { visit, clear }
    }

    /// The pass to hand to the gate.
    pub(crate) fn pass(&self) -> GatePass {
        GatePass { visit: self.visit }
    }

    /// Takes the admission back, for example when the gate did not answer.
    pub(crate) fn withdraw(self) -> Clear {
        self.clear
    }
}

/// What the gate asks for. Only an [`Admission`] makes one.
#[derive(Debug, PartialEq, Eq)]
pub struct GatePass {
    visit: VisitNonce,
}

impl GatePass {
    /// The visit that passes.
    pub fn visit(&self) -> VisitNonce {
        self.visit
    }
}
