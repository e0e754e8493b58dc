/** The words of the screens, from `assets/locales`. */
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle'
import en from '../../../assets/locales/en.ftl?raw'
import zh from '../../../assets/locales/zh.ftl?raw'
import type { Language } from '../ipc/bindings'

/** Looks up words by their Fluent id; `id.attribute` for an attribute such as `.todo`. */
export type Words = (id: string, args?: Record<string, FluentVariable>) => string

/** Language tags for `lang` attributes. */
export const TAGS: Record<Language, string> = { zh: 'zh-Hans', en: 'en' }

function look(source: string, language: Language): Words {
  const bundle = new FluentBundle(TAGS[language], { useIsolating: false })
  const problems = bundle.addResource(new FluentResource(source))
  return (id, args) => {
    const [message = '', attribute] = id.split('.')
    const found = bundle.getMessage(message)
    const pattern = attribute === undefined ? found?.value : found?.attributes[attribute]
    if (pattern === undefined || pattern === null) problems.push(new Error(`no words for ${id} in ${language}`))
    // While developing and in tests a missing word stops; a visitor sees a gap instead.
    const text = pattern ? bundle.formatPattern(pattern, args, problems) : ''
    if (import.meta.env.DEV && problems[0] !== undefined) throw problems[0]
    return text
  }
}

const WORDS: Record<Language, Words> = { zh: look(zh, 'zh'), en: look(en, 'en') }

/** The words of one language. */
export function words(language: Language): Words {
  return WORDS[language]
}
