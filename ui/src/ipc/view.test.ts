import { get } from 'svelte/store'
import { describe, expect, it } from 'vitest'
import type { View } from './bindings'
import { ViewStore } from './view'

const at = (revision: number, language: View['language'] = 'zh'): View => ({
  revision,
  language,
  seconds_left: null,
  demonstration: false,
  screen: { name: 'prepare' },
})

describe('the view store', () => {
  it('shows nothing before the first view', () => {
    expect(get(new ViewStore())).toBeUndefined()
  })

  it('shows a newer view', () => {
    const store = new ViewStore()
    expect(store.accept(at(0))).toBe(true)
    expect(store.accept(at(1, 'en'))).toBe(true)
    expect(get(store)).toEqual(at(1, 'en'))
  })

  it('ignores an older view, such as the answer of current_view after an event', () => {
    const store = new ViewStore()
    store.accept(at(7))
    expect(store.accept(at(6, 'en'))).toBe(false)
    expect(get(store)).toEqual(at(7))
  })
})
