/** The promises of the screens to the end-to-end tests, and to the visitor. */
import { render } from 'svelte/server'
import { describe, expect, it } from 'vitest'
import App from '../App.svelte'
import RequestsDueList from '../components/RequestsDue.svelte'
import { words } from '../i18n/words'
import type { Change, InventoryPage, Language, NotAccepted, PolicyPage, QuestionPage, Receipt, RequestsDue, RightsPage, Screen, View } from '../ipc/bindings'
import { view } from '../ipc/view'

let revision = 0

function draw(screen: Screen, more: Partial<View> = {}): string {
  revision += 1
  view.accept({ revision, language: 'zh', seconds_left: null, demonstration: false, screen, ...more })
  return render(App).body
}

function actions(html: string): string[] {
  return [...html.matchAll(/data-action="([\w-]+)"/g)].map(([, action = '']) => action).toSorted()
}

const span = (text: string, strong = false) => ({ text, strong })
const NOTICE = {
  version: '3',
  operator: 'Operator',
  updated: '2025-10-01',
  purpose: [span('why '), span('face', true)],
  method: [span('how')],
  retention: [span('how long')],
  effect: [span('then what')],
  rights: [span('what I may ask')],
  eea: [],
  contact: 'desk@example.org',
}
const REVIEW: Extract<Screen, { name: 'staff_review' }> = {
  name: 'staff_review',
  staff: 12,
  technician: true,
  statistics: true,
  serves: true,
  registered_name: '李明',
  has_photo: true,
  detail: 'non_match',
  may_admit: true,
  used_at: null,
  used_by: null,
  denial_reasons: ['not_the_holder', 'house_rules'],
  guardian: { proofs: ['passport', 'household_register'], agreed: true },
  troubles: ['disk_full'],
  requests: null,
  not_accepted: null,
  kiosks: null,
}

const CONSENT: Extract<Screen, { name: 'consent' }> = { name: 'consent', notice: NOTICE, changed: false, transfer: null }
const run = (text: string, change: Change = 'same', strong = false) => ({ text, change, strong })
const PAGE: PolicyPage = {
  operator: 'Operator',
  contact: 'desk@example.org',
  versions: [
    { version: '1.1', updated: '2026-11-04' },
    { version: '1.0', updated: '2026-11-02' },
  ],
  shown: 0,
  changes: true,
  subjects: [{ id: 'storage', paragraphs: [[run('kept '), run('30', 'removed'), run('60', 'added'), run(' days', 'same', true)]] }],
}
const INVENTORY: InventoryPage = {
  version: '0.1.0',
  operator: 'Operator',
  endpoints: ['https://tickets.example.org'],
  references: 321,
  components: [
    { kind: 'library', name: 'tauri', version: '2.12.0', licence: 'Apache-2.0 OR MIT' },
    { kind: 'machine-learning-model', name: 'centerface.onnx', version: '1.5.0', licence: 'MIT' },
  ],
}
const OTHER_ROLE: Screen = { ...REVIEW, serves: false, guardian: null, registered_name: null, has_photo: false, may_admit: false, denial_reasons: [] }

const STAFF: Extract<Screen, { name: 'staff' }> = { name: 'staff', reason: 'no_result', explanation: 'no_result', contact: 'desk@example.org', rights: true, receipt: null }
const DENIED: Extract<Screen, { name: 'denied' }> = { name: 'denied', reason: 'house_rules', contact: '+86 1', rights: true, receipt: null }
const NOT_ACCEPTED: NotAccepted = { number: 7, last: [{ at: '11-05 09:41', position: '123', why: 'already_redeemed' }] }
const DUE: RequestsDue = {
  open: 3,
  overdue: 1,
  to_carry: 2,
  next: [
    { number: '56475AA7-0001', kind: 'deletion', due: '2026-11-20', overdue: true },
    { number: '56475AA7-0002', kind: 'complaint', due: '2026-12-14', overdue: false },
  ],
}
const RIGHTS: RightsPage = {
  reading: false,
  held: [
    { what: 'name', on: null, about: null, until: '2026-11-11' },
    { what: 'face_given', on: '2026-11-05 09:41', about: '1.0', until: '2026-12-05' },
    { what: 'log', on: null, about: '30', until: null },
  ],
  kinds: ['correction', 'deletion', 'restriction', 'objection', 'portability', 'withdrawal', 'explanation', 'complaint'],
  filed: null,
  explanation: 'badge',
  contact: 'desk@example.org',
}
const FILED: RightsPage = { ...RIGHTS, filed: { number: '56475AA7-0012', kind: 'withdrawal', due: '2026-12-14', overdue: false } }
const KINDS = RIGHTS.kinds.map((kind) => `request-${kind}`)

