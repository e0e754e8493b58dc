//! An event of several dates.

use super::*;

#[tokio::test]
async fn the_kiosk_says_of_a_series_of_dates_what_pretix_says() {
    let server = &Server::fresh().await;
    let pretix = &*server.pretix;
    let (now, hour) = (Timestamp::now(), SignedDuration::from_hours(1));
    let series = json!({
        "name": {"en": "Series"}, "slug": "series", "live": false, "testmode": false,
        "currency": "CNY", "date_from": (now - hour).to_string(), "is_public": false,
        "has_subevents": true, "timezone": "Asia/Shanghai", "plugins": [],
    });
    server.post("/organizers/expo/events/", &series).await;
    let path = "/organizers/expo/events/series/";
    let product = json!({
        "name": {"en": "Visitor"}, "default_price": "0.00", "admission": true,
        "personalized": true, "category": null, "tax_rule": null, "active": true,
    });
    let number = |of: &Value| of["id"].as_u64().unwrap();
    let visitor = number(&server.post(&format!("{path}items/"), &product).await);
    let mut days = Vec::new();
    for day in 0..2 {
        let date = now + 24 * day * hour;
        let subevent = json!({
            "name": {"en": "Day"}, "active": true, "date_from": date.to_string(),
            "date_to": null, "location": null, "seating_plan": null, "meta_data": {},
            "item_price_overrides": [], "variation_price_overrides": [],
        });
        let day = number(&server.post(&format!("{path}subevents/"), &subevent).await);
        let quota = json!({"name": "all", "size": null, "items": [visitor], "variations": [],
                           "subevent": day});
        server.post(&format!("{path}quotas/"), &quota).await;
        days.push(day);
    }
    pretix.call(Method::PATCH, path, Some(&json!({"live": true}))).await.unwrap();
    let list = async |of: Option<u64>| {
        let list = json!({"name": "Day", "all_products": true, "limit_products": [],
                          "subevent": of, "include_pending": false});
        number(&server.post(&format!("{path}checkinlists/"), &list).await)
    };
    let (first, both) = (list(Some(days[0])).await, list(None).await);
    let ticket = async |day: u64| {
        let order = json!({
            "email": "a@example.org", "locale": "en", "sales_channel": "web", "status": "p",
            "fees": [], "send_email": false, "force": true,
            "positions": [{
                "item": visitor, "price": "0.00", "answers": [], "subevent": day,
                "attendee_name_parts": {"_scheme": "full", "full_name": "A"},
            }],
        });
        let order = server.post(&format!("{path}orders/"), &order).await;
        let position = &order["positions"][0];
        Ticket {
            event: "series".to_owned(),
            order: order["code"].as_str().unwrap().to_owned(),
            position: number(position),
            secret: position["secret"].as_str().unwrap().to_owned(),
        }
    };
    let (today, tomorrow) = (ticket(days[0]).await, ticket(days[1]).await);
    let event = Event { slug: "series".to_owned(), ..pretix.world().random.clone() };
    let at = now + hour;
    // The server does not look among the tickets of other dates. The kiosk knows the badge, and its
    // holder is better served by hearing that it is for another entrance.
    let other = (Refused(Refusal::Unknown), Some(Refused(Refusal::Product)));
    for (list, other_day) in [(first, other), (both, (Passes, None))] {
        let mut gate = Gate::at(pretix, &event, list).await;
        gate.read().await;
        let cases = [
            case("its day", &today, at, Passes),
            Case { expected: other_day, ..case("another day", &tomorrow, at, Passes) },
        ];
        compare(server, &gate, list, &cases).await;
    }
}
