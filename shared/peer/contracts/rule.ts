/**
 * What every implementation of a port keeps, as functions: the same rules run in Node and in a real browser, over each
 * of them. A rule throws when its subject breaks it.
 */
export interface Rule<Subject> {
  readonly name: string;
  readonly check: (subject: Subject) => Promise<void>;
}

/** Compares by value; bytes by their content. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [written(actual), written(expected)];
  if (found !== wanted)
    throw new Error(`${what}: expected ${wanted.slice(0, 200)}, found ${found.slice(0, 200)}`);
}

/** As text in which key order does not count and bytes are not objects. */
function written(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner instanceof Uint8Array) return `bytes ${inner.length}: ${inner.join(' ')}`;
    if (inner === undefined) return 'undefined';
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
