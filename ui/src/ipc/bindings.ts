// This file is generated from src-tauri/src/view.rs by `cargo xtask bindings`. Do not edit it.

export type Language = "zh" | "en";

export type View = { 
/**
 * Grows with every change; a screen ignores an older view.
 */
revision: number, 
/**
 * The language of the screen.
 */
language: Language, 
/**
 * Seconds until the present step ends by itself, where the visitor should know.
 */
seconds_left: number | null, 
/**
 * True for a demonstration with recorded frames: the screens say so.
 */
demonstration: boolean, 
/**
 * What is drawn.
 */
screen: Screen, };

export type Screen = { "name": "attract", 
/**
 * Operator's name, from the policy pack.
 */
operator: string, 
/**
 * Text of the sign on facial recognition (L1), from the policy pack.
 */
sign: string, 
/**
 * Why the face lane is closed, if it is; the visitor is then served by staff.
 */
face_lane_open: boolean, 
/**
 * True when the camera may read badge codes (a setting, off by default).
 */
codes_by_camera: boolean, } | { "name": "policy", 
/**
 * The page.
 */
page: PolicyPage, } | { "name": "inventory", 
/**
 * The page.
 */
page: InventoryPage, } | { "name": "question", 
/**
 * The question.
 */
page: QuestionPage, } | { "name": "age" } | { "name": "identify", 
/**
 * A code was given and is being looked up.
 */
looking_up: boolean, 
/**
 * The camera is open and reads codes only: the screen says so.
 */
codes_by_camera: boolean, 
/**
 * The codes of this roster can be typed on the screen's pad.
 */
pad: boolean, } | { "name": "code_problem", 
/**
 * The reason.
 */
problem: CodeProblem, 
/**
 * When the badge was used, local time `HH:MM`; only for `already_used`.
 */
used_at: string | null, 
/**
 * The badge is known: its holder may see what is held, and ask for something.
 */
rights: boolean, } | { "name": "consent", 
/**
 * The notice in the language of the screen.
 */
notice: Notice, 
/**
 * The text changed while the visitor was reading: it is asked again (C43).
 */
changed: boolean, 
/**
 * The switch for a transfer abroad, where the policy pack has terms for one (C41).
 */
transfer: Transfer | null, } | { "name": "prepare" } | { "name": "capture", 
/**
 * What the visitor may do to help.
 */
guidance: Guidance, } | { "name": "decide" } | { "name": "discard" } | { "name": "admit", 
/**
 * How far the gate is.
 */
gate: GateStep, 
/**
 * The receipt, where one is to be had.
 */
receipt: Receipt | null, } | { "name": "staff", 
/**
 * What the visitor is told; never more than they need.
 */
reason: StaffReason, 
/**
 * How the check went, in words (C38).
 */
explanation: Explanation, 
/**
 * How to reach the operator (C38, C46).
 */
contact: string, 
/**
 * The badge is known: its holder may see what is held, and ask for something.
 */
rights: boolean, 
/**
 * The receipt, where one is to be had.
 */
receipt: Receipt | null, } | { "name": "staff_sign_in", 
/**
 * Why the last attempt failed.
 */
problem: SignInProblem | null, } | { "name": "staff_review", 
/**
 * Number of the member of staff.
 */
staff: number, 
/**
 * True when this member of staff may see the technician's panel.
 */
technician: boolean, 
/**
 * True when this member of staff may see the statistics.
 */
statistics: boolean, 
/**
 * True when this member of staff may see the visitor and decide.
 */
serves: boolean, 
/**
 * Registered name, from the badge; absent when no badge was identified.
 */
registered_name: string | null, 
/**
 * True when `staff_photo` returns the registered photo.
 */
has_photo: boolean, 
/**
 * Why the visit came to staff, in full.
 */
detail: StaffDetail, 
/**
 * True when the badge may be admitted (identified, valid, not used).
 */
may_admit: boolean, 
/**
 * When the badge was used, local time `HH:MM`.
 */
used_at: string | null, 
/**
 * Name of the kiosk at which it was used, if it was not this one.
 */
used_by: string | null, 
/**
 * Reasons for a denial that staff choose from.
 */
denial_reasons: Array<DenialReason>, 
/**
 * What staff may do for a child with its guardian.
 */
guardian: Guardian | null, 
/**
 * What is wrong with this kiosk: a technician should know.
 */
troubles: Array<Trouble>, 
/**
 * What visitors asked for, for whoever may see it (C39).
 */
requests: RequestsDue | null, 
/**
 * What the registration platform did not accept, for whoever may see it.
 */
not_accepted: NotAccepted | null, 
/**
 * How the kiosks of the venue are, for whoever may see it; absent without a relay.
 */
kiosks: KiosksDue | null, } | { "name": "denied", 
/**
 * The reason that the member of staff gave.
 */
reason: DenialReason, 
/**
 * How to reach the operator (C38, C46).
 */
contact: string, 
/**
 * The badge is known: its holder may see what is held, and ask for something.
 */
rights: boolean, 
/**
 * The receipt, where one is to be had.
 */
receipt: Receipt | null, } | { "name": "rights", 
/**
 * The page.
 */
page: RightsPage, 
/**
 * The copy of it, where one is to be had (C37).
 */
receipt: Receipt | null, } | { "name": "farewell", 
/**
 * The receipt, where one is to be had.
 */
receipt: Receipt | null, } | { "name": "fault", 
/**
 * A code for the technician.
 */
code: FaultCode, 
/**
 * Number to quote; also in the log.
 */
incident: string, };

