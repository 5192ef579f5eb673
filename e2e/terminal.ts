/** The command `shoal` for browser tests: processes at the server of the test, in its folder, which end with it. */
import { join } from 'node:path';
import { ShoalProcess } from '../cli/testing/shoal-process.ts';
import type { Folder } from './files.ts';
import { test as base } from './fixtures.ts';

export { expect } from './fixtures.ts';

interface TerminalParts {
  readonly terminal: (...words: readonly string[]) => ShoalProcess;
}

export const test = base.extend<TerminalParts>({
  terminal: async ({ shoal, folder, afterwards }, use) => {
    const env = environmentIn(folder, shoal.url);
    await use((...words) => {
      const one = new ShoalProcess(words, { folder: folder.path, env });
      afterwards(() => one.kill());
      return one;
    });
  },
});

export function environmentIn(folder: Folder, url: string): Readonly<Record<string, string>> {
  return { SHOAL_SERVER: url, XDG_STATE_HOME: join(folder.path, 'state') };
}