const YES_OR_NO: QuestionPage = {
  words: '您是否有饮食禁忌？',
  yes_or_no: true,
  many: false,
  options: [{ words: '', chosen: false }, { words: '', chosen: false }],
  may_skip: false,
  ready: false,
}
const SEVERAL: QuestionPage = {
  words: 'Which halls will you visit?',
  yes_or_no: false,
  many: true,
  options: ['Hall 1', 'Hall 2', 'Hall 3'].map((words, place) => ({ words, chosen: place === 1 })),
  may_skip: true,
  ready: true,
}

const SHOWN: Receipt = { step: 'shown', rows: ['101', '010', '111'] }

const CONTRACT: [string, Screen, string[]][] = [
  ['attract', { name: 'attract', operator: 'O', sign: 'S', face_lane_open: true, codes_by_camera: false }, ['language', 'policy', 'staff-open', 'start']],
  ['attract, face lane closed', { name: 'attract', operator: 'O', sign: '', face_lane_open: false, codes_by_camera: false }, ['language', 'policy', 'staff-open', 'start']],
  ['policy', { name: 'policy', page: PAGE }, ['changes', 'done', 'inventory', 'language']],
  ['policy, the oldest version', { name: 'policy', page: { ...PAGE, shown: 1, changes: false } }, ['done', 'inventory', 'language']],
  ['inventory', { name: 'inventory', page: INVENTORY }, ['language', 'policy']],
  ['question, yes or no', { name: 'question', page: YES_OR_NO }, ['answer', 'call-staff', 'choose-0', 'choose-1', 'language', 'stop']],
  ['question, several answers', { name: 'question', page: SEVERAL }, ['answer', 'call-staff', 'choose-0', 'choose-1', 'choose-2', 'language', 'stop']],
  ['age', { name: 'age' }, ['age-from_14', 'age-under_14', 'call-staff', 'language', 'stop']],
  ['identify', { name: 'identify', looking_up: false, codes_by_camera: true, pad: true }, ['call-staff', 'language', 'pad-open', 'stop']],
  ['code problem', { name: 'code_problem', problem: 'already_used', used_at: '09:41', rights: true }, ['call-staff', 'language', 'rights', 'start', 'stop']],
  ['code problem, badge not known', { name: 'code_problem', problem: 'unknown', used_at: null, rights: false }, ['call-staff', 'language', 'start', 'stop']],
  ['consent', CONSENT, ['language', 'other-way', 'policy', 'rights', 'stop', 'use-face']],
  ['consent, transfer abroad', { ...CONSENT, transfer: { ask: [span('send?')], terms: [span('to whom')], on: false } }, ['language', 'other-way', 'policy', 'rights', 'stop', 'transfer', 'use-face']],
  ['prepare', { name: 'prepare' }, ['other-way', 'stop']],
  ['capture', { name: 'capture', guidance: 'look_here' }, ['other-way', 'stop']],
  ['decide', { name: 'decide' }, []],
  ['discard', { name: 'discard' }, []],
  ['admit, opening', { name: 'admit', gate: 'opening', receipt: null }, []],
  ['admit, open', { name: 'admit', gate: 'open', receipt: null }, ['done']],
  ['admit, receipt offered', { name: 'admit', gate: 'open', receipt: { step: 'offered' } }, ['done', 'receipt']],
  ['admit, receipt shown', { name: 'admit', gate: 'open', receipt: SHOWN }, ['done']],
  ['staff', STAFF, ['language', 'rights', 'staff-open', 'stop']],
  ['staff, badge not known', { ...STAFF, rights: false }, ['language', 'staff-open', 'stop']],
  ['staff, receipt offered', { ...STAFF, receipt: { step: 'offered' } }, ['language', 'receipt', 'rights', 'staff-open', 'stop']],
  ['staff, receipt shown', { ...STAFF, rights: false, receipt: SHOWN }, ['done', 'language', 'staff-open', 'stop']],
  ['staff sign-in', { name: 'staff_sign_in', problem: { code: 'wrong', left: 1 } }, ['language', 'sign-in', 'stop']],
  ['staff review', REVIEW, ['admit', 'deny', 'end-visit', 'guardian', 'incident', 'language', 'sign-out', 'statistics', 'technician']],
  ['staff review, requests to see', { ...OTHER_ROLE, requests: DUE }, ['end-visit', 'incident', 'language', 'requests', 'sign-out', 'statistics', 'technician']],
  ['staff review, something not accepted', { ...REVIEW, not_accepted: NOT_ACCEPTED }, ['admit', 'deny', 'end-visit', 'guardian', 'incident', 'language', 'not-accepted', 'sign-out', 'statistics', 'technician']],
  ['staff review, in a venue with a relay', { ...REVIEW, kiosks: { troubled: 1, conflicts: 0 } }, ['admit', 'deny', 'end-visit', 'guardian', 'incident', 'kiosks', 'language', 'sign-out', 'statistics', 'technician']],
  ['staff review, for a role that serves nobody', OTHER_ROLE, ['end-visit', 'incident', 'language', 'sign-out', 'statistics', 'technician']],
  ['denied', DENIED, ['done', 'language', 'rights']],
  ['denied, receipt offered', { ...DENIED, contact: '', receipt: { step: 'offered' } }, ['done', 'language', 'receipt', 'rights']],
  ['denied, receipt shown', { ...DENIED, rights: false, receipt: SHOWN }, ['done', 'language']],
  ['rights', { name: 'rights', page: RIGHTS, receipt: { step: 'offered' } }, ['call-staff', 'done', 'language', 'receipt', ...KINDS, 'stop'].toSorted()],
  ['rights, a request is filed', { name: 'rights', page: FILED, receipt: { step: 'offered' } }, ['call-staff', 'done', 'language', 'receipt', 'stop']],
  ['rights, a copy is shown', { name: 'rights', page: RIGHTS, receipt: SHOWN }, ['call-staff', 'done', 'language', 'stop']],
  ['farewell', { name: 'farewell', receipt: { step: 'offered' } }, ['done', 'language', 'receipt', 'start']],
  ['farewell, receipt shown', { name: 'farewell', receipt: SHOWN }, ['done', 'language', 'start']],
  ['fault', { name: 'fault', code: 'store', incident: '17' }, ['language', 'staff-open']],
]

