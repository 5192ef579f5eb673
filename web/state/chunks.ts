/**
 * The door to all code that is loaded only when it is used ([AP6]): what does not come may be gone for good, because the
 * server has another version by now, and somebody should look. Knows neither servers nor what is loaded.
 */
let told: () => void = () => undefined;

/** `tell` is called whenever code did not come, in place of what was called until now. */
export function whenCodeIsMissing(tell: () => void): void {
  told = tell;
}

/** Code did not come. */
export function codeIsMissing(): void {
  told();
}

/** What `load` imports; rejects as that does. */
export async function chunk<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (failure) {
    codeIsMissing();
    throw failure;
  }
}