export type CodeProblem = "unknown" | "malformed" | "already_used" | "expired" | "not_yet_valid" | "blocked" | "unpaid" | "unapproved" | "wrong_product" | "revoked";

export type Notice = { 
/**
 * Version of the policy pack.
 */
version: string, 
/**
 * Date of the last update, `YYYY-MM-DD` (M56).
 */
updated: string, 
/**
 * The operator who asks.
 */
operator: string, 
/**
 * What it is for.
 */
purpose: Array<Span>, 
/**
 * How it is done.
 */
method: Array<Span>, 
/**
 * How long anything is kept.
 */
retention: Array<Span>, 
/**
 * What follows from either choice; says once that the other way may be slower (C14).
 */
effect: Array<Span>, 
/**
 * The visitor's rights.
 */
rights: Array<Span>, 
/**
 * For visitors from the European Economic Area; for others empty (M57).
 */
eea: Array<Span>, 
/**
 * The operator and how to reach it (C46).
 */
contact: string, };

export type Span = { 
/**
 * The words.
 */
text: string, 
/**
 * Drawn in bold.
 */
strong: boolean, };

export type Transfer = { 
/**
 * What would be sent.
 */
ask: Array<Span>, 
/**
 * To whom, how they are reached, and what for.
 */
terms: Array<Span>, 
/**
 * Off until the visitor turns it.
 */
on: boolean, };

export type QuestionPage = { 
/**
 * The organiser's words, in the language of the screen if there are any.
 */
words: string, 
/**
 * Yes or no: the screen has words and signs of its own for the two.
 */
yes_or_no: boolean, 
/**
 * More than one may be chosen.
 */
many: boolean, 
/**
 * What can be chosen.
 */
options: Array<QuestionOption>, 
/**
 * The question may be left out.
 */
may_skip: boolean, 
/**
 * The answer can be given as it is.
 */
ready: boolean, };

export type QuestionOption = { 
/**
 * The organiser's words; empty for yes and for no.
 */
words: string, 
/**
 * It is chosen.
 */
chosen: boolean, };

export type AgeAnswer = "under_14" | "from_14";

export type Guardian = { 
/**
 * Where a consent would open the face lane: what staff may look at to know the guardian. No
 * number is entered anywhere.
 */
proofs: Array<GuardianProof>, 
/**
 * A consent is recorded: staff delete it at the guardian's word.
 */
agreed: boolean, };

export type GuardianProof = "identity_card" | "passport" | "household_register" | "birth_certificate" | "guardianship_order";

export type PolicyPage = { 
/**
 * The operator.
 */
operator: string, 
/**
 * How to reach the operator (C46).
 */
contact: string, 
/**
 * All versions, the newest first, which is in force.
 */
versions: Array<VersionLabel>, 
/**
 * Which of them is shown.
 */
shown: number, 
/**
 * What changed since the version before it is marked.
 */
changes: boolean, 
/**
 * The texts by subject.
 */
subjects: Array<Subject>, };

