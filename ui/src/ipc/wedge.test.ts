import { describe, expect, it } from 'vitest'
import { LONGEST_CODE, LONGEST_GAP, Wedge } from './wedge'

function type(wedge: Wedge, text: string, from = 0, step = 5, inTextField = false) {
  return [...text, 'Enter'].map((key, i) => wedge.press({ key, at: from + i * step, inTextField })).at(-1)
}

describe('a keyboard scanner', () => {
  it('yields the code at Enter, as typed', () => {
    expect(type(new Wedge(), 'aB3*~$=U')).toEqual({ kind: 'code', code: 'aB3*~$=U' })
  })

  it('yields one code after another', () => {
    const wedge = new Wedge()
    type(wedge, 'FIRST')
    expect(type(wedge, 'SECOND', 40)).toEqual({ kind: 'code', code: 'SECOND' })
  })

  it('starts again after a gap that only a person makes', () => {
    const wedge = new Wedge()
    wedge.press({ key: 'X', at: 0, inTextField: false })
    expect(type(wedge, 'CODE', LONGEST_GAP + 1)).toEqual({ kind: 'code', code: 'CODE' })
  })

  it('bears a gap just short enough', () => {
    const wedge = new Wedge()
    wedge.press({ key: 'X', at: 0, inTextField: false })
    expect(type(wedge, 'CODE', LONGEST_GAP)).toEqual({ kind: 'code', code: 'XCODE' })
  })

  it('leaves a slow Enter to the button that has the focus', () => {
    const wedge = new Wedge()
    wedge.press({ key: 'X', at: 0, inTextField: false })
    expect(wedge.press({ key: 'Enter', at: 500, inTextField: false })).toEqual({ kind: 'ignored' })
  })

  it('ignores Shift and other keys without a character', () => {
    const wedge = new Wedge()
    wedge.press({ key: 'A', at: 0, inTextField: false })
    wedge.press({ key: 'Shift', at: 1, inTextField: false })
    expect(type(wedge, 'B', 2)).toEqual({ kind: 'code', code: 'AB' })
  })

  it('leaves a text field alone and forgets what came before it', () => {
    const wedge = new Wedge()
    wedge.press({ key: 'A', at: 0, inTextField: false })
    expect(type(wedge, 'B', 1, 1, true)).toEqual({ kind: 'ignored' })
    expect(wedge.press({ key: 'Enter', at: 4, inTextField: false })).toEqual({ kind: 'ignored' })
  })

  it('takes the longest code and drops a longer one whole', () => {
    const longest = 'A'.repeat(LONGEST_CODE)
    expect(type(new Wedge(), longest)).toEqual({ kind: 'code', code: longest })
    const wedge = new Wedge()
    expect(type(wedge, `${longest}AAAA`)).toEqual({ kind: 'ignored' })
    expect(type(wedge, 'NEXT', 10_000)).toEqual({ kind: 'code', code: 'NEXT' })
  })
})
