/**
 * A browser whose profile outlives it: it is closed, or killed in the middle of everything, and started again with what
 * was on the disk by then.
 */
import { readdir, readFile } from 'node:fs/promises';
import { chromium, firefox } from 'playwright/test';
import type { BrowserContext } from 'playwright/test';
import { chromiumLaunch, FIREFOX_CHANNEL, firefoxLaunch } from './launch.ts';
import { newPerson } from './person.ts';
import type { Person } from './person.ts';

export class LastingBrowser {
  readonly #name: string;
  /** Of the profile; a folder that nobody else uses. */
  readonly #folder: string;
  #context: BrowserContext | null = null;

  constructor(name: string, folder: string) {
    [this.#name, this.#folder] = [name, folder];
  }

  async start(): Promise<Person> {
    const options = { acceptDownloads: true };
    this.#context =
      this.#name === 'firefox'
        ? await firefox.launchPersistentContext(this.#folder, {
            ...options,
            ...firefoxLaunch,
            channel: FIREFOX_CHANNEL,
          })
        : await chromium.launchPersistentContext(this.#folder, { ...options, ...chromiumLaunch });
    return newPerson(this.#context);
  }

  /** SIGKILL, to all of its processes at once. */
  async kill(): Promise<void> {
    const closed = new Promise((resolve) => this.#context?.on('close', resolve));
    for (const pid of await this.#processes()) process.kill(pid, 'SIGKILL');
    await closed;
    this.#context = null;
  }

  async close(): Promise<void> {
    await this.#context?.close();
  }

  /** Those that were started with this profile. Others of the browser end with the first of them. */
  async #processes(): Promise<number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const named = await Promise.all(
      pids.map(async (pid) => {
        const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // it is gone
        return line.includes(this.#folder) ? pid : null;
      }),
    );
    return named.filter((pid) => pid !== null && pid !== process.pid).map(Number);
  }
}
