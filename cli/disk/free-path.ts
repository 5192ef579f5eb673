/** Names for what must not meet anything that is there: `a.txt`, `a (2).txt` and so on. Knows no shares. */
import { numberedName } from './file-names.ts';
import { MOST_NAMES } from './limits.ts';
import type { Below } from './target-folder.ts';
import { codeOf } from './trouble.ts';

export function* nextNames(wished: Below): Generator<Below> {
  yield wished;
  for (let number = 2; number <= MOST_NAMES; number++) {
    yield [...wished.slice(0, -1), numberedName(wished.at(-1) ?? '', number)];
  }
}

export function isTaken(error: unknown): boolean {
  return codeOf(error) === 'EEXIST';
}

/** The first at which something could be made. `make`: false, or EEXIST, where there is something. */
export async function freePath(wished: Below, make: (path: Below) => Promise<boolean>): Promise<Below> {
  for (const path of nextNames(wished)) {
    try {
      if (await make(path)) return path;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  throw new Error('every name for a file is taken');
}
