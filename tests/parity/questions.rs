//! Questions that are asked at the kiosk, and the answers that the server keeps.

use super::*;

#[tokio::test]
async fn the_kiosk_asks_what_pretix_asks_and_takes_the_same_answers() {
    let server = &Server::fresh().await;
    let pretix = &*server.pretix;
    let event = &pretix.world().random;
    let at = Timestamp::now() + SignedDuration::from_hours(1);
    let ask = async |kind: &str, required: bool, options: Value| {
        let question = json!({
            "question": {"en": kind}, "type": kind, "required": required, "identifier": kind,
            "items": [event.visitor], "ask_during_checkin": true, "hidden": false,
            "options": options, "dependency_question": null, "dependency_values": [],
        });
        server.post(&format!("{}questions/", event.path()), &question).await
    };
    let option = |id: &str| json!({"answer": {"en": id}, "identifier": id, "position": 0});
    let meals = ask("C", true, json!([option("MEAT"), option("NONE")])).await;
    let halls = ask("M", false, json!([option("H1"), option("H2")])).await;
    let nuts = ask("B", false, json!([])).await;
    let number = |question: &Value| question["id"].as_i64().unwrap();
    let chosen = |question: &Value, n: usize| question["options"][n]["id"].as_i64().unwrap();

    let open = server.add(event, named("Open")).await;
    let other_open = server.add(event, named("Open too")).await;
    let answered = server.add(event, named("Answered")).await;
    let path = format!("/organizers/expo/events/random/orderpositions/{}/", answered.position);
    let answers = json!({"answers": [
        {"question": number(&meals), "answer": "NONE", "options": [chosen(&meals, 1)]},
        {"question": number(&halls), "answer": "H1", "options": [chosen(&halls, 0)]},
        {"question": number(&nuts), "answer": "False", "options": []},
    ]});
    pretix.call(Method::PATCH, &path, Some(&answers)).await.unwrap();
    let catering = Some(event.catering);
    let other = server.add(event, Attendee { product: catering, ..named("Not asked") }).await;
    let mut gate = Gate::at(pretix, event, event.hall).await;
    gate.read().await;
    let cases = [
        case("not answered", &open, at, Asked),
        case("answered before", &answered, at, Passes),
        case("a product without questions", &other, at, Passes),
    ];
    compare(server, &gate, event.hall, &cases).await;

    // Answered at the kiosk, in the order in which it asks.
    let list = gate.store.checkin_list().unwrap().unwrap();
    let ticket = gate.badge(&open).unwrap().ticket.unwrap();
    let question = |of: &Value| list.questions.iter().find(|q| q.id == number(of)).unwrap();
    let meal = |n: usize| (&meals, Answer::Chosen(vec![chosen(&meals, n)]));
    let no_hall = (&halls, Answer::Chosen(Vec::new()));
    let both = (&halls, Answer::Chosen(vec![chosen(&halls, 0), chosen(&halls, 1)]));
    let nut = |yes| (&nuts, Answer::Boolean(yes));
    let kept = |answers: &[(&str, &str)]| {
        let owned = answers.iter().map(|(id, word)| ((*id).to_owned(), (*word).to_owned()));
        owned.collect::<BTreeMap<_, _>>()
    };
    // The server keeps no answer that is a no.
    for (open, given, expected) in [
        (&open, [meal(1), both, nut(false)], kept(&[("C", "NONE"), ("M", "H1 H2")])),
        (&other_open, [meal(0), no_hall, nut(true)], kept(&[("C", "MEAT"), ("B", "True")])),
    ] {
        let mut answers = Answers::default();
        for (of, answer) in given {
            assert_eq!(kiosk(&gate, &open.secret, &answers, at), Asked);
            assert!(answers.give(question(of), answer));
        }
        assert_eq!(kiosk(&gate, &open.secret, &answers, at), Passes);
        let told = json!({"answers": answers.told(&list, &ticket)});
        assert_eq!(server.says(event.hall, &open.secret, &told, at).await, Passes, "{told}");
        let told = Some(told["answers"].to_string());
        assert_eq!(tell(&gate, open.position, at, told).await, Heard::Accepted);
        let path = format!("/organizers/expo/events/random/orderpositions/{}/", open.position);
        let there = pretix.call(Method::GET, &path, None).await.unwrap();
        let kept = there["answers"].as_array().unwrap().iter().map(|answer| {
            let options: Vec<_> =
                answer["option_identifiers"].as_array().unwrap().iter().map(word).collect();
            let given =
                if options.is_empty() { word(&answer["answer"]) } else { options.join(" ") };
            (word(&answer["question_identifier"]), given)
        });
        assert_eq!(kept.collect::<BTreeMap<_, _>>(), expected);
    }
}
