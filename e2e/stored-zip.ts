/** What is in a zip that a browser saved, in the order of its directory. Throws on one that is not as ours are. */
import { createHash } from 'node:crypto';
import { storedEntries } from '../web/worker/saving/stored-zip.fixture.ts';

export interface ZipEntry {
  readonly path: string;
  readonly sha256: string;
}

export function entriesOf(zip: Buffer): ZipEntry[] {
  return storedEntries(zip).map(({ path, bytes }) => ({
    path,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
}

/** Local time, by path. */
export function datesOf(zip: Buffer): Readonly<Record<string, Date>> {
  return Object.fromEntries(storedEntries(zip).map(({ path, modified }) => [path, modified]));
}
