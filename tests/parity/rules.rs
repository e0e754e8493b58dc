//! An organiser's rules, and who comes again.

use super::*;

#[tokio::test]
async fn the_kiosk_evaluates_an_organisers_rules_as_pretix_does_or_fetches_a_person() {
    let server = &Server::fresh().await;
    let pretix = &*server.pretix;
    let event = &pretix.world().random;
    let fresh = server.add(event, named("Fresh")).await;
    let catering = Some(event.catering);
    let other = server.add(event, Attendee { product: catering, ..named("Other") }).await;
    let inside = server.add(event, named("Inside")).await;
    let left = server.add(event, named("Left")).await;
    // Later than all that is done here.
    let at = Timestamp::now() + SignedDuration::from_mins(3);
    let in_zone = |minutes: i64| {
        let then = (at + SignedDuration::from_mins(minutes)).to_zoned(zone());
        // Not over midnight, where the time of day begins anew.
        then.strftime("%H:%M:%S").to_string()
    };
    let quiet = at.to_zoned(zone()).hour() > 0 && at.to_zoned(zone()).hour() < 23;
    let weekday = at.to_zoned(zone()).weekday().to_monday_one_offset();
    let now = json!({"var": "now"});
    let time = |minutes| json!({"buildTime": ["customtime", in_zone(minutes)]});
    let product = |item: u64| {
        let lookup = json!({"lookup": ["product", item.to_string(), "Name"]});
        json!({"inList": [{"var": "product"}, {"objectList": [lookup]}]})
    };
    let entries = |operator: &str, name: &str, n: u32| json!({operator: [{"var": name}, n]});
    // Whether the kiosk can tell of who was never here, who is inside, and who has left.
    let (always, never) = ([true; 3], [false; 3]);
    let mut rules = vec![
        (product(event.visitor), always),
        (product(event.catering), always),
        (json!({"and": [product(event.visitor), entries("<", "entries_number", 1)]}), always),
        (
            json!({"or": [product(event.catering), entries("==", "now_isoweekday", weekday as u32)]}),
            always,
        ),
        (entries("!=", "now_isoweekday", weekday as u32), always),
        // Of the scans of a badge the kiosk knows the last.
        (entries("<", "entries_today", 1), [true, true, false]),
        (entries(">", "entries_days", 0), always),
        (json!({"==": [{"var": "entry_status"}, "absent"]}), always),
        (json!({"isAfter": [now, {"buildTime": ["custom", "2020-01-01T00:00:00Z"]}]}), always),
        (entries("<", "minutes_since_last_entry", 5), [true, true, false]),
        (entries("<", "entries_number", 2), [true, false, false]),
        // What the kiosk does not know.
        (json!({"isAfter": [now, {"buildTime": ["date_from"]}]}), never),
        (json!({"==": [{"var": "gate"}, 1]}), never),
    ];
    if quiet {
        rules.push((json!({"isBefore": [now, time(30)]}), always));
        rules.push((json!({"isAfter": [now, time(5), 10]}), always));
        rules.push((json!({"isAfter": [now, time(5)]}), always));
    }
    let mut wrong = Vec::new();
    for (rules, [fresh_is, inside_is, left_is]) in rules {
        let more = json!({"rules": rules, "allow_multiple_entries": true});
        let list = server.list(event, &more).await;
        // Whatever the rules say of it.
        for (ticket, kind) in [(&inside, "entry"), (&left, "entry"), (&left, "exit")] {
            server.scans_by(list, ticket, kind, true).await;
        }
        let mut gate = Gate::at(pretix, event, list).await;
        gate.read().await;
        let tickets =
            [(&fresh, fresh_is), (&other, fresh_is), (&inside, inside_is), (&left, left_is)];
        for (ticket, certain) in tickets {
            let there = server.says(list, &ticket.secret, &json!({}), at).await;
            let here = kiosk(&gate, &ticket.secret, &Answers::default(), at);
            let expected = if certain { there.clone() } else { Person(Doubt::Rules) };
            if here != expected {
                wrong.push(format!("{rules}, {ticket:?}: pretix {there:?}, kiosk {here:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn who_comes_again_is_judged_as_the_list_says() {
    let server = &Server::fresh().await;
    let pretix = &*server.pretix;
    let event = &pretix.world().random;
    let [inside, left, fresh] = ["Inside", "Left", "Fresh"].map(named);
    let inside = server.add(event, inside).await;
    let left = server.add(event, left).await;
    let fresh = server.add(event, fresh).await;
    let used = || Refused(Refusal::AlreadyRedeemed);
    for (multiple, after_exit, expected) in [
        (false, false, [used(), used()]),
        (false, true, [used(), Passes]),
        (true, false, [Passes, Passes]),
        (true, true, [Passes, Passes]),
    ] {
        let more =
            json!({"allow_multiple_entries": multiple, "allow_entry_after_exit": after_exit});
        let list = server.list(event, &more).await;
        for (ticket, kind) in [(&inside, "entry"), (&left, "entry"), (&left, "exit")] {
            server.scans(list, ticket, kind).await;
        }
        let mut gate = Gate::at(pretix, event, list).await;
        gate.read().await;
        let at = Timestamp::now() + SignedDuration::from_mins(1);
        let [of_inside, of_left] = expected;
        let cases = [
            case("inside", &inside, at, of_inside),
            case("left", &left, at, of_left),
            case("never here", &fresh, at, Passes),
        ];
        compare(server, &gate, list, &cases).await;
        tell_all(&gate, &cases).await;
    }
}
