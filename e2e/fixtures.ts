/**
 * What every browser test of the whole product starts from: the real server with the built page on a free port,
 * people with a browser each (a context of its own: storage, peer id and service worker are theirs alone), and a
 * folder of real files. A test fails when a page complained of anything or talked to any other host.
 */
import { expect, test as base } from 'playwright/test';
import type { Browser, BrowserContextOptions } from 'playwright/test';
import type { RunningServer } from '../signal-server/server.ts';
import { Folder } from './files.ts';
import { newPerson } from './person.ts';
import type { Person } from './person.ts';
import { startShoal } from './shoal.ts';

export interface PersonOptions extends BrowserContextOptions {
  /** Another browser than the project's. */
  readonly browser?: Browser | undefined;
}

interface TestParts {
  /** Somebody else who opens a browser. */
  readonly person: (options?: PersonOptions) => Promise<Person>;
  readonly folder: Folder;
}

interface WorkerParts {
  readonly shoal: RunningServer;
}

export const test = base.extend<TestParts, WorkerParts>({
  shoal: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from its pattern.
    async ({}, use) => {
      const server = await startShoal();
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
  person: async ({ browser }, use) => {
    const people: Person[] = [];
    await use(async ({ browser: other, ...options } = {}) => {
      const context = await (other ?? browser).newContext({ acceptDownloads: true, ...options });
      const person = await newPerson(context);
      people.push(person);
      return person;
    });
    const complaints = people.flatMap((person) => person.complaints);
    await Promise.all(people.map((person) => person.leave()));
    expect(complaints).toEqual([]);
  },
  // eslint-disable-next-line no-empty-pattern -- as above
  folder: async ({}, use) => {
    const folder = await Folder.make();
    await use(folder);
    await folder.remove();
  },
});

export { expect };
