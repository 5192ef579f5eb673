/**
 * One person with a browser of their own, and what they do on the page: share, open a link, download. Collects what
 * their page complains of (errors in the console, exceptions, violations of the content security policy) and every
 * request to another host than the one they opened. Waits for what is seen on the page, never for time.
 */
import { expect } from 'playwright/test';
import type { BrowserContext, Download, Locator, Page } from 'playwright/test';
import { codeHere } from './code-here.ts';

/** For a link to be made and for people to find each other, on a busy machine. */
const PATIENCE = { timeout: 45_000 };
/** For a file to come over. */
export const TRANSFER_PATIENCE = { timeout: 150_000 };

export async function newPerson(context: BrowserContext): Promise<Person> {
  const complaints: string[] = [];
  let home: string | null = null;
  context.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (!/^(?:http|ws)s?:$/.test(protocol)) return;
    home ??= host;
    if (host !== home) complaints.push(`asked another host: ${request.url()}`);
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  return new Person(context, page, complaints);
}

export class Person {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly #complaints: readonly string[];
  readonly #pardoned: RegExp[] = [];
  /** Of this page. */
  readonly #downloads: Download[] = [];

  constructor(context: BrowserContext, page: Page, complaints: readonly string[]) {
    this.context = context;
    this.page = page;
    this.#complaints = complaints;
    page.on('download', (download) => this.#downloads.push(download));
  }

  /** What the page complained of and was not pardoned. */
  get complaints(): readonly string[] {
    return this.#complaints.filter((complaint) => !this.#pardoned.some((pattern) => pattern.test(complaint)));
  }

  /** Complaints that the test brings about: the browser itself logs a server that is not there. */
  pardon(pattern: RegExp): void {
    this.#pardoned.push(pattern);
  }

  get heading(): Locator {
    return this.page.getByRole('heading', { level: 1 });
  }

  /** Of the download, 0–100. */
  async percent(): Promise<number> {
    const bar = this.page.getByRole('progressbar', { name: 'Download progress' });
    return Number(await bar.getAttribute('aria-valuenow'));
  }

  /** The one sentence about where things stand. */
  get status(): Locator {
    return this.page.getByRole('status');
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name });
  }

  /** Chooses files on the first page and answers the link. */
  async share(address: string, paths: string | readonly string[]): Promise<string> {
    // Whoever is on a page of this address already goes there without loading it anew.
    await this.page.goto(this.page.url().startsWith(`${address}/`) ? `${address}/#/` : address);
    await this.page.getByLabel('Choose files').setInputFiles(paths);
    return this.link();
  }

  /** So that a link lives on with the file alone, and not with a copy that the browser makes ([LB6]). */
  async keepNoCopies(address: string): Promise<void> {
    await this.page.goto(`${address}/#/settings`);
    const copies = this.page.getByRole('checkbox', { name: 'Keep a copy of small files' });
    await copies.uncheck();
    await this.page.reload();
    await expect(copies).not.toBeChecked();
  }

  async shareFolder(address: string, path: string): Promise<string> {
    await this.page.goto(address);
    await this.page.getByLabel('Choose a folder').setInputFiles(path);
    return this.link();
  }

  /** As from the desktop, with all that lies in it. Chromium alone. */
  async drop(address: string, path: string): Promise<string> {
    await this.page.goto(address);
    const devtools = await this.context.newCDPSession(this.page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await devtools.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data });
    }
    return this.link();
  }

  /** Of the share that this page shows, once it is made. */
  async link(): Promise<string> {
    const box = this.page.getByRole('textbox', { name: 'Share link' });
    await expect(box).toHaveValue(/#[\w-]{43}$/, PATIENCE);
    return box.inputValue();
  }

  /** [UI10] A key that does nothing: a page that was never here before need not wait for its first use. */
  async touch(): Promise<void> {
    await this.page.keyboard.press('Shift');
  }

  /**
   * Waits until the page's own service worker has taken it over: everything it may need is on this device then. One
   * that stands higher up on the same origin may have been there before.
   */
  async installed(): Promise<void> {
    await this.touch();
    await this.page.evaluate(async () => {
      const own = new URL('sw.js', document.baseURI).href;
      while (navigator.serviceWorker.controller?.scriptURL !== own) {
        await new Promise((taken) =>
          navigator.serviceWorker.addEventListener('controllerchange', taken, { once: true }),
        );
      }
    });
  }

  /**
   * Waits until the code for connections is here, which a page with a link loads behind everything else. Firefox writes
   * an error where somebody leaves before that.
   */
  async readyToConnect(): Promise<void> {
    await codeHere(this.page, 'connections');
  }

  /** Opens a link and waits until the share can be downloaded. */
  async open(link: string): Promise<void> {
    await this.page.goto(link);
    await expect(this.button('Download')).toBeVisible(PATIENCE);
  }

  /** Presses Download and does not wait for anything to arrive. Something small may be here at once, and never pausable. */
  async begin(): Promise<void> {
    await this.button('Download').click();
    await expect(this.button('Pause').or(this.button('Save again')).first()).toBeVisible();
  }

  /** Pieces that are checked and stored, as the piece map tells. */
  async storedPieces(): Promise<number> {
    const label = await this.page.getByRole('img', { name: 'Piece map' }).getAttribute('aria-label');
    return Number(/(\d+) of \d+/.exec(label ?? '')?.[1] ?? 0);
  }

  /** The file that is saved when the page says so: one that broke off while it came is saved anew ([SA18]). */
  async savedAtLast(): Promise<Download> {
    await expect(this.status).toHaveText(/Saved to your downloads/, TRANSFER_PATIENCE);
    return this.#downloads.at(-1) ?? this.page.waitForEvent('download');
  }

  /** Presses Download and answers the file that the browser saves by itself; it may still come ([SA16]). */
  async download(): Promise<Download> {
    await this.#readyToSave();
    const [download] = await Promise.all([
      this.page.waitForEvent('download', TRANSFER_PATIENCE),
      this.button('Download').click(),
    ]);
    return download;
  }

  /** Presses Download, and Save when everything is here. */
  async downloadSeveral(): Promise<Download> {
    await this.#readyToSave();
    await this.button('Download').click();
    const [download] = await Promise.all([
      this.page.waitForEvent('download', TRANSFER_PATIENCE),
      this.button('Save').click(TRANSFER_PATIENCE),
    ]);
    return download;
  }

  async receive(link: string): Promise<Download> {
    await this.open(link);
    return this.download();
  }

  /**
   * Where a service worker can be installed, until it is; elsewhere until what saves without one is here. A page saves
   * without one that takes too long, which is told by no browser but Chromium.
   */
  async #readyToSave(): Promise<void> {
    await this.touch();
    // The way of the installed worker, the way without one, or neither yet. `waitForFunction` would not wait for a promise.
    const way = (): Promise<string> =>
      this.page.evaluate(async () => {
        const registration = await navigator.serviceWorker?.getRegistration();
        if (registration?.scope === new URL('./', document.baseURI).href)
          return registration.active?.state ?? 'installing';
        const loaded = performance.getEntriesByType('resource');
        return loaded.some(({ name }) => name.includes('/blob-save-')) ? 'without' : 'neither';
      });
    await expect.poll(way, TRANSFER_PATIENCE).toMatch(/^(?:activated|without)$/);
    if ((await way()) === 'without') await codeHere(this.page, 'blob-save');
  }

  /** Closes the browser window with all that runs in it. Harmless when it is closed. */
  async leave(): Promise<void> {
    await this.context.close();
  }
}
