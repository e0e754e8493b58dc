import { describe, expect, it } from 'vitest'

const sources = import.meta.glob<string>('../**/*.{ts,svelte}', { query: '?raw', import: 'default', eager: true })

describe('the boundary to Rust', () => {
  it('is crossed in ipc/ only', () => {
    const outside = Object.entries(sources).filter(([path, text]) => path.startsWith('../') && text.includes('@tauri-apps'))
    expect(outside.map(([path]) => path)).toEqual([])
  })
})