export type VersionLabel = { 
/**
 * The version.
 */
version: string, 
/**
 * Date of the last update, `YYYY-MM-DD` (M56).
 */
updated: string, };

export type Subject = { 
/**
 * Its id; the heading is in `assets/locales`.
 */
id: string, 
/**
 * Its paragraphs.
 */
paragraphs: Array<Array<Run>>, };

export type Run = { 
/**
 * The words.
 */
text: string, 
/**
 * Drawn in bold.
 */
strong: boolean, 
/**
 * What became of them since the version before.
 */
change: Change, };

export type Change = "same" | "added" | "removed";

export type InventoryPage = { 
/**
 * Version of the program.
 */
version: string, 
/**
 * The operator, who answers for all of it.
 */
operator: string, 
/**
 * The endpoints that the kiosk may speak with; none: it speaks with nobody (C11, C29).
 */
endpoints: Array<string>, 
/**
 * Certificate photos that are stored here (L1).
 */
references: number, 
/**
 * Everything that is compiled in or loaded, by name.
 */
components: Array<Component>, };

export type Component = { 
/**
 * What it is.
 */
kind: ComponentKind, 
/**
 * Its name.
 */
name: string, 
/**
 * Its version.
 */
version: string, 
/**
 * Its licence, as its author wrote it; empty where none is known.
 */
licence: string, };

export type ComponentKind = "library" | "machine-learning-model";

export type RightsPage = { 
/**
 * What is held is being read.
 */
reading: boolean, 
/**
 * What is held. Facts; nothing that only the badge opens.
 */
held: Array<HeldItem>, 
/**
 * What can be asked for.
 */
kinds: Array<RequestKind>, 
/**
 * The request that was filed just now.
 */
filed: FiledRequest | null, 
/**
 * How the check went, in words (C38).
 */
explanation: Explanation, 
/**
 * The operator and how to reach it (C46).
 */
contact: string, };

export type HeldItem = { 
/**
 * What it is.
 */
what: HeldWhat, 
/**
 * When it happened, local time.
 */
on: string | null, 
/**
 * What it belongs to: a version of the policy, a number of a request, a period, days.
 */
about: string | null, 
/**
 * The day until which it is kept.
 */
until: string | null, };

export type HeldWhat = "name" | "photo" | "ticket" | "registered" | "validity" | "age_under14" | "age_from14" | "face_given" | "face_refused" | "face_withdrawn" | "transfer_given" | "transfer_refused" | "transfer_withdrawn" | "checkin_face" | "checkin_staff" | "checkin_taken_back" | "elsewhere" | "elsewhere_taken_back" | "guardian" | "evidence" | "request_open" | "request_answered" | "log";

export type RequestKind = "correction" | "deletion" | "restriction" | "objection" | "portability" | "withdrawal" | "explanation" | "complaint";

export type FiledRequest = { 
/**
 * The number.
 */
number: string, 
/**
 * What is asked for.
 */
kind: RequestKind, 
/**
 * The last day on which it is answered in time, `YYYY-MM-DD`.
 */
due: string, 
/**
 * It should have been answered before today.
 */
overdue: boolean, };

export type Explanation = "not_compared" | "no_result" | "photo_unusable" | "camera_unavailable" | "face_lane_closed" | "badge" | "kiosk_problem" | "admitted" | "person";

export type RequestsDue = { 
/**
 * Requests without an answer.
 */
open: number, 
/**
 * Of them, those that should have been answered before today.
 */
overdue: number, 
/**
 * Requests that nobody has carried to the registration platform yet.
 */
to_carry: number, 
/**
 * Those due first.
 */
next: Array<FiledRequest>, };

export type NotAccepted = { 
/**
 * How many there are.
 */
number: number, 
/**
 * The newest of them.
 */
last: Array<NotAcceptedEntry>, };

export type NotAcceptedEntry = { 
/**
 * When it happened at this gate, local time `MM-DD HH:MM`.
 */
at: string, 
/**
 * Number of the attendee at the platform.
 */
position: string, 
/**
 * Why.
 */
why: NotAcceptedWhy, };

