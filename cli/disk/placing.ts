/**
 * [HL32] How a file comes to be under a name, unfinished or whole: what is there is never written over, a name that the
 * disk refuses becomes a plain one, and both are said. Knows no pieces; where a file is is share-files.ts's.
 */
import { chmod, lstat, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { assert } from '../../shared/assert.ts';
import { copiedNew, factsOf, movedNew } from './file-io.ts';
import { freePath, isTaken, nextNames } from './free-path.ts';
import type { GivenNames } from './given-names.ts';
import type { Notices } from './notices.ts';
import type { JournalLine, WholeFacts } from './share-state.ts';
import { MAKE } from './target-folder.ts';
import type { Below, TargetFolder } from './target-folder.ts';
import { isNoLink, isNoName } from './trouble.ts';

export interface PlacingHost {
  readonly target: TargetFolder;
  readonly notices: Notices;
  readonly names: GivenNames;
  readonly journal: (line: JournalLine) => Promise<void>;
}

const WRITABLE_MODE = 0o644;

/** A new file without bytes under its unfinished name, open. */
export async function begunBeside(host: PlacingHost, file: number): Promise<FileHandle> {
  let opened: FileHandle | null = null;
  await unfinished(host, file, async (path) => {
    opened = await host.target.open(path, MAKE);
    return true;
  });
  assert(opened !== null, 'what was made is open');
  return opened;
}

/** A copy under the unfinished name; on file systems that can, it takes no room. */
export async function copiedBeside(host: PlacingHost, file: number, source: string): Promise<void> {
  await unfinished(host, file, async (path) => copiedNew(source, await host.target.absolute(path)));
  await chmod(await host.target.absolute(host.names.part(file)), WRITABLE_MODE);
}

/** From the share's own folder, which may be on another disk. */
export async function movedBeside(host: PlacingHost, file: number, from: string): Promise<void> {
  await unfinished(host, file, async (path) => {
    const to = await host.target.absolute(path);
    try {
      await movedNew(from, to);
    } catch (error) {
      if (!isNoLink(error)) throw error;
      if (!(await copiedNew(from, to))) return false;
      await rm(from);
    }
    return true;
  });
}

/** `make`: false, or EEXIST, where there is something of that name. */
async function unfinished(
  { target, names, notices }: PlacingHost,
  file: number,
  make: (path: Below) => Promise<boolean>,
): Promise<void> {
  const made = (): Promise<Below> =>
    freePath(names.part(file), async (tried) => {
      if (names.isAnothersPart(tried)) return false;
      await target.makeFolder(tried.slice(0, -1));
      return make(tried);
    });
  try {
    names.callPart(file, await made());
  } catch (error) {
    const refused = names.final(file);
    const instead = isNoName(error) ? names.callPlainly(file) : null;
    if (instead === null) throw error;
    names.callPart(file, await made());
    notices.tell({ kind: 'name-refused', path: target.shown(refused), instead: target.shown(instead) });
  }
}

/** `move` rejects with EEXIST where somebody was quicker. Answers how the file is there now. */
export async function underOwnName(
  { target, names, notices, journal }: PlacingHost,
  file: number,
  from: string,
  move: (to: string) => Promise<void>,
): Promise<WholeFacts> {
  const wished = names.wished(file);
  for (const path of nextNames(wished)) {
    if ((await target.look(path)) !== null) continue;
    const facts = factsOf(await lstat(from, { bigint: true }));
    // First, so that one that is killed in between knows what it was about to do.
    await journal({ f: file, to: path, facts });
    try {
      await move(await target.absolute(path));
    } catch (error) {
      if (isTaken(error)) continue;
      throw error;
    }
    names.callFinal(file, path, 'taken');
    if (path !== wished) {
      notices.tell({ kind: 'name-taken', path: target.shown(wished), instead: target.shown(path) });
    }
    return facts;
  }
  throw new Error('every name for a file is taken');
}
