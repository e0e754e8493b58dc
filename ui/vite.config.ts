import { svelte } from '@sveltejs/vite-plugin-svelte'
import { type Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/** Says which packages' code is in the screens, by their folders, for the inventory (POLICY.md C23). */
const bundled: Plugin = {
  name: 'bundled',
  generateBundle(_, bundle) {
    const folders = new Set<string>()
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue
      for (const [id, module] of Object.entries(chunk.modules)) {
        const folder = /.*\/(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]
        if (folder !== undefined && module.renderedLength > 0) folders.add(folder)
      }
    }
    this.emitFile({ type: 'asset', fileName: 'bundled.json', source: JSON.stringify([...folders].sort()) })
  },
}

export default defineConfig({
  plugins: [svelte({ configFile: false }), bundled],
  base: './',
  clearScreen: false,
  // The words are shared with the rest of the repository and lie outside this folder.
  server: { port: 5173, strictPort: true, fs: { allow: ['.', '../assets'] } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // WebKitGTK of Debian 12.
    target: 'safari18',
    // A data: URL would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'], css: true },
})
