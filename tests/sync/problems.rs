//! What speaks against a ticket, as its holder reads it, in an upright window.

use walkthrough::pretix::{self, Attendee};
use walkthrough::{Session, SessionSpec};

use super::{Gate, account_of, without_roster};
use crate::support::POSTERN;
use crate::visits::{SOON, picture, sign_in, wait_text};

#[tokio::test]
async fn who_may_not_pass_reads_why_and_where_to_go() {
    let server = pretix::fresh().await.unwrap();
    let event = &server.world().signed;
    let named = |name| Attendee { name, ..Attendee::default() };
    let unpaid = server.add(event, &Attendee { unpaid: true, ..named("A") }).await.unwrap();
    let unapproved = server.add(event, &Attendee { unapproved: true, ..named("B") }).await.unwrap();
    let other = Attendee { product: Some(event.catering), ..named("C") };
    let other = server.add(event, &other).await.unwrap();
    let old = server.add(event, &named("D")).await.unwrap();
    server.regenerate(&old).await.unwrap();
    let blocked = server.add(event, &named("E")).await.unwrap();
    server.block(&blocked).await.unwrap();

    let config = format!("[platform]\nevery = 3\n[network]\nallow = ['{}']\n", server.base());
    let kiosk = without_roster(&config);
    // Connected as another kiosk was, with its account.
    let mut gate = Gate::at(&server, event, event.entrance).await;
    gate.pretix.account.place = Some(gate.pretix.place.clone());
    kiosk.store().connect(&account_of(&gate), jiff::Timestamp::now()).unwrap();

    let size = (800, 1280);
    let spec = SessionSpec { binary: POSTERN.into(), config: kiosk.config(), size };
    let session = Session::start(&spec).await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    for (ticket, problem) in [
        (&unpaid, "unpaid"),
        (&unapproved, "unapproved"),
        (&other, "wrong_product"),
        (&old, "revoked"),
        (&blocked, "blocked"),
    ] {
        let begun = std::time::Instant::now();
        loop {
            session.scan(&ticket.secret, &["code_problem"], SOON).await.unwrap();
            if session.problem().as_deref() == Some(problem) {
                break;
            }
            // The roster is still to come.
            assert!(begun.elapsed() < SOON, "{problem}: {:?}", session.problem());
            session.click("stop").await.unwrap();
            session.wait_screen("attract", SOON).await.unwrap();
        }
        picture(&session, "problems", problem).await;
        session.click("language").await.unwrap();
        picture(&session, "problems", &format!("{problem}-english")).await;
        session.click("language").await.unwrap();
        if problem != "blocked" {
            session.click("stop").await.unwrap();
            session.wait_screen("attract", SOON).await.unwrap();
        }
    }
    // What a member of staff sees of the last, and a technician of the roster.
    session.click("call-staff").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    sign_in(&session).await;
    picture(&session, "problems", "staff").await;
    session.click("technician").await.unwrap();
    for words in ["来自平台的名单", "参会者", "照片"] {
        wait_text(&session, words).await;
    }
    picture(&session, "problems", "technician").await;
    session.click("platform").await.unwrap();
    wait_text(&session, "Entrance").await;
    picture(&session, "problems", "platform").await;
    session.close().await.unwrap();
}
