/**
 * Builds the page, its worker and its service worker. Every file the page can need is hashed under assets/, so that
 * the server may call it immutable; nothing is fetched from anywhere else. No address begins with a slash: the page
 * may stand under any path ([UI12]).
 */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { webManifest } from './web/web-manifest.ts';

/** [AP6] Which page the server has: the name of its script, for pages that are open to compare with their own. */
const servedVersion: Plugin = {
  name: 'served-version',
  apply: 'build',
  generateBundle(_, bundle) {
    const start = Object.values(bundle).find((file) => file.type === 'chunk' && file.isEntry);
    if (start === undefined) this.error('the page has no script');
    this.emitFile({ type: 'asset', fileName: 'version.txt', source: `${start.fileName}\n` });
  },
};

export default defineConfig({
  base: './',
  publicDir: 'web/public',
  plugins: [
    svelte(),
    servedVersion,
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'web/sw',
      filename: 'sw.ts',
      registerType: 'prompt',
      injectRegister: false,
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,svg,png,webmanifest}'],
        globIgnores: ['preview.png'], // for others than the page
        target: 'es2022',
      },
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
    modulePreload: {
      polyfill: false,
      // [UI10] The page need not know by name all that its parts load themselves; their style has to be there before them.
      resolveDependencies: (_, dependencies, { hostType }) =>
        hostType === 'html' ? dependencies : dependencies.filter((name) => name.endsWith('.css')),
    },
  },
});
