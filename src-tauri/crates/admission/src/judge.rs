//! The judgement on one badge.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::answers::Asked;
use crate::rules::{Known, allow};
use crate::{Answers, CheckinList, OrderState, Question, Refusal, Scanned, SignedTicket, Ticket};

/// What is known of a badge when somebody stands at the entrance.
#[derive(Clone, Copy, Debug)]
pub struct Badge<'a> {
    /// What the platform says of its ticket.
    pub ticket: &'a Ticket,
    /// Blocked by the organiser.
    pub blocked: bool,
    /// Not valid before.
    pub valid_from: Option<Timestamp>,
    /// Valid up to and including this moment, as pretix counts.
    pub valid_until: Option<Timestamp>,
    /// The code no longer counts, and why.
    pub void: Option<Refusal>,
    /// When this kiosk admitted it last, if it has.
    pub entered: Option<Timestamp>,
}

/// What is to be done with a badge.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It may pass.
    Pass,
    /// The platform would refuse it, with this word.
    Refused(Refusal),
    /// This is to be asked first.
    Asks(&'a Question),
    /// A person decides.
    Person(Doubt),
}

/// Why a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// A rule of the organiser's that cannot be evaluated here.
    Rules,
    /// Not paid, at a list where somebody may admit all the same.
    Unpaid,
    /// The code is on several tickets.
    Ambiguous,
    /// A question that a person asks, or an answer that a person decides on.
    Question,
    /// A code that the organiser has signed, of a badge that the roster does not have: sold since
    /// the roster was last read.
    NotInRoster,
}

/// Judges a badge as pretix would at `now`, in the order in which it does; but of a badge that was
/// used nobody is asked anything, which pretix does before it refuses.
///
/// Cancelled and expired orders are not judged: they are gone from the roster.
pub fn judge<'a>(
    list: &'a CheckinList,
    badge: &Badge<'_>,
    answers: &Answers,
    now: Timestamp,
) -> Verdict<'a> {
    if badge.void == Some(Refusal::Ambiguous) {
        return Verdict::Person(Doubt::Ambiguous);
    }
    if let Some(refusal) = at_any_entrance(badge, now).or_else(|| of_product(list, badge.ticket)) {
        return Verdict::Refused(refusal);
    }
    let mut doubt = None;
    if badge.ticket.order == OrderState::Pending {
        if !list.include_pending {
            return Verdict::Refused(Refusal::Unpaid);
        }
        doubt = Some(Doubt::Unpaid);
    }
    let scan = last_scan(badge);
    match by_rules(list, badge.ticket, scan, now) {
        Some(true) => {}
        Some(false) => return Verdict::Refused(Refusal::Rules),
        None => doubt = doubt.or(Some(Doubt::Rules)),
    }
    let again = list.multiple_entries
        || match scan {
            None => true,
            Some(Scanned::Left(_)) => list.entry_after_exit,
            Some(Scanned::Inside(_)) => false,
        };
    if !again {
        return Verdict::Refused(Refusal::AlreadyRedeemed);
    }
    if let Some(doubt) = doubt {
        return Verdict::Person(doubt);
    }
    match answers.next(list, badge.ticket) {
        Asked::Next(question) => Verdict::Asks(question),
        Asked::Person => Verdict::Person(Doubt::Question),
        Asked::Done => Verdict::Pass,
    }
}

/// Judges a code that the roster does not have, from what is in the code itself. `void`: why the
/// code does not count, if the platform has said so.
///
/// The best that can come of it is a person: who holds the badge, and what happened to its order,
/// is not in the code.
pub fn judge_stranger(
    list: &CheckinList,
    code: &str,
    void: Option<Refusal>,
    now: Timestamp,
) -> Verdict<'static> {
    if let Some(refusal) = void.filter(|refusal| *refusal != Refusal::Ambiguous) {
        return Verdict::Refused(refusal);
    }
    let Ok(signed) = SignedTicket::verify(code, &list.keys) else {
        return Verdict::Refused(Refusal::Unknown);
    };
    let ticket = signed.ticket();
    let badge = Badge {
        ticket: &ticket,
        blocked: false,
        valid_from: signed.valid_from,
        valid_until: signed.valid_until,
        void,
        entered: None,
    };
    match judge(list, &badge, &Answers::default(), now) {
        Verdict::Refused(refusal) => Verdict::Refused(refusal),
        Verdict::Pass | Verdict::Asks(_) | Verdict::Person(_) => {
            Verdict::Person(Doubt::NotInRoster)
        }
    }
}

/// What is refused at every entrance of the event.
fn at_any_entrance(badge: &Badge<'_>, now: Timestamp) -> Option<Refusal> {
    let early = badge.valid_from.is_some_and(|from| from > now);
    let late = badge.valid_until.is_some_and(|until| until < now);
    match badge {
        Badge { void: Some(refusal), .. } => Some(*refusal),
        Badge { blocked: true, .. } => Some(Refusal::Blocked),
        badge if badge.ticket.order == OrderState::Unapproved => Some(Refusal::Unapproved),
        _ if early || late => Some(Refusal::InvalidTime),
        _ => None,
    }
}

