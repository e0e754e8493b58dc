import { FluentResource } from '@fluent/bundle'
import { describe, expect, it } from 'vitest'
import en from '../../../assets/locales/en.ftl?raw'
import zh from '../../../assets/locales/zh.ftl?raw'
import bindings from '../ipc/bindings.ts?raw'
import { words } from './words'

/** Every id of a file, attributes as `id.attribute`. */
function ids(source: string): string[] {
  return new FluentResource(source).body.flatMap(({ id, attributes }) => [
    id,
    ...Object.keys(attributes).map((name) => `${id}.${name}`),
  ])
}

/** The codes of a union in the generated bindings. */
function codes(type: string): string[] {
  const text = bindings.replaceAll(/\/\*[\s\S]*?\*\//g, '')
  const [, union = ''] = text.match(new RegExp(`export type ${type} =([^;]+);`)) ?? []
  const tagged = [...union.matchAll(/"?code"?: "(\w+)"/g)]
  const found = (tagged.length > 0 ? tagged : [...union.matchAll(/"(\w+)"/g)]).map(([, code = '']) => code)
  if (found.length === 0) throw new Error(`${type} is not in the bindings`)
  return found
}

/** Messages that say what happened and what to do, by the union whose codes they explain. */
const PAIRS = {
  'code-problem': 'CodeProblem',
  'admit': 'GateStep',
  'staff-reason': 'StaffReason',
  'staff-detail': 'StaffDetail',
  'denial-reason': 'DenialReason',
  'sign-in-problem': 'SignInProblem',
  'fault-code': 'FaultCode',
  'ui-error': 'UiErrorCode',
  'trouble': 'Trouble',
  'platform-problem': 'PlatformProblem',
}

/** Something for every placeholder. */
const ARGS = { edition: 1, read: 1, of: 2, seconds: 3, left: 2, time: '10:00', staff: '7', version: '1', updated: 'd', contact: 'c', reason: 'r', incident: 'i', records: 2, operator: 'o', photos: 1, parts: 2, until: 'u', on: 'o', about: 'a', visits: 3, threshold: 10, from: 1, below: 2, lane: 'l', slower: 1.5, ratio: 1, days: 2, enough: 30, number: 1, discovered: 'd', hours: 1, minutes: 2, badges: 1, attendees: 2, deadline: 'd', kiosk: 'k', kiosks: 2, n: 3, here: 'h', there: 't' }

describe('the words', () => {
  it('have the same ids in both languages, none of them twice', () => {
    expect(ids(en).toSorted()).toEqual(ids(zh).toSorted())
    expect(new Set(ids(zh)).size).toBe(ids(zh).length)
  })

  it.each(Object.entries(PAIRS))('say what happened and what to do for every code of %s', (prefix, type) => {
    for (const code of codes(type)) {
      expect(ids(zh)).toContain(`${prefix}-${code}`)
      expect(ids(zh)).toContain(`${prefix}-${code}.todo`)
    }
  })

  it('guide through every step of the capture', () => {
    for (const code of codes('Guidance')) expect(ids(zh)).toContain(`guidance-${code}`)
  })

  it('say whether the platform answers', () => {
    for (const code of codes('Link')) expect(ids(zh)).toContain(`technician-link-${code}`)
  })

  it('say how every kiosk of the venue is', () => {
    for (const code of codes('KioskHealth')) expect(ids(zh)).toContain(`kiosks-health-${code}`)
    for (const code of codes('RelayLink')) expect(ids(zh)).toContain(`kiosks-link-${code}`)
    for (const code of codes('Link')) expect(ids(zh)).toContain(`kiosks-platform-${code}`)
  })

  it('say whether evidence is kept by law', () => {
    for (const code of codes('RetentionStatus')) expect(ids(zh)).toContain(`technician-retention-${code}`)
  })

  it('name everything that is held, every request and every explanation', () => {
    for (const [prefix, type] of [['held', 'HeldWhat'], ['request', 'RequestKind'], ['explanation', 'Explanation']] as const) {
      for (const code of codes(type)) expect(ids(zh)).toContain(`${prefix}-${code}`)
    }
  })

  it('head every subject of a policy, and name every proof of a guardian', () => {
    for (const code of codes('GuardianProof')) expect(ids(zh)).toContain(`review-guardian-proof-${code}`)
    for (const code of codes('AgeAnswer')) expect(ids(zh)).toContain(`age-${code}`)
  })

  it.each(['zh', 'en'] as const)('can all be formatted in %s', (language) => {
    for (const id of ids(zh)) {
      // A message may consist of attributes only; none of ours does.
      expect(words(language)(id, ARGS).trim()).not.toBe('')
    }
  })

  it('tell a visitor nothing of attacks, scores or a failure of theirs', () => {
    const isForVisitors = (id: string) => !/^(staff-detail|sign-in|review|requests|technician|fault-code|statistics|incident|kiosks|role)/.test(id)
    const said = (source: string, language: 'zh' | 'en') =>
      ids(source).filter(isForVisitors).map((id) => words(language)(id, ARGS)).join('\n')
    expect(said(en, 'en')).not.toMatch(/attack|fraud|fake|score|accuracy|fail|match|reject/i)
    expect(said(zh, 'zh')).not.toMatch(/攻击|欺诈|冒充|伪造|分数|准确|失败|不匹配|不一致/)
  })
})