describe.each(['zh', 'en'] satisfies Language[])('the screens in %s', (language) => {
  it.each(CONTRACT)('%s: has its name, its revision and its actions', (_, screen, expected) => {
    const html = draw(screen, { language })
    expect(html).toContain(`data-screen="${screen.name}"`)
    expect(html).toContain(`data-revision="${revision}"`)
    expect(actions(html)).toEqual(expected)
  })
})

describe('a screen', () => {
  it('names the problem of a code and when the badge was used', () => {
    const html = draw({ name: 'code_problem', problem: 'already_used', used_at: '09:41', rights: true })
    expect(html).toContain('data-problem="already_used"')
    expect(html).toContain('09:41')
  })

  it('asks in the words of the organiser and shows what is chosen by more than colour', () => {
    const html = draw({ name: 'question', page: SEVERAL })
    for (const words of ['Which halls will you visit?', 'Hall 3', '可以选择多项']) expect(html).toContain(words)
    expect(html).toMatch(/role="checkbox" aria-checked="true" data-action="choose-1"[^]*?class="mark[^"]*"[^>]*>(<!--.*?-->)*<svg/)
    expect(html).toMatch(/role="checkbox" aria-checked="false" data-action="choose-0"/)
    expect(draw({ name: 'question', page: YES_OR_NO })).toMatch(/role="radio" aria-checked="false" data-action="choose-0"/)
  })

  it('lets nobody go on without an answer that has to be given', () => {
    const button = /<button[^>]*data-action="answer"[^>]* disabled/
    expect(draw({ name: 'question', page: YES_OR_NO })).toMatch(button)
    expect(draw({ name: 'question', page: SEVERAL })).not.toMatch(button)
    const nothing = { ...SEVERAL, options: SEVERAL.options.map((option) => ({ ...option, chosen: false })) }
    expect(draw({ name: 'question', page: nothing })).toContain('不回答，继续')
  })

  it('c02_shows_sensitive_items_in_bold', () => {
    expect(draw(CONSENT)).toMatch(/<strong[^>]*>face<\/strong>/)
  })

  it('c03_shows_purpose_method_retention_and_effect_before_the_choice', () => {
    const html = draw(CONSENT)
    for (const words of ['why', 'how', 'how long', 'then what', '2025-10-01', 'desk@example.org']) {
      expect(html.indexOf(words)).toBeGreaterThan(0)
      expect(html.indexOf(words)).toBeLessThan(html.indexOf('data-action="use-face"'))
    }
  })

  it('c41_the_switch_for_a_transfer_is_off_until_it_is_turned_and_stands_beside_its_terms', () => {
    const transfer = { ask: [span('send?')], terms: [span('to whom')], on: false }
    const html = draw({ ...CONSENT, transfer })
    expect(html).toMatch(/role="switch" aria-checked="false" data-action="transfer"/)
    expect(html).toContain('to whom')
    expect(draw({ ...CONSENT, transfer: { ...transfer, on: true } })).toContain('aria-checked="true"')
    expect(draw(CONSENT)).not.toContain('data-action="transfer"')
  })

  it('c43_says_that_the_text_changed_and_only_then', () => {
    expect(draw({ ...CONSENT, changed: true })).toContain('本说明刚刚更新')
    expect(draw(CONSENT)).not.toContain('本说明刚刚更新')
  })

  it('m57_shows_visitors_from_the_eea_what_they_are_to_be_told_before_the_choice', () => {
    const html = draw({ ...CONSENT, notice: { ...NOTICE, eea: [span('who controls it')] } })
    expect(html.indexOf('who controls it')).toBeGreaterThan(0)
    expect(html.indexOf('who controls it')).toBeLessThan(html.indexOf('data-action="use-face"'))
    expect(draw(CONSENT)).not.toContain('data-part="eea"')
  })

  it('c44_shows_what_came_and_what_went_by_more_than_colour', () => {
    const html = draw({ name: 'policy', page: PAGE })
    expect(html).toMatch(/<del[^>]*>(<!--.*?-->)*30/)
    expect(html).toMatch(/<ins[^>]*>(<!--.*?-->)*60/)
    for (const words of ['2026-11-04', '2026-11-02', 'desk@example.org']) expect(html).toContain(words)
  })

  it('c11_c23_m52_names_everybody_who_may_receive_data_and_every_component', () => {
    const html = draw({ name: 'inventory', page: INVENTORY }, { language: 'en' })
    for (const words of ['sent to nobody', 'https://tickets.example.org', '321', 'tauri', '2.12.0', 'Apache-2.0 OR MIT', 'centerface.onnx']) expect(html).toContain(words)
    const alone = draw({ name: 'inventory', page: { ...INVENTORY, endpoints: [] } }, { language: 'en' })
    expect(alone).toContain('connects to nobody')
  })

  it('c40_asks_the_age_with_two_equal_buttons_that_need_no_reading', () => {
    const html = draw({ name: 'age' })
    const button = (action: string) => html.match(new RegExp(`<button[^>]*data-action="${action}"[^>]*class="([^"]*)"|<button[^>]*class="([^"]*)"[^>]*data-action="${action}"`))?.slice(1).join('')
    expect(button('age-under_14')).toBe(button('age-from_14'))
    expect(html).toContain('0–13')
    expect(html).toContain('14+')
    expect(html).not.toMatch(/aria-(checked|pressed|selected)="true"/)
  })

  it('c13_offers_both_ways_with_the_same_button', () => {
    const html = draw(CONSENT)
    const button = (action: string) => html.match(new RegExp(`<button[^>]*class="([^"]*)"[^>]*data-action="${action}"`))?.[1]
    expect(button('use-face')).toBeDefined()
    expect(button('use-face')).toBe(button('other-way'))
  })

  it('c37_shows_the_receipt_as_a_code_and_what_the_visitor_is_to_do_stays', () => {
    for (const [, screen] of CONTRACT) {
      const html = draw(screen, { seconds_left: 12 })
      const isShown = 'receipt' in screen && screen.receipt?.step === 'shown'
      expect(html.includes('data-receipt')).toBe(isShown)
      if (!isShown) continue
      expect(html).toContain('d="M0 0h1v1h-1zM2 0h1v1h-1zM1 1h1v1h-1zM0 2h3v1h-3z"')
      expect(html).toContain('role="timer"')
    }
    expect(draw({ name: 'admit', gate: 'open', receipt: SHOWN })).toContain('请通行')
    expect(draw({ ...STAFF, receipt: SHOWN })).toContain('工作人员马上为您服务')
  })

  it('c33_tells_what_is_held_and_until_when_and_what_is_not', () => {
    const html = draw({ name: 'rights', page: RIGHTS, receipt: null })
    for (const words of ['data-what="face_given"', '2026-11-05 09:41', '保存至 2026-12-05', '未保存：', 'desk@example.org']) expect(html).toContain(words)
    const reading = draw({ name: 'rights', page: { ...RIGHTS, reading: true, held: [] }, receipt: null })
    expect(reading).toMatch(/<button[^>]*data-action="request-deletion"[^>]* disabled/)
  })

  it('c34_c39_c46_m58_offers_every_kind_of_request_and_shows_number_and_due_date', () => {
    for (const kind of RIGHTS.kinds) expect(draw({ name: 'rights', page: RIGHTS, receipt: null })).toContain(`data-action="request-${kind}"`)
    const html = draw({ name: 'rights', page: FILED, receipt: null })
    for (const words of ['56475AA7-0012', '2026-12-14', 'role="status"']) expect(html).toContain(words)
    expect(html).toContain('您的同意自现在起撤回')
    const filed = { ...FILED.filed!, kind: 'deletion' } as const
    expect(draw({ name: 'rights', page: { ...FILED, filed }, receipt: null })).not.toContain('您的同意自现在起撤回')
  })

  it('c38_explains_in_words_who_decides_and_whom_to_turn_to', () => {
    for (const screen of [STAFF, { name: 'rights', page: { ...RIGHTS, explanation: 'no_result' }, receipt: null }] satisfies Screen[]) {
      const html = draw(screen)
      for (const words of ['data-explanation="no_result"', '没有得出结果', '工作人员', 'desk@example.org']) expect(html).toContain(words)
    }
  })

  it('m48_asks_a_visitor_for_no_name_no_address_and_no_number_to_reach_them', () => {
    for (const [, screen] of CONTRACT.filter(([, { name }]) => name !== 'staff_sign_in')) {
      expect(draw(screen)).not.toMatch(/<(input|textarea|select)|contenteditable/)
    }
  })

  it('c39_marks_what_is_overdue_by_more_than_colour', () => {
    const rows = render(RequestsDueList, { props: { t: words('zh'), requests: DUE } }).body.split('<tr')
    const [late, soon] = ['56475AA7-0001', '56475AA7-0002'].map((number) => rows.find((row) => row.includes(number)) ?? '')
    expect(late).toMatch(/data-overdue="true"[^]*<strong>! 已逾期/)
    expect(soon).not.toMatch(/data-overdue|已逾期/)
    expect(actions(draw({ ...REVIEW, requests: null }))).not.toContain('requests')
  })

  it('says that frames are recorded, in a demonstration only', () => {
    expect(draw({ name: 'decide' }, { demonstration: true })).toContain('录制画面')
    expect(draw({ name: 'decide' })).not.toContain('录制画面')
  })

  it('l1_shows_the_sign_while_the_face_lane_is_open', () => {
    const attract = { name: 'attract', operator: 'O', sign: '此处采集人脸', codes_by_camera: false } as const
    expect(draw({ ...attract, face_lane_open: true })).toContain('此处采集人脸')
    expect(draw({ ...attract, face_lane_open: false })).not.toContain('此处采集人脸')
  })

  it('c09_lets_staff_refuse_only_after_a_reason', () => {
    const html = draw(REVIEW)
    expect(html).toMatch(/<button[^>]*data-action="deny"[^>]* disabled/)
    expect(html).toContain('data-reason="not_the_holder"')
  })

  it('has no admit button where the badge may not be admitted', () => {
    expect(actions(draw({ ...REVIEW, may_admit: false }))).not.toContain('admit')
  })

  it('c28_keeps_name_and_photo_off_every_other_screen', () => {
    for (const [, screen] of CONTRACT.filter(([, { name }]) => name !== 'staff_review')) {
      expect(draw(screen)).not.toMatch(/李明|data-photo/)
    }
  })

  it('shows the seconds where the view has them', () => {
    expect(draw({ name: 'prepare' }, { seconds_left: 8 })).toContain('role="timer"')
    expect(draw({ name: 'prepare' })).not.toContain('role="timer"')
  })

  it('has no inline style, which the content security policy forbids', () => {
    for (const [, screen] of CONTRACT) expect(draw(screen, { seconds_left: 8 })).not.toMatch(/<[^>]+\sstyle=/)
  })
})