export type NotAcceptedWhy = "already_redeemed" | "unpaid" | "canceled" | "blocked" | "revoked" | "unapproved" | "product" | "invalid_time" | "incomplete" | "unknown" | "rules" | "ambiguous" | "not_annulled" | "other";

export type KiosksDue = { 
/**
 * Kiosks that are silent, gone or cannot serve.
 */
troubled: number, 
/**
 * Badges that were admitted here and elsewhere.
 */
conflicts: number, };

export type KiosksPage = { 
/**
 * Whether this kiosk hears the others.
 */
link: RelayLink, 
/**
 * Those that were heard of, this one too: those that need somebody first, then by name.
 */
kiosks: Array<KioskLine>, 
/**
 * How many of them are silent, gone or cannot serve.
 */
troubled: number, 
/**
 * Badges that this kiosk and another one have admitted, the newest first.
 */
conflicts: Array<ConflictLine>, };

export type KioskLine = { 
/**
 * What it is called at the broker.
 */
name: string, 
/**
 * It is the kiosk at which this is read.
 */
own: boolean, 
/**
 * How it is.
 */
health: KioskHealth, 
/**
 * Seconds since it was heard of.
 */
ago: number, 
/**
 * Check-ins that its platform has yet to hear.
 */
waiting: number, 
/**
 * Check-ins that its platform did not accept.
 */
refused: number, 
/**
 * Version of its program.
 */
version: string, 
/**
 * Whether its platform answers it.
 */
link: Link, 
/**
 * Minutes by which its clock is wrong, if by more than two: ahead is more than 0.
 */
clock_off: number | null, };

export type KioskHealth = "silent" | "gone" | "faulty" | "serving";

export type ConflictLine = { 
/**
 * When it was admitted here, local time.
 */
here: string, 
/**
 * The other kiosk.
 */
kiosk: string, 
/**
 * When it was admitted there.
 */
there: string, };

export type RelayLink = "none" | "connected" | "lost";

export type Guidance = "look_here" | "one_person" | "come_closer" | "move_back" | "centre_face" | "more_light" | "less_light" | "face_light" | "hold_still" | "face_camera" | "open_eyes" | "uncover" | "turn_left" | "turn_right" | "nod" | "blink" | "comparing";

export type GateStep = "opening" | "open";

export type Receipt = { "step": "offered" } | { "step": "shown", 
/**
 * The code from top to bottom, a sign a module: `1` is dark.
 */
rows: Array<string>, };

export type StaffReason = "your_choice" | "no_result" | "photo_unusable" | "camera_unavailable" | "face_lane_closed" | "badge_problem" | "question" | "kiosk_problem";

export type StaffDetail = "other_way" | "asked_for_staff" | "non_match" | "poor_samples" | "suspected_attack" | "reference_unusable" | "camera_unavailable" | "camera_lost" | "worker_failed" | "face_lane_closed" | "under_age" | "timed_out" | "code_unknown" | "code_malformed" | "code_already_used" | "code_expired" | "code_not_yet_valid" | "code_blocked" | "code_unpaid" | "code_unapproved" | "code_wrong_product" | "code_revoked" | "rules" | "unpaid" | "question" | "ambiguous" | "not_in_roster" | "gate_failed" | "record_failed" | "after_fault";

export type DenialReason = "not_the_holder" | "badge_not_valid" | "identity_not_shown" | "house_rules";

export type SignInProblem = { "code": "wrong", 
/**
 * Attempts before the lock-out.
 */
left: number, } | { "code": "locked", 
/**
 * Seconds until the next attempt.
 */
seconds: number, } | { "code": "unavailable" };

export type FaultCode = "store" | "no_roster" | "internal" | "revoked";

export type Trouble = "disk_full" | "disk_read_only" | "disk" | "database_damaged" | "database" | "clock_behind" | "clock_ahead" | "audit_log" | "clock_off" | "revoked";

