import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // Everything is a file of its own: the policy of the page allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    outDir: process.env.PM_WEB_OUT ?? 'dist',
    emptyOutDir: true,
    reportCompressedSize: false,
  },
  // ./dev web: the page from its sources, the API of a node behind it.
  server: {
    proxy: { '/api': { target: process.env.PM_API ?? 'https://127.0.0.1:8443', secure: false } },
  },
  test: { include: ['{src,tools}/**/*.test.{ts,mjs}'] },
});
