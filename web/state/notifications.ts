/**
 * Tells that a download has come to its end, by the system, where the person wants that and does not look at the page
 * ([AP8]). Permission is asked for by a press and never otherwise. Knows no settings: whether it is wanted is an argument.
 */
import type { InfoHash } from '../../shared/ids.ts';
import { displayName } from '../../shared/manifest/display.ts';
import type { Transfer } from './session.ts';

/** What the browser says of it; `missing`: it has no notifications. */
export type Permission = 'missing' | 'not-asked' | 'given' | 'refused';

export interface NotificationPlatform {
  readonly Notification?: Pick<typeof Notification, 'permission' | 'requestPermission'>;
  readonly document: Pick<Document, 'visibilityState'>;
  /** Shows it, by whatever way the browser has; rejects where it has none. */
  readonly show: (title: string, options: NotificationOptions) => Promise<void>;
}

type Ended = Pick<Transfer, 'infoHash' | 'role' | 'phase' | 'manifest'>;

export class Notifications {
  readonly #platform: NotificationPlatform;
  /** Those that were seen while they were downloaded. */
  readonly #running = new Set<InfoHash>();

  constructor(platform: NotificationPlatform) {
    this.#platform = platform;
  }

  get permission(): Permission {
    const { Notification: api } = this.#platform;
    if (api === undefined) return 'missing';
    return api.permission === 'granted' ? 'given' : api.permission === 'denied' ? 'refused' : 'not-asked';
  }

  /** By a press: browsers let nobody else ask. Answers what the permission is then. */
  async ask(): Promise<Permission> {
    if (this.permission === 'not-asked') {
      await this.#platform.Notification?.requestPermission().catch(() => undefined);
    }
    return this.permission;
  }

  /** All shares as they are now, whenever one of them changed. */
  follow(transfers: readonly Ended[], wanted: boolean): void {
    const open = new Set(transfers.map(({ infoHash }) => infoHash));
    for (const infoHash of this.#running) if (!open.has(infoHash)) this.#running.delete(infoHash);
    for (const transfer of transfers) this.#look(transfer, wanted);
  }

  #look({ infoHash, role, phase, manifest }: Ended, wanted: boolean): void {
    if (phase === 'downloading') {
      this.#running.add(infoHash);
      return;
    }
    // One that was here already, or is one's own, has not just come.
    const ended = this.#running.delete(infoHash) && phase === 'complete' && role !== 'sharing';
    if (!ended || !wanted || this.permission !== 'given') return;
    if (this.#platform.document.visibilityState === 'visible') return;
    const body = `“${displayName(manifest?.name ?? 'A download')}” has arrived.`;
    // A second one of the same share takes the first one's place.
    void this.#platform.show('Shoal', { body, tag: infoHash }).catch(() => undefined);
  }
}

/** Those of a page. */
export function notificationsOf(
  page: Window & { readonly Notification?: NotificationPlatform['Notification'] },
  /** Asked when there is something to tell. */
  isWanted: () => Promise<boolean> = async () => true,
): Notifications {
  const registration = async (): Promise<ServiceWorkerRegistration | undefined> =>
    'serviceWorker' in page.navigator ? page.navigator.serviceWorker.getRegistration() : undefined;
  return new Notifications({
    ...(page.Notification === undefined ? {} : { Notification: page.Notification }),
    document: page.document,
    show: async (title, options) => {
      if (await isWanted()) await showBySystem(registration, title, options);
    },
  });
}

/** Through the service worker where there is one: Chromium on Android knows no other way. */
export async function showBySystem(
  registration: () => Promise<ServiceWorkerRegistration | undefined>,
  title: string,
  options: NotificationOptions,
): Promise<void> {
  const found = await registration().catch(() => undefined);
  if (found?.active) await found.showNotification(title, options);
  else new Notification(title, options).onclick = () => window.focus();
}
