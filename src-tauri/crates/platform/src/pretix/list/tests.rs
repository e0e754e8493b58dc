#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use serde_json::json;

use super::*;

fn event(keys: &Value) -> Event {
    serde_json::from_value(json!({
        "slug": "expo", "date_from": "2026-11-05T09:00:00+08:00", "timezone": "Asia/Shanghai",
        "valid_keys": keys,
    }))
    .unwrap()
}

fn list(rules: &Value) -> List {
    serde_json::from_value(json!({
        "id": 2, "name": "Entrance", "all_products": false, "limit_products": [1, 5],
        "subevent": null, "include_pending": true, "allow_multiple_entries": false,
        "allow_entry_after_exit": true, "addon_match": false, "rules": rules, "checkin_count": 3,
    }))
    .unwrap()
}

fn asked(kind: &str, at_the_entrance: bool) -> Asked {
    serde_json::from_value(json!({
        "id": 9, "question": {"en": "Lunch?", "zh-hans": "午餐？"}, "type": kind,
        "required": true, "items": [1], "position": 0, "ask_during_checkin": at_the_entrance,
        "options": [{"id": 4, "identifier": "Y", "answer": {"en": "yes"}, "position": 0}],
        "dependency_question": 8, "dependency_values": ["True"],
    }))
    .unwrap()
}

/// As pretix writes the key of 32 bytes 1, 2, 3 ….
fn written() -> (String, [u8; 32]) {
    let key: [u8; 32] = std::array::from_fn(|n| n as u8 + 1);
    let der = BASE64.encode(&[&ED25519[..], &key].concat());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n");
    (BASE64.encode(pem.as_bytes()), key)
}

#[test]
fn the_list_is_what_the_organiser_set_up() {
    let (text, key) = written();
    let event = event(&json!({"pretix_sig1": [text]}));
    let questions = vec![asked("B", false), asked("C", true), asked("F", true)];
    let list = checkin_list(event, list(&json!({})), questions).unwrap();
    assert_eq!((list.items, list.rules), (Some(vec![1, 5]), None));
    assert_eq!((list.include_pending, list.entry_after_exit), (true, true));
    assert_eq!((list.keys, list.time_zone.as_str()), (vec![SigningKey(key)], "Asia/Shanghai"));
    let [choice, file] = &list.questions[..] else { unreachable!() };
    assert_eq!(choice.words["zh-hans"], "午餐？");
    assert_eq!(choice.depends_on, Some((8, vec!["True".to_owned()])));
    assert!(matches!(&choice.kind, QuestionKind::Choice(choices) if choices[0].identifier == "Y"));
    assert_eq!(file.kind, QuestionKind::Person);
}

#[test]
fn rules_are_taken_over_as_they_are() {
    let rules = json!({"and": [{"<": [{"var": "entries_today"}, 3]}]});
    let list = checkin_list(event(&json!({})), list(&rules), Vec::new()).unwrap();
    assert_eq!(list.rules, Some(rules));
}

#[test]
fn a_key_that_is_none_is_named() {
    for text in ["", "AAAA", "!", &BASE64.encode(b"-----BEGIN PUBLIC KEY-----\nAAAA\n")] {
        let event = event(&json!({"pretix_sig1": [text]}));
        let error = checkin_list(event, list(&json!({})), Vec::new()).unwrap_err();
        assert!(error.to_string().contains("event.valid_keys"), "{error}");
    }
}
