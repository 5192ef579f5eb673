import { availableParallelism } from 'node:os';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Each entry of Svelte that the page's code comes to import: one that were missing here would bring a second Svelte. */
const svelteEntries = [
  '',
  '/internal/client',
  '/internal/disclose-version',
  '/internal/flags/legacy',
  '/reactivity',
];

export default defineConfig({
  plugins: [svelte()],
  // For the tests that ask for a DOM (`@vitest-environment happy-dom`), and for them alone: all others are Node's.
  environments: { client: { resolve: { conditions: ['browser'] } } },
  test: {
    projects: [
      {
        extends: true,
        // Half of the processor's time would go into starting a process and loading the same modules for each file.
        test: {
          name: 'plain',
          isolate: false,
          include: [
            'shared/**/*.test.ts',
            'signal-server/**/*.test.ts',
            'cli/**/*.test.ts',
            'web/{state,worker}/**/*.test.ts',
            'scripts/**/*.test.ts',
            'e2e/**/*.test.ts',
          ],
        },
      },
      // What is mocked, and the documents, are each file's own.
      {
        extends: true,
        test: { name: 'page', include: ['web/**/*.test.ts'], exclude: ['web/{state,worker}/**'] },
      },
    ],
    environment: 'node',
    maxWorkers: availableParallelism(), // by itself it leaves one core idle, which is half of a small machine
    testTimeout: 60_000, // simulations compute for long on a busy machine
    deps: {
      optimizer: {
        // Bundled once: otherwise each such file would load two hundred modules of Svelte by itself.
        client: {
          enabled: true,
          include: [
            ...svelteEntries.map((entry) => `svelte${entry}`),
            '@testing-library/dom',
            '@testing-library/svelte',
            '@testing-library/user-event',
          ],
        },
      },
    },
  },
});
