/** Our own bugs stop here: a broken invariant throws, the transfer stops, nothing is written after it. */
export class BrokenInvariant extends Error {
  override name = 'BrokenInvariant';
}

export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new BrokenInvariant(what);
}

/** The end of an exhaustive `switch`: the compiler refuses a case that was forgotten. */
export function unreachable(value: never): never {
  throw new BrokenInvariant(`unreachable: ${JSON.stringify(value)}`);
}
