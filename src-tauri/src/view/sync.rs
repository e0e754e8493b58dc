//! How far the roster is that the registration platform fills.

use serde::Serialize;

/// How far the roster is that the platform fills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RosterSync {
    /// Orders read so far; empty while nothing is under way.
    pub(crate) read: Option<u32>,
    /// Orders in all.
    pub(crate) of: u32,
    /// Photos that are still to come.
    pub(crate) photos_due: u32,
    /// Attendees who are left out: their code cannot be read, or another ticket has it too.
    pub(crate) left_out: u32,
}

impl From<store::Progress> for RosterSync {
    fn from(progress: store::Progress) -> Self {
        let (read, of) = progress.reading.unzip();
        Self {
            read: read.map(|read| u32::try_from(read).unwrap_or(u32::MAX)),
            of: of.map_or(0, |of| u32::try_from(of).unwrap_or(u32::MAX)),
            photos_due: progress.photos_due,
            left_out: progress.unreadable + progress.ambiguous,
        }
    }
}

/// The roster that is loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RosterLine {
    /// Its name.
    pub(crate) id: String,
    /// Its edition; none of one that the platform fills.
    pub(crate) edition: Option<u32>,
    /// How many stand in it.
    pub(crate) attendees: u32,
    /// How many of them have a photo here.
    pub(crate) photos: u32,
}

impl From<&store::RosterHead> for RosterLine {
    fn from(head: &store::RosterHead) -> Self {
        Self {
            id: head.id.clone(),
            edition: Some(head.sequence).filter(|edition| *edition > 0),
            attendees: head.attendees,
            photos: head.references,
        }
    }
}
