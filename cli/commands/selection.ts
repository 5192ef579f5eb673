/** Which files of a share are wanted ([HL14]): patterns as shells have them, matched by picomatch (imported here alone). */
import { runInNewContext } from 'node:vm';
import picomatch from 'picomatch';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { wrongCall } from './exit.ts';

const LONGEST_PATTERN = 1_000;
/** Milliseconds for all names. A pattern of many stars can take for ever with a name that somebody else chose. */
const PATIENCE_MS = 2_000;

/**
 * Indexes in the manifest's list. One without a slash is matched with the last name of a path, another with all of it,
 * with or without the folder that everything lies in; one that begins with `!` takes away from what the others chose.
 */
export function selected(
  { files }: Pick<Manifest, 'files'>,
  patterns: readonly string[],
  patienceMs = PATIENCE_MS,
): number[] {
  const tests = patterns.map((pattern) => ({ isTaking: pattern.startsWith('!'), matches: matcher(pattern) }));
  const chosen = tests.filter(({ isTaking }) => !isTaking);
  const taken = tests.filter(({ isTaking }) => isTaking);
  const found: number[] = [];
  const look = (): void => {
    for (const [nth, { path }] of files.entries()) {
      const isChosen = chosen.length === 0 || chosen.some(({ matches }) => matches(path));
      if (isChosen && !taken.some(({ matches }) => matches(path))) found.push(nth);
    }
  };
  withinTime(look, patienceMs);
  return found;
}

/** The engine ends a regular expression in its middle only for a context that has a time limit. */
function withinTime(look: () => void, timeout: number): void {
  try {
    runInNewContext('look()', { look }, { timeout });
  } catch (error) {
    if ((error as Partial<NodeJS.ErrnoException>).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw wrongCall('--select takes too long with these names: use patterns with fewer stars.');
  }
}

function matcher(pattern: string): (path: readonly string[]) => boolean {
  const glob = pattern.startsWith('!') ? pattern.slice(1) : pattern;
  if (glob === '' || glob.length > LONGEST_PATTERN) {
    throw wrongCall(
      `--select takes a pattern such as '*.jpg' or 'Holiday/**': ${JSON.stringify(pattern.slice(0, 60))} is none.`,
    );
  }
  const isMatch = picomatch(glob, { dot: true });
  const isOfNames = !glob.includes('/');
  return (path) => {
    const name = path.at(-1) ?? '';
    const ways = isOfNames ? [name, path.join('/')] : [path.join('/'), path.slice(1).join('/')];
    return ways.some((way) => way !== '' && isMatch(way));
  };
}
