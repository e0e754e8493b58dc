//! Time limits of the states, in milliseconds, and the settings that the visit depends on.

/// How long each state may last, and which optional ways are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Attract: then housekeeping, and Attract again.
    pub attract: u64,
    /// Identify without a usable code.
    pub identify: u64,
    /// Looking up one code.
    pub look_up: u64,
    /// Showing a code problem.
    pub problem: u64,
    /// Answering one of the organiser's questions.
    pub question: u64,
    /// Saying which side of 14 the visitor is on.
    pub age: u64,
    /// Reading the notice and choosing.
    pub consent: u64,
    /// Reading what is held, and asking for something.
    pub rights: u64,
    /// Reading the policy in full, from the last touch.
    pub reading: u64,
    /// Writing the consent and opening the camera.
    pub prepare: u64,
    /// The camera is open.
    pub capture: u64,
    /// The camera is closed and no outcome has come.
    pub decide: u64,
    /// Waiting for the worker's exit before it is killed (again).
    pub discard: u64,
    /// Writing the check-in.
    pub record: u64,
    /// Waiting for the gate's answer.
    pub gate: u64,
    /// The gate is open.
    pub pass: u64,
    /// Telling a visitor who stopped that the face data are gone.
    pub farewell: u64,
    /// A receipt is shown at the end of a visit.
    pub receipt: u64,
    /// Waiting for a member of staff.
    pub staff: u64,
    /// A member of staff is signed in, or signing in.
    pub desk: u64,
    /// Showing a denial.
    pub denied: u64,
    /// Showing a fault.
    pub fault: u64,
    /// The camera may read badge codes in Identify (off by default).
    pub codes_by_camera: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attract: 600_000,
            identify: 45_000,
            look_up: 5_000,
            problem: 20_000,
            question: 60_000,
            age: 45_000,
            consent: 90_000,
            rights: 120_000,
            reading: 90_000,
            prepare: 10_000,
            capture: 14_000,
            decide: 4_000,
            discard: 1_000,
            record: 5_000,
            gate: 5_000,
            pass: 8_000,
            farewell: 8_000,
            receipt: 20_000,
            staff: 180_000,
            desk: 90_000,
            denied: 15_000,
            fault: 20_000,
            codes_by_camera: false,
        }
    }
}
