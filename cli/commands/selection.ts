/** Which files of a share are wanted ([HL14]): patterns as shells have them, matched by picomatch (imported here alone). */
import picomatch from 'picomatch';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { wrongCall } from './exit.ts';

const LONGEST_PATTERN = 1_000;

/**
 * Indexes in the manifest's list. One without a slash is matched with the last name of a path, another with all of it,
 * with or without the folder that everything lies in; one that begins with `!` takes away from what the others chose.
 */
export function selected({ files }: Pick<Manifest, 'files'>, patterns: readonly string[]): number[] {
  const tests = patterns.map((pattern) => ({ isTaking: pattern.startsWith('!'), matches: matcher(pattern) }));
  const chosen = tests.filter(({ isTaking }) => !isTaking);
  const taken = tests.filter(({ isTaking }) => isTaking);
  return [...files.keys()].filter((nth) => {
    const path = files[nth]?.path ?? [];
    const isChosen = chosen.length === 0 || chosen.some(({ matches }) => matches(path));
    return isChosen && !taken.some(({ matches }) => matches(path));
  });
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
