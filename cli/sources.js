/**
 * What tells whether a bundle was made of the sources that lie here: their names, sizes and dates. Plain JavaScript, because
 * the launcher reads it before there is anything that knows TypeScript. Knows nothing of what is in a file.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** No part of what is built. */
export const NOT_BUILT = /\.(?:test|suite)\.ts$|\.md$|\.vectors\.json$/;

/** Of the project in `root`: any change of a source, in either direction of time, makes it another text. */
export function sourcesMark(root) {
  const names = ['cli', 'shared'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  );
  const lines = ['package-lock.json', ...names.sort()].flatMap((name) => {
    const stats = NOT_BUILT.test(name) ? undefined : statSync(join(root, name), { throwIfNoEntry: false });
    return stats?.isFile() ? [`${name} ${stats.size} ${stats.mtimeMs}`] : [];
  });
  return lines.join('\n');
}
