import { describe, expect, it } from 'vitest'
import { field, modules } from './qr'

describe('a QR code', () => {
  it('is drawn run by run, each dark module once', () => {
    expect(modules(['1101', '0000', '0010'])).toBe('M0 0h2v1h-2zM3 0h1v1h-1zM2 2h1v1h-1z')
    expect(modules(['00', '00'])).toBe('')
  })

  it('has four light modules on each side', () => {
    expect(field(['1'.repeat(21), ...Array<string>(20).fill('0'.repeat(21))])).toBe('-4 -4 29 29')
  })
})
