/// <reference types="vitest/config" />
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { mockServer } from './mock/server.ts';

// `npm run dev` talks to the server of `./dev up`; `npm run mock` to an invented fleet, for looking at pages.
const target = process.env.MUSTER_SERVER ?? 'https://localhost:8443';

export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === 'mock' ? [mockServer()] : [])],
  server: {
    ...(mode === 'mock' ? {} : { proxy: { '/api': { target, secure: false, changeOrigin: true, headers: { origin: target } } } }),
  },
  build: {
    // The content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    chunkSizeWarningLimit: 700,
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
}));