export type TechnicianStatus = { 
/**
 * Version of the program.
 */
version: string, 
/**
 * Kiosk's data folder.
 */
data_dir: string, 
/**
 * Why the face lane is closed, or empty.
 */
face_lane: string | null, 
/**
 * The last camera problem with its reason, or empty.
 */
camera: string | null, 
/**
 * The roster that is loaded, or empty.
 */
roster: RosterLine | null, 
/**
 * How far the roster is that the platform fills.
 */
sync: RosterSync, 
/**
 * Check-ins that wait for the platform.
 */
outbox: number, 
/**
 * What the platform did not accept.
 */
refused: number, 
/**
 * What stays here for a while of badges that are gone at the platform (M54).
 */
quarantined: number, 
/**
 * Whether the platform answers.
 */
link: Link, 
/**
 * What lasts until it is mended.
 */
troubles: Array<Trouble>, 
/**
 * Whether evidence is kept by law (C07).
 */
retention: RetentionStatus, 
/**
 * Records of it that are held.
 */
evidence: number, 
/**
 * Lines on recent faults, newest first, each with its incident number.
 */
incidents: Array<string>, };

export type StatisticsPage = { 
/**
 * Numbers below it are not shown.
 */
threshold: number, 
/**
 * The days that there are, `YYYY-MM-DD`, the newest first.
 */
days: Array<string>, 
/**
 * Which of them is shown.
 */
shown: number, 
/**
 * Visits of the day; absent while it is not over.
 */
visits: Visits | null, 
/**
 * The lanes of a day that is over.
 */
lanes: Array<LaneFigures>, 
/**
 * Its hours that are over.
 */
hours: Array<StatisticsHour>, 
/**
 * The lanes compared, over all days; absent while there are too few visits.
 */
treatment: Treatment | null, 
/**
 * How many visits of each lane the comparison takes.
 */
enough: number, 
/**
 * From how many times the face lane's median the other way is called slower.
 */
slower: number, };

export type Visits = { 
/**
 * The number, or the least that it can be.
 */
visits: number, 
/**
 * True for the number itself.
 */
exact: boolean, };

export type StatisticsHour = { 
/**
 * 0 to 23.
 */
hour: number, 
/**
 * Lanes of which there is something to say.
 */
lanes: Array<LaneVisits>, };

export type LaneVisits = { 
/**
 * Its id; the words are in `assets/locales`.
 */
lane: string, 
/**
 * How many.
 */
visits: Visits, 
/**
 * How they ended, where it can be told.
 */
outcomes: Array<OutcomeVisits>, };

export type OutcomeVisits = { 
/**
 * Its id; the words are in `assets/locales`.
 */
outcome: string, 
/**
 * How many.
 */
visits: number, };

export type LaneFigures = { 
/**
 * Its id.
 */
lane: string, 
/**
 * How many.
 */
visits: Visits, 
/**
 * How long they took: from so many seconds on, below so many (none: without an end), visits.
 */
times: Array<[number, number | null, number]>, };

export type Treatment = { 
/**
 * Days that it is of.
 */
days: number, 
/**
 * How many chose the comparison.
 */
face_visits: Visits, 
/**
 * Median seconds from the badge to the decision.
 */
face_seconds: number, 
/**
 * How many chose the other way.
 */
other_visits: Visits, 
/**
 * Median seconds from the badge to the decision.
 */
other_seconds: number, 
/**
 * The second median by the first.
 */
ratio: number, 
/**
 * The ratio is above the stated one.
 */
other_way_is_slower: boolean, };

export type Link = "none" | "connected" | "lost" | "revoked" | "key_unknown";

export type PlatformPage = { 
/**
 * The account; none: the kiosk is not connected.
 */
account: PlatformAccount | null, 
/**
 * The platform has revoked it, and the kiosk is locked.
 */
locked: boolean, 
/**
 * Whether the platform answers.
 */
link: Link, 
/**
 * Check-ins and annulments of which it has yet to hear.
 */
waiting: number, 
/**
 * Where the kiosk may connect to: `network.allow` of the configuration.
 */
endpoints: Array<string>, 
/**
 * What can be chosen, after it was asked for.
 */
lists: Array<PlatformList>, 
/**
 * True when the signed-in member of staff may connect, choose, and ask for a new key.
 */
connects: boolean, 
/**
 * Why what was asked for did not happen, or not all of it.
 */
problem: PlatformProblem | null, };

