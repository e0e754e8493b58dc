/** Contrast of the colours that the screens are drawn with, as WCAG 2.2 computes it. */
import { describe, expect, it } from 'vitest'
import sheet from './kiosk.css?raw'

const COLOURS = new Map([...sheet.matchAll(/--([\w-]+): (#[\da-f]{6});/g)].map(([, name = '', value = '']) => [name, value]))

function luminance(colour: string): number {
  const part = (from: number) => {
    const value = Number.parseInt(colour.slice(from, from + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

function contrast(one: string, other: string): number {
  const of = (name: string) => luminance(COLOURS.get(name) ?? '')
  const [lower = 0, higher = 0] = [of(one), of(other)].toSorted((a, b) => a - b)
  return (higher + 0.05) / (lower + 0.05)
}

describe('contrast', () => {
  it('is computed as WCAG does', () => {
    expect(luminance('#ffffff')).toBeCloseTo(1)
    expect(luminance('#000000')).toBe(0)
    expect(COLOURS.size).toBeGreaterThan(8)
  })

  // 1.4.6: 7 for text; 1.4.3: 4.5 for what is said besides; 1.4.11: 3 for the edges of controls.
  const PAIRS: [string, string, number][] = [
    ['ink', 'paper', 7],
    ['ink', 'card', 7],
    ['quiet', 'paper', 4.5],
    ['quiet', 'card', 4.5],
    ['on-accent', 'accent', 7],
    ['accent', 'paper', 4.5],
    ['on-accent', 'go', 4.5],
    ['paper', 'ink', 7],
    ['line', 'card', 3],
    ['line', 'paper', 3],
  ]
  it('l7_text_and_edges_of_controls_have_the_contrast_that_wcag_asks_for', () => {
    for (const [one, other, least] of PAIRS) expect(contrast(one, other), `${one} on ${other}`).toBeGreaterThanOrEqual(least)
  })
})
