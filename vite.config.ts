/**
 * Builds the page, its worker and its service worker. Every file the page can need is hashed under assets/, so that
 * the server may call it immutable; nothing is fetched from anywhere else. No address begins with a slash: the page
 * may stand under any path ([UI12]).
 */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

const webManifest = {
  name: 'Shoal',
  short_name: 'Shoal',
  description: 'Drop a file, send the link. It goes straight from browser to browser.',
  display: 'standalone' as const,
  start_url: './',
  scope: './',
  background_color: '#06171d',
  theme_color: '#0a6b75',
  icons: [
    { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
    { src: 'icon-512.png', sizes: '512x512', type: 'image/png' },
    { src: 'icon-maskable.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  ],
};

export default defineConfig({
  base: './',
  publicDir: 'web/public',
  plugins: [
    svelte(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'web/sw',
      filename: 'sw.ts',
      registerType: 'prompt',
      injectRegister: false,
      injectManifest: { globPatterns: ['**/*.{js,css,html,svg,png,webmanifest}'], target: 'es2022' },
      manifest: webManifest,
    }),
  ],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    outDir: process.env['SHOAL_OUT_DIR'] ?? 'dist',
    emptyOutDir: true,
    // A data: URL would have to be allowed by the content security policy one kind at a time.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
