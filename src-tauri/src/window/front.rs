//! Which window is in front, and when another takes its place. Pure.
//!
//! A window that has shown something of a visitor's own, such as the preview, is replaced as soon
//! as a screen comes that is everybody's: the new one loads behind it, comes to the front when it
//! shows the present view, and the old one ends with its process and all that was drawn in it.

use std::time::{Duration, Instant};

/// How often a window that does not come is tried again.
const TRIES: u8 = 3;

/// What is to be done with the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Open a window of this number, not to be seen yet.
    Open(u32),
    /// Let the first be seen, and end the second with its process.
    Replace(u32, u32),
    /// End a window that nobody saw.
    Close(u32),
    /// No window comes. Better no kiosk than one that shows nothing.
    GiveUp,
}

/// How long a window may say nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Until its first answer.
    pub(super) opening: Duration,
    /// Between two answers.
    pub(super) answer: Duration,
}

/// A window.
#[derive(Debug)]
struct Pane {
    number: u32,
    /// It got a view that is a visitor's own.
    used: bool,
    /// It has answered once.
    open: bool,
    /// Its last answer, or when it was opened.
    heard: Instant,
    /// Its process has ended.
    ended: bool,
}

impl Pane {
    fn new(number: u32, used: bool, now: Instant) -> Self {
        Self { number, used, open: false, heard: now, ended: false }
    }

    fn is_lost(&self, limits: Limits, now: Instant) -> bool {
        let limit = if self.open { limits.answer } else { limits.opening };
        self.ended || now.saturating_duration_since(self.heard) > limit
    }
}

/// The window in front, and the one that is to take its place.
#[derive(Debug)]
pub(super) struct Front {
    limits: Limits,
    present: Pane,
    coming: Option<Pane>,
    /// Revision of the newest view.
    revision: u32,
    /// The newest view is a visitor's own.
    own: bool,
    next: u32,
    failures: u8,
}

impl Front {
    /// Window 0 was opened, to be seen.
    pub(super) fn new(limits: Limits, now: Instant) -> Self {
        Self {
            limits,
            present: Pane::new(0, false, now),
            coming: None,
            revision: 0,
            own: false,
            next: 1,
            failures: 0,
        }
    }

    /// True for the window that is seen.
    pub(super) fn is_present(&self, number: u32) -> bool {
        self.present.number == number
    }

    /// A view was sent to the windows. `own`: it is a visitor's or a member of staff's, not
    /// everybody's.
    pub(super) fn on_view(&mut self, revision: u32, own: bool, now: Instant) -> Vec<Act> {
        self.revision = revision;
        self.own = own;
        for pane in self.panes() {
            pane.used |= own;
        }
        self.on_time(now)
    }

    /// A window shows the view of this revision.
    pub(super) fn on_answer(&mut self, number: u32, revision: u32, now: Instant) -> Vec<Act> {
        for pane in self.panes() {
            if pane.number == number {
                pane.open = true;
                pane.heard = now;
            }
        }
        match self.coming.take_if(|pane| pane.number == number && revision >= self.revision) {
            Some(coming) if self.is_due(now) => {
                let old = std::mem::replace(&mut self.present, coming);
                self.failures = 0;
                vec![Act::Replace(number, old.number)]
            }
            waiting => {
                self.coming = waiting.or(self.coming.take());
                self.on_time(now)
            }
        }
    }

    /// The process behind a window has ended.
    pub(super) fn on_end(&mut self, number: u32, now: Instant) -> Vec<Act> {
        for pane in self.panes() {
            pane.ended |= pane.number == number;
        }
        self.on_time(now)
    }

    /// Time has passed.
    pub(super) fn on_time(&mut self, now: Instant) -> Vec<Act> {
        let mut acts = Vec::new();
        let limits = self.limits;
        if let Some(lost) = self.coming.take_if(|coming| coming.is_lost(limits, now)) {
            acts.push(Act::Close(lost.number));
            self.failures += 1;
        }
        if self.coming.is_none() && self.is_due(now) {
            if self.failures >= TRIES {
                acts.push(Act::GiveUp);
                return acts;
            }
            self.coming = Some(Pane::new(self.next, self.own, now));
            acts.push(Act::Open(self.next));
            self.next += 1;
        }
        acts
    }

