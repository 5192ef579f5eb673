/**
 * What this browser, at this address, lets the page do ([UI6]). Looks only; the words for it are in
 * `sentences.ts`.
 */

/** Why nothing can work here; null where everything needed is there. */
export type Obstacle = 'insecure' | 'no-crypto' | 'no-peers' | 'no-worker';

export interface Features {
  readonly isSecureContext: boolean;
  readonly crypto?: { readonly subtle?: unknown } | undefined;
  readonly RTCPeerConnection?: unknown;
  readonly Worker?: unknown;
}

export function obstacleIn(features: Features): Obstacle | null {
  if (!features.isSecureContext) return 'insecure';
  if (features.crypto?.subtle === undefined) return 'no-crypto';
  if (features.Worker === undefined) return 'no-worker';
  if (features.RTCPeerConnection === undefined) return 'no-peers';
  return null;
}

export interface Keeper {
  readonly userAgent: string;
  readonly storage?: { persist?(): Promise<boolean> } | undefined;
  readonly permissions?:
    { query(what: { name: 'persistent-storage' }): Promise<{ state: string }> } | undefined;
}

/**
 * Asks the browser not to clear away what is stored when the disk runs full. Whatever it answers: nothing depends on
 * it. Firefox would ask the person, so there only if they have agreed before; the others decide by themselves.
 */
export async function askToKeepStorage({ userAgent, storage, permissions }: Keeper): Promise<void> {
  try {
    // What imitates it says "like Gecko", without a version.
    const asksPerson = /\bGecko\//.test(userAgent);
    if (asksPerson && (await permissions?.query({ name: 'persistent-storage' }))?.state !== 'granted') return;
    await storage?.persist?.();
  } catch {
    return; // a refusal is an answer
  }
}

/**
 * True where a database opens. Some private windows have the interface and refuse to open anything; downloads
 * are then kept in memory only. `probe`: the name of one that nobody else uses.
 */
export function storageOpens(factory: IDBFactory | undefined | null, probe: string): Promise<boolean> {
  return new Promise((resolve) => {
    if (!factory) return resolve(false);
    try {
      const opening = factory.open(probe);
      opening.onerror = () => resolve(false);
      opening.onblocked = () => resolve(false);
      opening.onsuccess = () => {
        opening.result.close();
        const removing = factory.deleteDatabase(probe);
        // Whether the probe is gone does not matter for the answer; another tab may hold it for a moment.
        removing.onsuccess = removing.onerror = removing.onblocked = () => resolve(true);
      };
    } catch {
      // A sandboxed frame throws instead of failing the request: the answer is the same.
      resolve(false);
    }
  });
}
