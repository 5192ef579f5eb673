/** The command `shoal` for browser tests: processes at the server of the test, in its folder, which end with it. */
import { join } from 'node:path';
import { ShoalProcess } from '../cli/testing/shoal-process.ts';
import { test as base } from './fixtures.ts';

export { expect } from './fixtures.ts';

interface TerminalParts {
  readonly terminal: (...words: readonly string[]) => ShoalProcess;
}

export const test = base.extend<TerminalParts>({
  terminal: async ({ shoal, folder }, use) => {
    const env = { SHOAL_SERVER: shoal.url, XDG_STATE_HOME: join(folder.path, 'state') };
    const running: ShoalProcess[] = [];
    await use((...words) => {
      const one = new ShoalProcess(words, { folder: folder.path, env });
      running.push(one);
      return one;
    });
    // Before the folder goes in which they write.
    await Promise.all(running.map((one) => one.kill()));
  },
});
