/** The commands of the kiosk, one function each. Rust answers with the event `view`. */
import { invoke } from '@tauri-apps/api/core'
import type { AgeAnswer, DenialReason, GuardianProof, IncidentDraft, IncidentRule, IncidentsPage, KiosksPage, Language, PlatformPage, RequestKind, StatisticsPage, TechnicianStatus, View } from './bindings'

/** Pictures come as an `ArrayBuffer`, or as numbers where Tauri falls back to messages. */
async function invokeForBytes(command: string, args: Record<string, unknown> = {}): Promise<ArrayBuffer> {
  const answer = await invoke<ArrayBuffer | number[]>(command, args)
  return answer instanceof ArrayBuffer ? answer : new Uint8Array(answer).buffer
}

export const currentView = () => invoke<View>('current_view')
export const painted = () => invoke<void>('painted')
export const shown = (revision: number) => invoke<void>('shown', { revision })
export const start = () => invoke<void>('start')
export const submitCode = (code: string) => invoke<void>('submit_code', { code })
/** Opens the policy at a version (0 is in force), or turns to it; `changes` marks what changed in it. */
export const readPolicy = (version: number, changes: boolean) => invoke<void>('read_policy', { version, changes })
/** Opens the list of what the kiosk is made of. */
export const readInventory = () => invoke<void>('read_inventory')
/** Chooses the answer at this place, or takes it back. */
export const choose = (option: number) => invoke<void>('choose', { option })
/** Gives the answer that is chosen, or leaves the question out. */
export const answer = () => invoke<void>('answer')
export const age = (answer: AgeAnswer) => invoke<void>('age', { answer })
export const setTransfer = (on: boolean) => invoke<void>('set_transfer', { on })
export const consent = () => invoke<void>('consent')
export const otherWay = () => invoke<void>('other_way')
export const stop = () => invoke<void>('stop')
export const callStaff = () => invoke<void>('call_staff')
/** Opens what is held on the visitor, and what they may ask for. */
export const openRights = () => invoke<void>('open_rights')
export const fileRequest = (kind: RequestKind) => invoke<void>('file_request', { kind })
export const receipt = () => invoke<void>('receipt')
export const done = () => invoke<void>('done')
export const setLanguage = (language: Language) => invoke<void>('set_language', { language })

/** The next preview frame after a sequence number; see `preview.ts` for the layout. */
export const nextFrame = (after: number) => invokeForBytes('next_frame', { after })

export const staffOpen = () => invoke<void>('staff_open')
export const staffSignIn = (number: number, pin: string) => invoke<void>('staff_sign_in', { number, pin })
export const staffPhoto = () => invokeForBytes('staff_photo')
export const staffAdmit = () => invoke<void>('staff_admit')
export const staffDeny = (reason: DenialReason) => invoke<void>('staff_deny', { reason })
export const staffEndVisit = () => invoke<void>('staff_end_visit')
export const staffGuardian = (proof: GuardianProof) => invoke<void>('staff_guardian', { proof })
export const staffRevokeGuardian = () => invoke<void>('staff_revoke_guardian')
export const staffSignOut = () => invoke<void>('staff_sign_out')
export const staffIncidents = () => invoke<IncidentsPage>('staff_incidents')
export const staffIncidentDraft = (draft: IncidentDraft) => invoke<IncidentRule>('staff_incident_draft', { draft })
export const staffRecordIncident = (draft: IncidentDraft) => invoke<IncidentsPage>('staff_record_incident', { draft })
export const technicianStatus = () => invoke<TechnicianStatus>('technician_status')
/** The statistics of the day at this place, 0 for the newest. */
export const statistics = (day: number) => invoke<StatisticsPage>('statistics', { day })
/** The kiosks of the venue. */
export const kiosks = () => invoke<KiosksPage>('kiosks')

export const platform = () => invoke<PlatformPage>('platform')
/** `text`: of a QR code, or a token for the server at `address`. */
export const platformConnect = (text: string, address: string | null) => invoke<PlatformPage>('platform_connect', { text, address })
export const platformLists = () => invoke<PlatformPage>('platform_lists')
export const platformChoose = (event: string, list: number) => invoke<PlatformPage>('platform_choose', { event, list })
export const platformRoll = () => invoke<PlatformPage>('platform_roll')
export const platformDisconnect = () => invoke<PlatformPage>('platform_disconnect')
