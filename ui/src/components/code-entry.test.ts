import { describe, expect, it } from 'vitest'
import { append, bare, CHECK_SYMBOLS, dropLast, grouped, PAD_LIMIT, SYMBOLS } from './code-entry'

describe('the typed code', () => {
  it('is shown in groups of four', () => {
    expect(grouped('')).toBe('')
    expect(grouped('ABCD')).toBe('ABCD')
    expect(grouped('ABCD5')).toBe('ABCD 5')
    expect(grouped('0123456789ABCDEF*')).toBe('0123 4567 89AB CDEF *')
  })

  it('is sent without the spaces and otherwise as typed', () => {
    expect(bare(grouped('aB3*~$=U-x'))).toBe('aB3*~$=U-x')
  })

  it('grows to the limit and shrinks to nothing', () => {
    const full = 'A'.repeat(PAD_LIMIT)
    expect(append('A', 'B')).toBe('AB')
    expect(append(full, 'B')).toBe(full)
    expect(dropLast('AB')).toBe('A')
    expect(dropLast('')).toBe('')
  })

  it('has the 37 symbols of Crockford', () => {
    expect(new Set([...SYMBOLS, ...CHECK_SYMBOLS]).size).toBe(37)
    for (const left of 'ILO') expect(SYMBOLS).not.toContain(left)
  })
})
