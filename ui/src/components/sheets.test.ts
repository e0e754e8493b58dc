/** What staff read on the panels of the statistics, of the incidents and of the platform. */
import { render } from 'svelte/server'
import { describe, expect, it } from 'vitest'
import { words } from '../i18n/words'
import type { IncidentDraft, IncidentRule, IncidentsPage, KiosksPage, PlatformPage, StatisticsPage } from '../ipc/bindings'
import IncidentSheet from './IncidentSheet.svelte'
import { STEPS, type IncidentStep } from './incident-steps'
import KiosksSheet from './KiosksSheet.svelte'
import PlatformSheet from './PlatformSheet.svelte'
import StatisticsSheet from './StatisticsSheet.svelte'

const none = () => undefined
const t = words('en')

const FIGURES: StatisticsPage = {
  threshold: 10,
  days: ['2026-11-06', '2026-11-05'],
  shown: 1,
  visits: { visits: 512, exact: false },
  lanes: [{ lane: 'face', visits: { visits: 424, exact: true }, times: [[0, 15, 400], [15, null, 24]] }],
  hours: [
    { hour: 8, lanes: [] },
    { hour: 9, lanes: [{ lane: 'other_way', visits: { visits: 12, exact: false }, outcomes: [{ outcome: 'other_way', visits: 12 }] }] },
  ],
  treatment: {
    days: 1,
    face_visits: { visits: 424, exact: true },
    face_seconds: 8.5,
    other_visits: { visits: 88, exact: false },
    other_seconds: 20.5,
    ratio: 2.41,
    other_way_is_slower: true,
  },
  enough: 30,
  slower: 1.5,
}

describe('the statistics', () => {
  const draw = (page: StatisticsPage) => render(StatisticsSheet, { props: { t, page, onturn: none } }).body

  it('c40_say_that_a_total_is_the_least_it_can_be_and_of_a_small_hour_nothing_but_that', () => {
    const html = draw(FIGURES)
    expect(html).toContain('at least 12')
    expect(html).toContain('at least 512')
    expect(html).toContain('Fewer than 10 each: not shown')
    expect(html).toMatch(/aria-checked="true"[^>]*data-day="2026-11-05"/)
  })

  it('c15_c45_l2_say_plainly_and_by_more_than_colour_when_the_other_way_is_slower', () => {
    const slower = draw(FIGURES)
    expect(slower).toMatch(/class="treatment[^"]* slower/)
    expect(slower).toContain('⚠ The other way is slower, by more than 1.5 times.')
    expect(slower).toContain('at least 88 visits, median 20.5 s')
    const equal = draw({ ...FIGURES, treatment: FIGURES.treatment && { ...FIGURES.treatment, ratio: 1.2, other_way_is_slower: false } })
    expect(equal).not.toContain('⚠')
    expect(equal).toContain('about as long (up to 1.5 times)')
  })

  it('c40_say_that_there_are_not_enough_visits_for_a_figure', () => {
    expect(draw({ ...FIGURES, treatment: null })).toContain('Not enough visits yet: 30 of each lane')
  })
})

const INCIDENTS: IncidentsPage = {
  kinds: ['device_lost', 'other'],
  ago: [0, 60],
  measures: ['secured'],
  advice: ['keep_badge'],
  open: [
    { number: 2, kind: 'other', discovered: '11-06 09:00', countdown: null, badges: 0, attendees: 10 },
    { number: 1, kind: 'device_lost', discovered: '11-05 09:00', countdown: { overdue: false, hours: 41, minutes: 12 }, badges: 3, attendees: 10 },
  ],
  recorded: null,
}
const EMPTY: IncidentDraft = { kind: '', major: false, discovered_ago: 0, since_ago: 0, measures: [], advice: [] }

