/** Failures of IndexedDB: of many promises about one transaction, which failure is the one to tell. */

/**
 * Waits for all, then throws the most telling of what went wrong: when a transaction runs out of room its requests
 * fail with a bare AbortError, and only one of the promises carries the quota.
 */
export async function settled(promises: readonly Promise<unknown>[]): Promise<void> {
  const failures = (await Promise.allSettled(promises)).filter((result) => result.status === 'rejected');
  if (failures.length === 0) return;
  throw (failures.find(({ reason }) => isCalled(reason, 'QuotaExceededError')) ?? failures[0])?.reason;
}

/** Some platforms' DOMException is no Error, so only the name is looked at. */
export function isCalled(error: unknown, name: string): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === name;
}