export type PlatformAccount = { 
/**
 * Scheme, host and port.
 */
server: string, 
/**
 * Short name of the organiser.
 */
organiser: string, 
/**
 * What the organiser calls this kiosk.
 */
name: string, 
/**
 * The chosen check-in list, with its event; none: it is yet to be chosen.
 */
list: string | null, 
/**
 * Date of the key, `YYYY-MM-DD`, if it is known.
 */
key_since: string | null, 
/**
 * A new key was asked for and has not come yet.
 */
rolling: boolean, };

export type PlatformList = { 
/**
 * Short name of the event.
 */
event: string, 
/**
 * Number of the list.
 */
list: number, 
/**
 * Name of the list.
 */
name: string, };

export type PlatformProblem = { "code": "code" } | { "code": "not_allowed", 
/**
 * Scheme, host and port, as the code has them.
 */
address: string, } | { "code": "token" } | { "code": "connected" } | { "code": "not_connected" } | { "code": "no_answer" } | { "code": "not_understood" } | { "code": "revoked" } | { "code": "key_unknown" } | { "code": "settings" } | { "code": "no_list" } | { "code": "waits" } | { "code": "not_told_of_end" } | { "code": "not_kept" };

export type RosterLine = { 
/**
 * Its name.
 */
id: string, 
/**
 * Its edition; none of one that the platform fills.
 */
edition: number | null, 
/**
 * How many stand in it.
 */
attendees: number, 
/**
 * How many of them have a photo here.
 */
photos: number, };

export type RosterSync = { 
/**
 * Orders read so far; empty while nothing is under way.
 */
read: number | null, 
/**
 * Orders in all.
 */
of: number, 
/**
 * Photos that are still to come.
 */
photos_due: number, 
/**
 * Attendees who are left out: their code cannot be read, or another ticket has it too.
 */
left_out: number, };

export type RetentionStatus = "off" | "on" | "lapsed";

export type IncidentsPage = { 
/**
 * What may have happened. The words for this and all other ids are in `assets/locales`.
 */
kinds: Array<string>, 
/**
 * How long ago, in minutes: for the discovery, and for the beginning before it.
 */
ago: Array<number>, 
/**
 * What may have been done.
 */
measures: Array<string>, 
/**
 * What those concerned may be advised.
 */
advice: Array<string>, 
/**
 * Incidents that are not closed, the newest first.
 */
open: Array<OpenIncident>, 
/**
 * The number of the one that was recorded just now.
 */
recorded: number | null, };

export type OpenIncident = { 
/**
 * Its number.
 */
number: number, 
/**
 * Id of what has happened.
 */
kind: string, 
/**
 * When it was discovered, local time `MM-DD HH:MM`.
 */
discovered: string, 
/**
 * How much time is left to tell those concerned; absent where there is no deadline.
 */
countdown: IncidentCountdown | null, 
/**
 * Badges that the log names in the time.
 */
badges: number, 
/**
 * Attendees that were held.
 */
attendees: number, };

export type IncidentCountdown = { 
/**
 * The deadline is over.
 */
overdue: boolean, 
/**
 * Whole hours until then, or since then.
 */
hours: number, 
/**
 * Minutes beside them, 0 to 59.
 */
minutes: number, };

export type IncidentDraft = { 
/**
 * Id of what has happened.
 */
kind: string, 
/**
 * Called major by the recorder.
 */
major: boolean, 
/**
 * Discovered so many minutes ago.
 */
discovered_ago: number, 
/**
 * Begun so many minutes before that.
 */
since_ago: number, 
/**
 * Ids of what was done.
 */
measures: Array<string>, 
/**
 * Ids of the advice.
 */
advice: Array<string>, };

export type IncidentRule = { 
/**
 * The incident is major.
 */
major: boolean, 
/**
 * It is by its kind, whatever the recorder says.
 */
by_kind: boolean, 
/**
 * Until when those concerned are to be told, local time; absent where it is not major.
 */
deadline: string | null, };

export type UiError = { 
/**
 * Which command group refused.
 */
code: UiErrorCode, 
/**
 * Number to quote; also in the log.
 */
incident_id: string, };

export type UiErrorCode = "not_now" | "stopped";
