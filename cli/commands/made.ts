/** Files of this system become a share ([HL10]) or end the command with the reason. Nothing is connected. */
import { resolve } from 'node:path';
import { unreachable } from '../../shared/assert.ts';
import type { InfoHash } from '../../shared/ids.ts';
import { displayName } from '../../shared/manifest/display.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { makeShare } from '../../shared/peer/share-maker.ts';
import type { HashingProgress, ShareOutcome, ShareRequest } from '../../shared/peer/verbs.ts';
import { refusalSentence } from '../../shared/words/refusals.ts';
import type { Here } from './command.ts';
import type { Typed } from './details.ts';
import { Ended, INTERRUPTED, notDone } from './exit.ts';
import { urlsOf } from './web-urls.ts';

const NO_FILES = 'There is no file in what you named. Name at least one.';
/** Of very many notes only so many are told to people. */
const MOST_TOLD = 20;

/** What lies at the paths, with what was typed about it. */
export async function requestFor(paths: readonly string[], typed: Typed, here: Here): Promise<ShareRequest> {
  const chosen = await here.doors.chosenPaths(paths.map((path) => resolve(here.folder, path)));
  if (chosen.kind === 'refused') throw notDone(chosen.message);
  const { files, folders, name, notices } = chosen;
  const told = here.screen.isForMachines ? notices : notices.slice(0, MOST_TOLD);
  for (const message of told) here.screen.tell({ type: 'note', message });
  const more = notices.length - told.length;
  if (more > 0) here.screen.tell({ type: 'note', message: `There are ${more} more notes like these.` });
  const urls = urlsOf(typed.urls, files);
  return { ...typed, files, folders, urls, name: typed.name === '' ? name : typed.name };
}

export async function madeOf(
  request: ShareRequest,
  here: Here,
): Promise<{ infoHash: InfoHash; manifest: Manifest }> {
  const platform = await here.doors.platform();
  const ports = { ...platform, isCancelled: () => here.interrupted.aborted };
  const made = await makeShare(request, ports, toldTo(here));
  if (made.kind !== 'made') throw notShared(made);
  return made;
}

export function toldTo({ screen }: Here): (progress: HashingProgress) => void {
  return ({ hashedBytes, totalBytes }) =>
    screen.tell({ type: 'reading', readBytes: hashedBytes, totalBytes });
}

/** Why there is no share. */
export function notShared(outcome: Exclude<ShareOutcome, { kind: 'shared' }>): Ended {
  switch (outcome.kind) {
    case 'cancelled':
      return new Ended(INTERRUPTED, 'Stopped. There is no link yet.');
    case 'unreadable':
      return notDone(
        `“${displayName(outcome.file)}” cannot be read: it was moved, deleted or changed, or is not yours to open. Try again.`,
      );
    case 'refused':
      return notDone(refusalSentence(outcome.why, NO_FILES));
    default:
      return unreachable(outcome);
  }
}
