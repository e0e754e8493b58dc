//! Looking up a badge: in the roster, and its photo at the platform, if that is still to come.

use std::sync::Arc;

use checkin::{ClosedReason, CodeProblem, Event, FaceLane, FaultCode, Lookup, VisitNonce};
use jiff::Timestamp;
use seal::BadgeCode;
use store::Store;

use crate::controller::{Controller, Input};
use crate::db::Db;
use crate::effects::failed;
use crate::registration::{News, Registration, keep_photo};
use crate::roster::{Found, Roster, RosterError};

/// A code that is looked up.
struct Sought {
    roster: Arc<Roster>,
    code: BadgeCode,
    lane_open: bool,
    now: Timestamp,
}

impl Controller {
    /// Looks up the code that was read.
    pub(crate) fn look_up(&mut self, nonce: VisitNonce) {
        self.held.badge = None;
        let (Some(code), Some(roster)) = (self.held.code.take(), self.roster.clone()) else {
            return self.answer(nonce, Event::Faulted(FaultCode::NoRoster));
        };
        let Some(db) = self.db.clone() else { return };
        let lane_open = self.lane_closed().is_none();
        let sought = Sought { roster, code, lane_open, now: self.clock.now() };
        // Handed in now, so that it stands in its place in the line of the database's work.
        let answer = db.run(move |store| (sought.look_up(store), sought));
        let (platform, inputs) = (self.telling.platform.clone(), self.inputs.clone());
        let news = self.telling.news();
        tokio::spawn(async move {
            let answers = async {
                let (found, sought) = answer.await.ok()?;
                let (found, sought) = sought.with_news(found, &db, news).await?;
                sought.with_photo(found, &db, platform.as_deref()).await
            };
            let answers = answers.await;
            let answers = match answers {
                None => vec![Input::DatabaseEnded],
                Some(Ok(found)) => vec![Input::Found(nonce, Box::new(found))],
                Some(Err(error)) => look_up_failed(nonce, &error),
            };
            for answer in answers {
                inputs.send(answer).await.ok();
            }
        });
    }
}

impl Sought {
    fn look_up(&self, store: &mut Store) -> Result<Found, RosterError> {
        self.roster.look_up(store, &self.code, self.lane_open, self.now)
    }

    /// The answer, once more after the latest changes where nobody had the code: its holder may have
    /// been registered a moment ago. None: the database's thread has ended.
    async fn with_news(
        self,
        found: Result<Found, RosterError>,
        db: &Db,
        news: Option<News>,
    ) -> Option<(Result<Found, RosterError>, Self)> {
        let news = news.filter(|_| found.as_ref().is_ok_and(is_new));
        let Some(news) = news else { return Some((found, self)) };
        if !news.wait().await {
            return Some((found, self));
        }
        let (found, sought) = db.run(move |store| (self.look_up(store), self)).await.ok()?;
        news.were_good(!found.as_ref().is_ok_and(is_new));
        Some((found, sought))
    }

    /// The answer, once more where a photo was still to come and came in time. None: the database's
    /// thread has ended.
    async fn with_photo(
        self,
        found: Result<Found, RosterError>,
        db: &Db,
        platform: Option<&Registration>,
    ) -> Option<Result<Found, RosterError>> {
        let (Ok(first), Some(platform)) = (&found, platform) else { return Some(found) };
        let wants = matches!(
            first.lookup,
            Lookup::Admissible(FaceLane::Closed(ClosedReason::Reference))
                | Lookup::Asks(FaceLane::Closed(ClosedReason::Reference))
        );
        let Some(badge) = first.badge.as_ref().filter(|_| wants) else {
            return Some(found);
        };
        let Some((position, photo)) = platform.photo_of(badge).await else { return Some(found) };
        let again = move |store: &mut Store| {
            keep_photo(store, position, &photo)?;
            self.look_up(store)
        };
        db.run(again).await.ok()
    }
}

/// A badge of which the platform has not told.
fn is_new(found: &Found) -> bool {
    matches!(
        found.lookup,
        Lookup::Refused(CodeProblem::Unknown)
            | Lookup::Admissible(FaceLane::Closed(ClosedReason::NotInRoster))
    )
}

/// What becomes of a look-up that the database could not answer.
fn look_up_failed(nonce: VisitNonce, error: &RosterError) -> Vec<Input> {
    let noted = match error {
        RosterError::Store(error) => failed("look-up", error),
        error => Input::Incident(error.to_string()),
    };
    vec![noted, Input::Visit(nonce, Event::Faulted(FaultCode::Store))]
}
