import type { Language, Screen } from '../ipc/bindings'
import type { Words } from '../i18n/words'

/** What every screen is given besides its own view model. */
export interface Surroundings {
  t: Words
  language: Language
  /** Seconds until the step ends by itself, where the visitor should know. */
  seconds: number | null
}

/** The properties of the screen called `N`. */
export interface ScreenProps<N extends Screen['name']> {
  around: Surroundings
  screen: Extract<Screen, { name: N }>
}
