import { defineConfig } from 'vite';

// Where `flyoff serve` looks for the page. Nothing there is committed: the wheel's hook, or
// `make web`, builds it.
const out = process.env.FLYOFF_OUT ?? '../src/flyoff/server/static';

export default defineConfig({
  base: './', // works under any path that a proxy puts before it
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    outDir: out,
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // the policy allows files from here, and data: only for images
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200, // the map, which is loaded when a map is first shown
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8765' } },
});
