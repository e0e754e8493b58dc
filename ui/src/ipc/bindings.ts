// This file is generated from src-tauri/src/view.rs by `cargo xtask bindings`. Do not edit it.

export type Language = "zh" | "en";

export type View = { revision: number, language: Language, seconds_left: number | null, demonstration: boolean, screen: Screen, };

export type Screen = { "name": "attract", operator: string, sign: string, face_lane_open: boolean, codes_by_camera: boolean, } | { "name": "identify", looking_up: boolean, codes_by_camera: boolean, } | { "name": "code_problem", problem: CodeProblem, used_at: string | null, } | { "name": "consent", notice: Notice, } | { "name": "prepare" } | { "name": "capture", guidance: Guidance, } | { "name": "decide" } | { "name": "discard" } | { "name": "admit", gate: GateStep, } | { "name": "staff", reason: StaffReason, } | { "name": "staff_sign_in", problem: SignInProblem | null, } | { "name": "staff_review", staff: number, registered_name: string | null, has_photo: boolean, detail: StaffDetail, may_admit: boolean, used_at: string | null, denial_reasons: Array<DenialReason>, } | { "name": "denied", reason: DenialReason, } | { "name": "fault", code: FaultCode, incident: string, };

export type CodeProblem = "unknown" | "malformed" | "already_used" | "expired" | "not_yet_valid" | "blocked";

export type Notice = { version: string, updated: string, purpose: Array<Span>, method: Array<Span>, retention: Array<Span>, effect: Array<Span>, contact: string, };

export type Span = { text: string, strong: boolean, };

export type Guidance = "look_here" | "one_person" | "come_closer" | "move_back" | "centre_face" | "more_light" | "less_light" | "hold_still" | "face_camera" | "comparing";

export type GateStep = "opening" | "open";

export type StaffReason = "your_choice" | "no_result" | "photo_unusable" | "camera_unavailable" | "face_lane_closed" | "badge_problem" | "kiosk_problem";

export type StaffDetail = "other_way" | "asked_for_staff" | "non_match" | "poor_samples" | "suspected_attack" | "reference_unusable" | "camera_unavailable" | "camera_lost" | "worker_failed" | "face_lane_closed" | "under_age" | "timed_out" | "code_unknown" | "code_malformed" | "code_already_used" | "code_expired" | "code_not_yet_valid" | "code_blocked" | "gate_failed" | "record_failed" | "after_fault";

export type DenialReason = "not_the_holder" | "badge_not_valid" | "identity_not_shown" | "house_rules";

export type SignInProblem = { "code": "wrong", left: number, } | { "code": "locked", seconds: number, };

export type FaultCode = "store" | "no_roster" | "internal";

export type TechnicianStatus = { version: string, data_dir: string, face_lane: string | null, camera: string | null, roster: string | null, outbox: number, incidents: Array<string>, };

export type UiError = { code: UiErrorCode, incident_id: string, };

export type UiErrorCode = "not_now" | "stopped";
