import { describe, expect, it } from 'vitest'
import { clock, remaining, RING } from './countdown'

describe('a countdown', () => {
  it('draws the whole ring at first and nothing at the end', () => {
    expect(remaining(10, 10)).toBe(RING)
    expect(remaining(5, 10)).toBe(RING / 2)
    expect(remaining(0, 10)).toBe(0)
    expect(remaining(12, 10)).toBe(RING)
    expect(remaining(0, 0)).toBe(0)
  })

  it('writes minutes and seconds', () => {
    expect(clock(299)).toBe('4:59')
    expect(clock(60)).toBe('1:00')
    expect(clock(7)).toBe('0:07')
  })
})