describe('the incidents', () => {
  const draw = (page: IncidentsPage, step: IncidentStep = 'kind', draft = EMPTY, rule?: IncidentRule) =>
    render(IncidentSheet, { props: { t, page, draft, rule, busy: false, step, onstep: none, onput: none, onrecord: none } }).body

  it('c32_show how much time is left to tell those concerned', () => {
    const html = draw(INCIDENTS)
    expect(html).toContain('41 h 12 min left to tell those concerned')
    expect(html).not.toContain('⚠')
    expect(html).not.toContain('data-action="incident-record"')
  })

  it('c32_mark_an_overdue_one_by_more_than_colour', () => {
    const [, major] = INCIDENTS.open
    if (major === undefined) throw new Error('no incident')
    const html = draw({ ...INCIDENTS, open: [{ ...major, countdown: { overdue: true, hours: 3, minutes: 5 } }] })
    expect(html).toContain('⚠ OVERDUE for 3 h 5 min!')
    expect(html).toMatch(/class="open[^"]* overdue/)
  })

  it('c32_follow_the_rule_that_makes_one_major', () => {
    const draft = { ...EMPTY, kind: 'device_lost' }
    const html = draw(INCIDENTS, 'class', draft, { major: true, by_kind: true, deadline: '11-08 09:00' })
    expect(html).toContain('this kind is always major')
    expect(html).toContain('told by 11-08 09:00')
    expect(html).toMatch(/<button[^>]*data-choice="class-usual"[^>]* disabled/)
    const usual = draw(INCIDENTS, 'class', { ...EMPTY, kind: 'other' }, { major: false, by_kind: false, deadline: null })
    expect(usual).not.toMatch(/<button[^>]*data-choice="class-usual"[^>]* disabled/)
    expect(usual).toMatch(/<button[^>]*aria-checked="true"[^>]*data-choice="class-usual"/)
  })

  it('c19_say_beside_what_is_recorded_that_a_note_names_nobody', () => {
    expect(draw(INCIDENTS, 'advice', { ...EMPTY, kind: 'other' })).toContain('no names, numbers, addresses')
  })

  it('c32_are_asked_for_one_question_after_the_other', () => {
    const questions = STEPS.map((step) => draw(INCIDENTS, step, { ...EMPTY, kind: 'other' }))
    const choices = questions.map((html) => [...html.matchAll(/data-choice="(\w+)-/g)].map(([, field]) => field))
    expect(choices.map((fields) => [...new Set(fields)])).toEqual([['kind'], ['class'], ['discovered', 'since'], ['measure'], ['advice']])
    const ways = questions.map((html) => [...html.matchAll(/data-action="incident-(\w+)"/g)].map(([, way]) => way))
    expect(ways).toEqual([['next'], ['back', 'next'], ['back', 'next'], ['back', 'next'], ['back', 'record']])
  })

  it('c32_can_be_recorded_only_once_at_a_time', () => {
    const draft = { ...EMPTY, kind: 'other' }
    expect(draw(INCIDENTS, 'advice', draft)).toMatch(/data-action="incident-record"[^>]* disabled/)
    expect(draw(INCIDENTS, 'advice', draft, { major: false, by_kind: false, deadline: null })).not.toMatch(/data-action="incident-record"[^>]* disabled/)
  })
})

const KIOSK = { own: false, ago: 4, waiting: 0, refused: 0, version: '0.1.0', link: 'connected', clock_off: null } as const
const KIOSKS: KiosksPage = {
  link: 'connected',
  troubled: 1,
  kiosks: [
    { ...KIOSK, name: 'gate-2', health: 'silent', ago: 190, waiting: 12 },
    { ...KIOSK, name: 'gate-1', health: 'serving', own: true, refused: 2, clock_off: -7 },
  ],
  conflicts: [],
}

describe('the kiosks of the venue', () => {
  const draw = (page: KiosksPage) => render(KiosksSheet, { props: { t, page } }).body

  it('mark_a_silent_kiosk_by_more_than_colour', () => {
    const html = draw(KIOSKS)
    expect(html).toContain('⚠ Look after these: 1')
    expect(html).toMatch(/<tr data-kiosk="gate-2" data-health="silent" class="[^"]*late"/)
    expect(html).toMatch(/⚠<\/span> Silent/)
    expect(html).toContain('3 min ago')
    expect(html).toContain('clock wrong by -7 min')
    expect(html).toContain('! 2')
    const fine = draw({ ...KIOSKS, troubled: 0, kiosks: KIOSKS.kiosks.slice(1) })
    expect(fine).toContain('✓ All kiosks serve')
    expect(fine).not.toContain('data-health="silent"')
  })

  it('say_that_visits_go_on_without_the_others', () => {
    expect(draw({ ...KIOSKS, link: 'lost' })).toContain('⚠ No connection to the other kiosks. Go on checking in')
  })

  it('show_a_badge_that_two_kiosks_admitted_and_what_to_do', () => {
    const html = draw({ ...KIOSKS, conflicts: [{ here: '11-05 09:00', kiosk: 'gate-2', there: '11-05 09:01' }] })
    expect(html).toContain('Admitted here and elsewhere: 1')
    expect(html).toContain('Here 11-05 09:00, at gate-2 11-05 09:01')
    expect(html).toContain('tell the supervisor')
  })
})

describe('the platform', () => {
  const PAGE: PlatformPage = {
    account: null,
    locked: false,
    link: 'none',
    waiting: 0,
    endpoints: ['https://a.test', 'https://b.test'],
    lists: [],
    connects: true,
    problem: null,
  }
  const ACCOUNT = { server: 'https://a.test', organiser: 'expo', name: 'Gate 3', list: null, key_since: '2026-11-28', rolling: false }
  const draw = (page: Partial<PlatformPage>) =>
    render(PlatformSheet, {
      props: { t, page: { ...PAGE, ...page }, busy: false, onconnect: none, onlists: none, onchoose: none, onroll: none, ondisconnect: none },
    }).body

  it('c29_offers_the_allowed_endpoints_and_a_field_that_does_not_show_the_token', () => {
    const html = draw({})
    expect(html).toContain('data-endpoint="https://b.test"')
    expect(html).toMatch(/data-field="token"[^>]*type="password"/)
  })

  it('c29_names_the_key_of_the_configuration_that_does_not_allow_an_address', () => {
    const html = draw({ problem: { code: 'not_allowed', address: 'https://c.test' } })
    expect(html).toContain('network.allow')
    expect(html).toContain('https://c.test')
  })

  it('c31_shows_a_supervisor_no_way_to_connect', () => {
    const html = draw({ connects: false })
    expect(html).not.toContain('data-field="token"')
    const connected = draw({ connects: false, account: ACCOUNT })
    expect(connected).not.toContain('platform-roll')
    expect(connected).toContain('platform-disconnect')
  })

  it('offers lists with their event, and a revoked kiosk nothing but another account', () => {
    const lists = [{ event: 'expo', list: 7, name: 'North gate' }]
    expect(draw({ account: ACCOUNT, lists })).toContain('data-list="expo 7"')
    const revoked = draw({ account: ACCOUNT, locked: true, link: 'revoked' })
    expect(revoked).not.toContain('platform-disconnect')
    expect(revoked).toContain('data-field="token"')
  })
})