fn of_product(list: &CheckinList, ticket: &Ticket) -> Option<Refusal> {
    let other_item = list.items.as_ref().is_some_and(|items| !items.contains(&ticket.item));
    let other_date = list.subevent.is_some() && list.subevent != ticket.subevent;
    (other_item || other_date).then_some(Refusal::Product)
}

/// What the organiser's rules say; nothing where they cannot be evaluated.
fn by_rules(
    list: &CheckinList,
    ticket: &Ticket,
    scan: Option<Scanned>,
    now: Timestamp,
) -> Option<bool> {
    let Some(rules) = &list.rules else { return Some(true) };
    let zone = TimeZone::get(&list.time_zone).ok();
    allow(rules, &Known { item: ticket.item, variation: ticket.variation, last: scan, now, zone })
}

/// The last scan of the badge that anybody told of.
fn last_scan(badge: &Badge<'_>) -> Option<Scanned> {
    let here = badge.entered.map(Scanned::Inside);
    match (here, badge.ticket.scanned) {
        (Some(here), Some(there)) if here.at() > there.at() => Some(here),
        (here, there) => there.or(here),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;
    use crate::testing::{NOW, boolean, list, ticket};
    use crate::{Answer, QuestionKind};

    const MINUTE: SignedDuration = SignedDuration::from_mins(1);

    fn badge(ticket: &Ticket) -> Badge<'_> {
        Badge {
            ticket,
            blocked: false,
            valid_from: None,
            valid_until: None,
            void: None,
            entered: None,
        }
    }

    fn verdict<'a>(list: &'a CheckinList, badge: &Badge<'_>) -> Verdict<'a> {
        judge(list, badge, &Answers::default(), NOW)
    }

    #[test]
    fn a_paid_ticket_of_an_admitted_product_passes() {
        let (list, ticket) = (list([]), ticket());
        assert_eq!(verdict(&list, &badge(&ticket)), Verdict::Pass);
        for items in [Some(vec![1]), Some(vec![5, 1])] {
            let list = CheckinList { items, ..list.clone() };
            assert_eq!(verdict(&list, &badge(&ticket)), Verdict::Pass);
        }
    }

    #[test]
    fn the_order_of_refusals_is_the_platforms() {
        // From a ticket against which everything speaks, one thing after another is taken away.
        let list = CheckinList {
            items: Some(vec![2]),
            subevent: Some(7),
            rules: Some(json!({"==": [{"var": "product"}, 3]})),
            ..list([])
        };
        let everything = Ticket {
            order: OrderState::Unapproved,
            scanned: Some(Scanned::Inside(NOW)),
            ..ticket()
        };
        let pending = Ticket { order: OrderState::Pending, ..everything.clone() };
        let right = Ticket { item: 2, ..pending.clone() };
        let today = Ticket { subevent: Some(7), ..right.clone() };
        let paid = Ticket { order: OrderState::Paid, ..today.clone() };
        let allowed = CheckinList { rules: None, ..list.clone() };
        let late = Some(NOW - MINUTE);
        let void = Some(Refusal::Revoked);
        for (list, badge, refusal) in [
            (&list, Badge { void, blocked: true, ..badge(&everything) }, Refusal::Revoked),
            (&list, Badge { blocked: true, ..badge(&everything) }, Refusal::Blocked),
            (&list, Badge { valid_until: late, ..badge(&everything) }, Refusal::Unapproved),
            (&list, Badge { valid_until: late, ..badge(&pending) }, Refusal::InvalidTime),
            (&list, badge(&pending), Refusal::Product),
            (&list, badge(&right), Refusal::Product),
            (&list, badge(&today), Refusal::Unpaid),
            (&list, badge(&paid), Refusal::Rules),
            (&allowed, badge(&paid), Refusal::AlreadyRedeemed),
        ] {
            assert_eq!(verdict(list, &badge), Verdict::Refused(refusal), "{badge:?}");
        }
    }

    #[test]
    fn both_ends_of_the_validity_belong_to_it() {
        let (list, ticket) = (list([]), ticket());
        let tick = SignedDuration::from_micros(1);
        let late = Verdict::Refused(Refusal::InvalidTime);
        for (from, until, expected) in [
            (Some(NOW), Some(NOW), Verdict::Pass),
            (Some(NOW + tick), None, Verdict::Refused(Refusal::InvalidTime)),
            (None, Some(NOW - tick), late),
            (None, None, Verdict::Pass),
        ] {
            let badge = Badge { valid_from: from, valid_until: until, ..badge(&ticket) };
            assert_eq!(verdict(&list, &badge), expected, "{badge:?}");
        }
    }

    #[test]
    fn an_unpaid_ticket_passes_where_it_is_valid_all_the_same_and_a_person_may_decide_elsewhere() {
        for (order, include_pending, expected) in [
            (OrderState::ValidPending, false, Verdict::Pass),
            (OrderState::ValidPending, true, Verdict::Pass),
            (OrderState::Pending, false, Verdict::Refused(Refusal::Unpaid)),
            (OrderState::Pending, true, Verdict::Person(Doubt::Unpaid)),
            (OrderState::Unapproved, true, Verdict::Refused(Refusal::Unapproved)),
        ] {
            let list = CheckinList { include_pending, ..list([]) };
            let ticket = Ticket { order, ..ticket() };
            assert_eq!(verdict(&list, &badge(&ticket)), expected, "{order:?} {include_pending}");
        }
    }

    #[test]
    fn a_badge_enters_again_only_where_the_list_says_so() {
        let used = Verdict::Refused(Refusal::AlreadyRedeemed);
        let (inside, left) =
            (Some(Scanned::Inside(NOW - MINUTE)), Some(Scanned::Left(NOW - MINUTE)));
        let (before, after) = (Some(NOW - MINUTE * 2), Some(NOW));
        for (scanned, entered, multiple, after_exit, passes) in [
            (None, None, false, false, true),
            (inside, None, false, true, false),
            (None, before, false, true, false),
            (inside, before, true, false, true),
            (left, before, false, false, false),
            (left, before, false, true, true),
            // Came back here after the exit of which the platform has told.
            (left, after, false, true, false),
        ] {
            let list = CheckinList {
                multiple_entries: multiple,
                entry_after_exit: after_exit,
                ..list([])
            };
            let ticket = Ticket { scanned, ..ticket() };
            let badge = Badge { entered, ..badge(&ticket) };
            let expected = if passes { &Verdict::Pass } else { &used };
            assert_eq!(&verdict(&list, &badge), expected, "{badge:?} {list:?}");
        }
    }

    #[test]
    fn questions_come_before_the_pass_and_a_person_where_they_cannot_be_asked() {
        let must = Question { required: true, ..boolean(4) };
        let list = list([must.clone()]);
        let ticket = ticket();
        assert_eq!(verdict(&list, &badge(&ticket)), Verdict::Asks(&must));
        for (yes, expected) in [(true, Verdict::Pass), (false, Verdict::Person(Doubt::Question))] {
            let mut answers = Answers::default();
            assert!(answers.give(&must, Answer::Boolean(yes)));
            assert_eq!(judge(&list, &badge(&ticket), &answers, NOW), expected);
        }
        let text = Question { kind: QuestionKind::Person, ..must };
        let list = CheckinList { questions: vec![text], ..list };
        assert_eq!(verdict(&list, &badge(&ticket)), Verdict::Person(Doubt::Question));
        let used = Badge { entered: Some(NOW), ..badge(&ticket) };
        assert_eq!(verdict(&list, &used), Verdict::Refused(Refusal::AlreadyRedeemed));
    }

    #[test]
    fn a_signed_code_that_the_roster_does_not_have_comes_to_a_person_at_best() {
        let code = crate::signed::example(b"\x10\x01");
        let late = crate::signed::example(b"\x10\x01\x30\x01");
        let list = CheckinList { keys: vec![crate::signed::example_key()], ..list([boolean(1)]) };
        let other = CheckinList { items: Some(vec![2]), ..list.clone() };
        let keyless = CheckinList { keys: Vec::new(), ..list.clone() };
        let person = Verdict::Person(Doubt::NotInRoster);
        let refused = Verdict::Refused;
        for (list, code, void, expected) in [
            (&list, &code, None, person),
            (&list, &code, Some(Refusal::Revoked), refused(Refusal::Revoked)),
            (&list, &code, Some(Refusal::Blocked), refused(Refusal::Blocked)),
            (&list, &late, None, refused(Refusal::InvalidTime)),
            (&other, &code, None, refused(Refusal::Product)),
            (&keyless, &code, None, refused(Refusal::Unknown)),
            (&list, &"nobody-has-this".to_owned(), None, refused(Refusal::Unknown)),
            // Not a signed one, but one that counted once.
            (&keyless, &code, Some(Refusal::Revoked), refused(Refusal::Revoked)),
        ] {
            assert_eq!(judge_stranger(list, code, void, NOW), expected);
        }
    }

    #[test]
    fn a_code_on_several_tickets_is_a_persons() {
        let (list, ticket) = (list([]), ticket());
        let badge = Badge { void: Some(Refusal::Ambiguous), ..badge(&ticket) };
        assert_eq!(verdict(&list, &badge), Verdict::Person(Doubt::Ambiguous));
    }

    #[test]
    fn a_rule_that_cannot_be_evaluated_is_never_a_pass() {
        let rules = Some(json!({"==": [{"var": "gate"}, 3]}));
        let list = CheckinList { rules, ..list([boolean(1)]) };
        let ticket = ticket();
        assert_eq!(verdict(&list, &badge(&ticket)), Verdict::Person(Doubt::Rules));
        let used = Badge { entered: Some(NOW), ..badge(&ticket) };
        assert_eq!(verdict(&list, &used), Verdict::Refused(Refusal::AlreadyRedeemed));
    }
}
