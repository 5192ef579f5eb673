/** What the browser says of the room that it gives this site ([UI16]). What it does not say is null. */

export interface Figures {
  /** Bytes that it counts for the whole site, beyond our shares its own files. */
  readonly usedBytes: number | null;
  readonly quotaBytes: number | null;
  /** It has promised not to clear away what is stored when the disk runs full. */
  readonly isPromised: boolean | null;
}

export type Storage = Partial<Pick<StorageManager, 'estimate' | 'persisted' | 'persist'>> | undefined;

export async function figuresOf(storage: Storage): Promise<Figures> {
  const [estimate, isPromised] = await Promise.all([
    storage?.estimate?.().catch(() => null),
    storage?.persisted?.().catch(() => null),
  ]);
  return {
    usedBytes: estimate?.usage ?? null,
    quotaBytes: estimate?.quota ?? null,
    isPromised: isPromised ?? null,
  };
}

/** The person asked for it; a browser may ask them back, or decide by itself. */
export async function askForPromise(storage: Storage): Promise<boolean> {
  return (await storage?.persist?.().catch(() => false)) ?? false;
}
