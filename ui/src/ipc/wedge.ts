/** Badge scanners that act as a keyboard: they type the code and press Enter. */
import type { Screen } from './bindings'

/** A person does not type this fast, a scanner is never this slow. Milliseconds. */
export const LONGEST_GAP = 100
/** Longest code that the kiosk accepts, in characters. */
export const LONGEST_CODE = 512

/** One key press: `key` as in `KeyboardEvent.key`, `at` in milliseconds. */
export interface KeyPress {
  key: string
  at: number
  inTextField: boolean
}

/** What became of a key press. */
export type Heard =
  /** Not for the scanner: let the page have it. */
  | { kind: 'ignored' }
  /** Part of a code. */
  | { kind: 'collected'; characters: number }
  /** Enter: the code is complete. */
  | { kind: 'code'; code: string }

/** Collects key presses into codes. */
export class Wedge {
  #code = ''
  #last = Number.NEGATIVE_INFINITY
  #tooLong = false

  /** Takes one key press. */
  press({ key, at, inTextField }: KeyPress): Heard {
    if (inTextField) {
      this.clear()
      return { kind: 'ignored' }
    }
    const isCharacter = [...key].length === 1
    if (!isCharacter && key !== 'Enter') return { kind: 'ignored' }
    if (at - this.#last > LONGEST_GAP) this.clear()
    this.#last = at
    return key === 'Enter' ? this.#end() : this.#collect(key)
  }

  /** Forgets what was collected. */
  clear(): void {
    this.#code = ''
    this.#tooLong = false
  }

  #collect(key: string): Heard {
    if (this.#code.length + key.length > LONGEST_CODE) {
      this.#code = ''
      this.#tooLong = true
    }
    if (!this.#tooLong) this.#code += key
    return { kind: 'collected', characters: this.#code.length }
  }

  #end(): Heard {
    const code = this.#code
    this.clear()
    return code === '' ? { kind: 'ignored' } : { kind: 'code', code }
  }
}

const LISTENING: ReadonlySet<Screen['name']> = new Set(['attract', 'policy', 'identify', 'code_problem', 'farewell'])

/** A panel that takes what is scanned while it is open, whatever the screen. */
let taker: ((code: string) => void) | undefined

/** Gives what is scanned to `onCode` until the returned function is called. */
export function takeCodes(onCode: (code: string) => void): () => void {
  taker = onCode
  return () => {
    if (taker === onCode) taker = undefined
  }
}

/**
 * Listens to the window's keys while `screen()` takes codes. Returns the function that ends it.
 * A key inside a code is kept from the page, or it would press the button that has the focus.
 */
export function listenForCodes(screen: () => Screen['name'] | undefined, onCode: (code: string) => void): () => void {
  const wedge = new Wedge()
  const onKey = (event: KeyboardEvent) => {
    const name = screen()
    const inTextField = event.target instanceof HTMLInputElement
    if (event.ctrlKey || event.altKey || event.metaKey) {
      wedge.clear()
      return
    }
    if (name === undefined || !(taker !== undefined || LISTENING.has(name))) {
      wedge.clear()
      // A scan belongs to no other screen: its Enter must not press a button there.
      if (!inTextField) event.preventDefault()
      return
    }
    const heard = wedge.press({ key: event.key, at: event.timeStamp, inTextField })
    if (heard.kind === 'code' || (heard.kind === 'collected' && heard.characters > 1)) event.preventDefault()
    if (heard.kind === 'code') (taker ?? onCode)(heard.code)
  }
  window.addEventListener('keydown', onKey, { capture: true })
  return () => window.removeEventListener('keydown', onKey, { capture: true })
}
