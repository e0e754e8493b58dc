import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [svelte({ configFile: false })],
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
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
})
