/** The present view: the only state of the screens. */
import { listen } from '@tauri-apps/api/event'
import { tick } from 'svelte'
import { type Readable, writable } from 'svelte/store'
import type { UiError, View } from './bindings'
import { currentView, painted, shown } from './commands'

/** How long words on a refused command stay, in milliseconds. */
const REFUSAL_STAYS = 4000

/** Holds the newest view; views may arrive out of order, older ones are ignored. */
export class ViewStore implements Readable<View | undefined> {
  readonly #views = writable<View | undefined>(undefined)
  #revision = -1
  readonly subscribe = this.#views.subscribe

  /** Takes a view; false when a newer one is already shown. */
  accept(view: View): boolean {
    if (view.revision < this.#revision) return false
    this.#revision = view.revision
    this.#views.set(view)
    return true
  }

  /** Revision shown now, -1 before the first. */
  get revision(): number {
    return this.#revision
  }
}

export const view = new ViewStore()

const refusals = writable<UiError | undefined>(undefined)
/** The last refused command, for a short while; `stopped` stays. */
export const refusal: Readable<UiError | undefined> = { subscribe: refusals.subscribe }

function isUiError(error: unknown): error is UiError {
  return typeof error === 'object' && error !== null && 'code' in error && 'incident_id' in error
}

/** Runs a command. A refusal is shown, unless the screen has moved on meanwhile. */
export async function run(command: Promise<unknown>): Promise<void> {
  const asked = view.revision
  try {
    await command
  } catch (error) {
    const words: UiError = isUiError(error) ? error : { code: 'stopped', incident_id: '' }
    if (words.code === 'not_now' && view.revision !== asked) return
    refusals.set(words)
    if (words.code !== 'stopped') {
      setTimeout(() => refusals.update((now) => (now === words ? undefined : now)), REFUSAL_STAYS)
    }
  }
}

function firstFramePainted(): Promise<void> {
  // The first callback runs before the frame with the view is painted, the second after.
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))
}

/** How often the window says that it is there, in milliseconds; it is replaced when it does not. */
const SIGN_OF_LIFE = 1000

/** Takes a view and says so once the screen has it. A refusal says elsewhere that the kiosk has stopped. */
async function take(next: View): Promise<void> {
  if (!view.accept(next)) return
  await tick()
  await shown(view.revision).catch(() => undefined)
}

/** Listens to views, asks for the present one, and reports the first painted frame. */
export async function connect(): Promise<void> {
  await run(
    (async () => {
      await listen<View>('view', (event) => void take(event.payload))
      await take(await currentView())
      setInterval(() => void shown(view.revision).catch(() => undefined), SIGN_OF_LIFE)
      await firstFramePainted()
      await painted()
    })(),
  )
}
