/** `shoal verify` ([HL11]): whether files on the disk are those of a resource file. */
import { resolve } from 'node:path';
import { displayName } from '../../shared/manifest/display.ts';
import type { Command, Here } from './command.ts';
import { DONE, Ended, INTERRUPTED, NOT_DONE, notDone } from './exit.ts';
import type { FileVerdict, Verified } from './ports.ts';
import { readResourceAt } from './resource-at.ts';
import type { ResourceAt } from './resource-at.ts';
import { stateOfPath } from './system.ts';
import { whenInterrupted } from './waiting.ts';

/** ms between two times at which progress is told. */
const TELL_EVERY_MS = 100;

export const verify: Command = {
  name: 'verify',
  summary: 'compare files on the disk with a resource file',
  usage: 'verify FILE PATH',
  about: [
    'Hashes every piece of what lies at PATH (the file itself, or the folder in which the files are) and names the files that are wrong or missing. Nothing is written. Exit code 0: all of it is right; 1: it is not.',
  ],
  operands: { least: 2, most: 2, what: 'a .torrentinno file and the path of its content' },
  options: {},
  examples: [
    ['verify film.torrentinno film.mp4', 'one file'],
    ['verify holiday.torrentinno ~/Downloads', 'a folder in which the files lie'],
  ],
  async run(call, here) {
    const [file = '', path = ''] = call.operands;
    const { digest } = await here.doors.platform();
    const resource = await readResourceAt(resolve(here.folder, file), displayName(file), digest);
    const place = resolve(here.folder, path);
    if ((await stateOfPath(place)) === 'missing') throw notDone(`There is no ${displayName(path)}.`);
    const checked = await checkedAt(resource, place, path, here);
    return toldVerdict(resource, checked, here);
  },
};

async function checkedAt(
  { manifest }: ResourceAt,
  place: string,
  path: string,
  { doors, screen, interrupted }: Here,
): Promise<Verified> {
  const { clock } = await doors.platform();
  let dueAt = 0;
  const checked = doors.verifyFiles(manifest, place, (readBytes, totalBytes) => {
    if (readBytes < totalBytes && clock.now() < dueAt) return;
    dueAt = clock.now() + TELL_EVERY_MS;
    screen.tell({ type: 'reading', readBytes, totalBytes });
  });
  const end = await Promise.race([checked, whenInterrupted(interrupted)]);
  if (end === null) throw new Ended(INTERRUPTED, 'Stopped. Not all of it was compared.');
  if (end.kind === 'verified') return end;
  throw notDone(`None of the files of this resource file are in ${displayName(path)}.`);
}

function toldVerdict({ manifest }: ResourceAt, { files, pieces }: Verified, { screen }: Here): 0 | 1 {
  for (const [nth, state] of files.entries()) {
    if (state !== 'right') screen.tell({ type: 'file', path: manifest.files[nth]?.path ?? [], state });
  }
  const count = (what: FileVerdict): number => files.filter((state) => state === what).length;
  const right = files.every((state) => state === 'right');
  screen.tell({
    type: 'verified',
    right,
    files: files.length,
    wrong: count('wrong'),
    missing: count('missing'),
    unproved: count('unproved'),
    rightBytes: manifest.pieces.reduce((sum, { size }, piece) => sum + (pieces.has(piece) ? size : 0), 0),
    size: manifest.totalBytes,
  });
  return right ? DONE : NOT_DONE;
}
