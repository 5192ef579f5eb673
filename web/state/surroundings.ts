/**
 * What this browser, at this address, lets the page do ([UI6]). Looks only; the words for it are in
 * `sentences.ts`.
 */

/** What the page cannot do without. */
export type Need = 'language' | 'crypto' | 'worker' | 'channels';

/** Why nothing can work here: the address, or the browser, which lacks all of these. */
export type Obstacle =
  { readonly kind: 'insecure' } | { readonly kind: 'lacking'; readonly needs: readonly Need[] };

/** As `window` has them. */
export interface Features {
  readonly isSecureContext: boolean;
  readonly String: { readonly prototype: { readonly isWellFormed?: unknown } };
  readonly crypto?: { readonly subtle?: unknown } | undefined;
  readonly RTCPeerConnection?: { readonly prototype: { readonly createDataChannel?: unknown } } | undefined;
  readonly Worker?: unknown;
}

/** Null where everything needed is there. */
export function obstacleIn(features: Features): Obstacle | null {
  // Elsewhere browsers hide what they have.
  if (features.isSecureContext === false) return { kind: 'insecure' };
  const has: Readonly<Record<Need, boolean>> = {
    // The newest thing that is used: who has it has module workers, BigInt and all the rest of the language, too.
    language: features.String.prototype.isWellFormed !== undefined,
    crypto: features.crypto?.subtle !== undefined,
    worker: features.Worker !== undefined,
    channels: features.RTCPeerConnection?.prototype.createDataChannel !== undefined,
  };
  const all: readonly Need[] = ['language', 'crypto', 'worker', 'channels'];
  const needs = all.filter((need) => !has[need]);
  return needs.length === 0 ? null : { kind: 'lacking', needs };
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

/** Whether there is a database of that name; false where the browser does not say. */
export async function databaseIsThere(
  factory: IDBFactory | undefined | null,
  name: string,
): Promise<boolean> {
  try {
    return (await factory?.databases())?.some((database) => database.name === name) ?? false;
  } catch {
    return false; // older browsers and some private windows
  }
}