    fn panes(&mut self) -> impl Iterator<Item = &mut Pane> {
        [Some(&mut self.present), self.coming.as_mut()].into_iter().flatten()
    }

    fn is_due(&self, now: Instant) -> bool {
        (self.present.used && !self.own) || self.present.is_lost(self.limits, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { opening: Duration::from_secs(30), answer: Duration::from_secs(5) };

    /// A front whose window shows the attract screen, and a clock in seconds.
    fn front() -> (Front, impl Fn(u64) -> Instant) {
        let start = Instant::now();
        let at = move |seconds| start + Duration::from_secs(seconds);
        let mut front = Front::new(LIMITS, start);
        assert_eq!(front.on_view(1, false, at(0)), []);
        assert_eq!(front.on_answer(0, 1, at(1)), []);
        (front, at)
    }

    #[test]
    fn c04_a_window_that_showed_a_visitors_own_screens_is_replaced_when_they_are_over() {
        let (mut front, at) = front();
        assert_eq!(front.on_view(2, true, at(1)), []);
        assert_eq!(front.on_answer(0, 2, at(1)), []);
        assert_eq!(front.on_view(3, false, at(2)), [Act::Open(1)]);
        assert_eq!(front.on_answer(0, 3, at(2)), [], "the old one stays until then");
        assert_eq!(front.on_answer(1, 3, at(3)), [Act::Replace(1, 0)]);
        assert!(front.is_present(1));
        assert_eq!(front.on_view(4, false, at(3)), [], "the new one has seen nothing");
    }

    #[test]
    fn the_new_window_comes_when_it_shows_the_present_view() {
        let (mut front, at) = front();
        front.on_view(2, true, at(1));
        assert_eq!(front.on_view(3, false, at(2)), [Act::Open(1)]);
        assert_eq!(front.on_view(4, false, at(2)), []);
        assert_eq!(front.on_answer(1, 3, at(3)), []);
        assert_eq!(front.on_answer(1, 4, at(3)), [Act::Replace(1, 0)]);
    }

    #[test]
    fn nobody_is_interrupted_and_what_waited_meanwhile_is_replaced_as_well() {
        let (mut front, at) = front();
        front.on_view(2, true, at(1));
        assert_eq!(front.on_view(3, false, at(2)), [Act::Open(1)]);
        assert_eq!(front.on_view(4, true, at(2)), []);
        assert_eq!(front.on_answer(1, 4, at(3)), [], "somebody types");
        front.on_answer(0, 4, at(3));
        assert_eq!(front.on_view(5, false, at(4)), []);
        assert_eq!(front.on_answer(1, 5, at(4)), [Act::Replace(1, 0)]);
        assert_eq!(front.on_time(at(4)), [Act::Open(2)], "window 1 drew the view of revision 4");
        assert_eq!(front.on_answer(2, 5, at(5)), [Act::Replace(2, 1)]);
    }

    #[test]
    fn a_window_that_says_nothing_or_has_ended_is_replaced_whatever_it_shows() {
        let (mut front, at) = front();
        front.on_view(2, true, at(1));
        assert_eq!(front.on_time(at(6)), []);
        assert_eq!(front.on_time(at(7)), [Act::Open(1)]);
        assert_eq!(front.on_answer(1, 2, at(8)), [Act::Replace(1, 0)]);
        assert_eq!(front.on_end(1, at(8)), [Act::Open(2)]);
        assert_eq!(front.on_answer(2, 2, at(9)), [Act::Replace(2, 1)]);
        assert_eq!(front.on_end(1, at(9)), [], "it is gone already");
    }

    #[test]
    fn a_window_that_does_not_come_is_tried_again_but_not_for_ever() {
        let (mut front, at) = front();
        assert_eq!(front.on_end(0, at(1)), [Act::Open(1)]);
        assert_eq!(front.on_time(at(31)), []);
        assert_eq!(front.on_time(at(32)), [Act::Close(1), Act::Open(2)]);
        assert_eq!(front.on_end(2, at(33)), [Act::Close(2), Act::Open(3)]);
        assert_eq!(front.on_end(3, at(34)), [Act::Close(3), Act::GiveUp]);
    }
}
