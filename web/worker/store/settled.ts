/** Failures of IndexedDB: of many promises about one transaction, none may fail unheard, and one is to be told. */

type Answers<Questions extends readonly (() => unknown)[]> = {
  [At in keyof Questions]: Awaited<ReturnType<Questions[At]>>;
};

/** Asks all of them at once. One that throws as it is asked leaves no other's failure unheard. */
export function inOne<const Questions extends readonly (() => unknown)[]>(
  questions: Questions,
): Promise<Answers<Questions>> {
  return Promise.all(questions.map(async (ask) => ask())) as Promise<Answers<Questions>>;
}

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
