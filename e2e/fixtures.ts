/**
 * What every browser test of the whole product starts from: the real server with the built page on a free port,
 * people with a browser each (a context of its own: storage, peer id and service worker are theirs alone), and a
 * folder of real files. A test fails when a page complained of anything or talked to any other host. Tests that need
 * none of this take their `test` from here too: a worker of Playwright's, with its browser, serves one kind of it.
 */
import { expect, test as base } from 'playwright/test';
import type { Browser, BrowserContextOptions } from 'playwright/test';
import type { RunningServer } from '../signal-server/server.ts';
import { Folder } from './files.ts';
import { newPerson } from './person.ts';
import type { Person } from './person.ts';
import { startShoal } from './shoal.ts';

/** For a test of what is the same in every browser: Chromium alone has it. */
export const ONE_BROWSER = { tag: '@one-browser' } as const;

export interface PersonOptions extends BrowserContextOptions {
  /** Another browser than the project's. */
  readonly browser?: Browser | undefined;
}

/** For somebody who saves nothing: to install a service worker for nothing takes as long as a small transfer. */
export const SENDS: PersonOptions = { serviceWorkers: 'block' };

/** Who takes part in a test, and what there is to tidy up when they have left. */
export interface Company {
  readonly people: Person[];
  /** The last one first. */
  readonly undoings: (() => Promise<void>)[];
}

export interface TestParts {
  readonly company: Company;
  /** Somebody else who opens a browser. */
  readonly person: (options?: PersonOptions) => Promise<Person>;
  /** Does this when everybody has left: a page complains of a server that goes before it does. */
  readonly afterwards: (undo: () => Promise<void>) => void;
  readonly folder: Folder;
}

export interface WorkerParts {
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
  // eslint-disable-next-line no-empty-pattern -- as above
  company: async ({}, use) => {
    const company: Company = { people: [], undoings: [] };
    await use(company);
    const complaints = company.people.flatMap((person) => person.complaints);
    await Promise.all(company.people.map((person) => person.leave()));
    for (const undo of company.undoings) await undo();
    expect(complaints).toEqual([]);
  },
  person: async ({ browser, company }, use) => {
    await use(async ({ browser: other, ...options } = {}) => {
      const context = await (other ?? browser).newContext({ acceptDownloads: true, ...options });
      const person = await newPerson(context);
      company.people.push(person);
      return person;
    });
  },
  afterwards: async ({ company }, use) => {
    await use((undo) => {
      company.undoings.unshift(undo);
    });
  },
  // eslint-disable-next-line no-empty-pattern -- as above
  folder: async ({}, use) => {
    const folder = await Folder.make();
    await use(folder);
    await folder.remove();
  },
});

export { expect };
