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

/** Modules of the page by the names of their files, with and without what follows the name in a module's id. */
const named = (...names: readonly string[]): RegExp =>
  new RegExp(`[\\\\/]web[\\\\/](?:.*[\\\\/])?(?:${names.join('|')})\\.(?:svelte|ts)`);

/**
 * [SA7] Each file that the service worker keeps costs time on its own, whatever its size: what is loaded together is one.
 * What a group needs comes along with it, so the first of those that need a module has it.
 */
const CHUNKS = [
  { name: 'start', tags: ['$initial' as const] },
  // All of what is not there from the start.
  { name: 'styles', test: /type=style|\.css$/ },
  // Loaded behind the first paint.
  { name: 'as-app', test: named('as-app\\.svelte', 'picked-files') },
  {
    name: 'shared',
    test: named(
      'AskTwice',
      'CheckField',
      'RenamedList',
      'blob-download',
      'file-sentences',
      'find-sentences',
      'resource-sentences',
      'share-labels',
      'stored-rows',
    ),
  },
  // Of the pages of a share.
  {
    name: 'parts',
    test: named(
      'FolderSaving',
      'ListPublicly',
      'PassOn',
      'SavedNames',
      'ShareDetails',
      'SharedNames',
      'Takers',
      'TakesHere',
    ),
  },
  // Of web addresses, wherever they stand.
  { name: 'web', test: named('WebAddresses', 'WebFetch', 'WebSwarm', 'own-config', 'web-sentences') },
  { name: 'tables', test: named('Chart', 'DataTable') },
  { name: 'settings', test: named('Settings', 'ShortcutList') },
  // What comes from other apps and in resource files.
  { name: 'opened', test: named('Received', 'opened-resource') },
  { name: 'qr', test: /[\\/]uqr[\\/]/ },
];

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
        // No pictures: the system and other sites ask for them, and not without a network.
        globPatterns: ['**/*.{js,css,html,svg,webmanifest}'],
        target: 'es2022',
      },
      includeManifestIcons: false,
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
    rolldownOptions: {
      // A module of bounds would be a file of its own otherwise, for those that read one of them.
      optimization: { inlineConst: { mode: 'all' } },
      output: { codeSplitting: { groups: CHUNKS } },
    },
    modulePreload: {
      polyfill: false,
      // [UI10] The page need not know by name all that its parts load themselves; their style has to be there before them.
      resolveDependencies: (_, dependencies, { hostType }) =>
        hostType === 'html' ? dependencies : dependencies.filter((name) => name.endsWith('.css')),
    },
  },
});
