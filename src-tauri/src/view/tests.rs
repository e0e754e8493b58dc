//! The TypeScript of the view models.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use ts_rs::{Config, TS};

use super::*;

/// The TypeScript of every type that crosses to the screens.
fn bindings() -> String {
    let cfg = Config::new();
    let declarations = [
        Language::decl(&cfg),
        View::decl(&cfg),
        Screen::decl(&cfg),
        CodeProblem::decl(&cfg),
        Notice::decl(&cfg),
        Span::decl(&cfg),
        Transfer::decl(&cfg),
        QuestionPage::decl(&cfg),
        QuestionOption::decl(&cfg),
        AgeAnswer::decl(&cfg),
        Guardian::decl(&cfg),
        GuardianProof::decl(&cfg),
        PolicyPage::decl(&cfg),
        VersionLabel::decl(&cfg),
        Subject::decl(&cfg),
        Run::decl(&cfg),
        Change::decl(&cfg),
        InventoryPage::decl(&cfg),
        Component::decl(&cfg),
        ComponentKind::decl(&cfg),
        RightsPage::decl(&cfg),
        HeldItem::decl(&cfg),
        HeldWhat::decl(&cfg),
        RequestKind::decl(&cfg),
        FiledRequest::decl(&cfg),
        Explanation::decl(&cfg),
        RequestsDue::decl(&cfg),
        NotAccepted::decl(&cfg),
        NotAcceptedEntry::decl(&cfg),
        outbox::NotAcceptedWhy::decl(&cfg),
        KiosksDue::decl(&cfg),
        KiosksPage::decl(&cfg),
        KioskLine::decl(&cfg),
        KioskHealth::decl(&cfg),
        ConflictLine::decl(&cfg),
        RelayLink::decl(&cfg),
        Guidance::decl(&cfg),
        GateStep::decl(&cfg),
        Receipt::decl(&cfg),
        StaffReason::decl(&cfg),
        StaffDetail::decl(&cfg),
        DenialReason::decl(&cfg),
        SignInProblem::decl(&cfg),
        FaultCode::decl(&cfg),
        Trouble::decl(&cfg),
        TechnicianStatus::decl(&cfg),
        StatisticsPage::decl(&cfg),
        Visits::decl(&cfg),
        StatisticsHour::decl(&cfg),
        LaneVisits::decl(&cfg),
        OutcomeVisits::decl(&cfg),
        LaneFigures::decl(&cfg),
        Treatment::decl(&cfg),
        Link::decl(&cfg),
        PlatformPage::decl(&cfg),
        PlatformAccount::decl(&cfg),
        PlatformList::decl(&cfg),
        PlatformProblem::decl(&cfg),
        RosterLine::decl(&cfg),
        RosterSync::decl(&cfg),
        RetentionStatus::decl(&cfg),
        IncidentsPage::decl(&cfg),
        OpenIncident::decl(&cfg),
        IncidentCountdown::decl(&cfg),
        IncidentDraft::decl(&cfg),
        IncidentRule::decl(&cfg),
        UiError::decl(&cfg),
        UiErrorCode::decl(&cfg),
    ];
    let mut text = String::from(
        "// This file is generated from src-tauri/src/view.rs by `cargo xtask bindings`. \
         Do not edit it.\n",
    );
    for declaration in declarations {
        text.push_str("\nexport ");
        text.push_str(&declaration);
        text.push('\n');
    }
    text
}

#[test]
fn bindings_are_current() {
    let path = std::path::Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap())
        .join("ui/src/ipc/bindings.ts");
    if std::env::var_os("POSTERN_UPDATE_BINDINGS").is_some() {
        std::fs::write(&path, bindings()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(written == bindings(), "run `cargo xtask bindings`");
}
