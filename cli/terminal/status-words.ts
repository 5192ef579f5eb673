/**
 * Where a share stands, in one sentence ([HL4]): what is so, and what can be done. The page's words where they fit
 * ([UI4]). Pure.
 */
import { unreachable } from '../../shared/assert.ts';
import { displayName } from '../../shared/manifest/display.ts';
import type { FilesMissing, ShareTrouble, TransferSnapshot } from '../../shared/peer/verbs.ts';
import { counted } from '../../shared/words/format.ts';
import { peopleAmong } from '../../shared/words/people.ts';
import { people } from './live-text.ts';
import type { Status, StatusWord } from './said.ts';

export type Standing = Pick<Status, 'state' | 'message'>;

const AWAY = "Can't reach the Shoal server";
const REFUSED = 'The Shoal server does not let this program in right now';
const KEPT = 'What has arrived is kept';

function standing(state: StatusWord, message: string): Standing {
  return { state, message };
}

function unfound(snapshot: TransferSnapshot, more: string): Standing {
  return snapshot.trackerRefuses
    ? standing('server-refuses', `${REFUSED}${more}. Shoal keeps trying.`)
    : standing(
        'server-away',
        `${AWAY}${more}. Check --server and your connection. Shoal keeps trying and goes on by itself.`,
      );
}

function others({ online, peers }: TransferSnapshot): number {
  return Math.max(peopleAmong(peers), (online?.seeds ?? 0) + (online?.leechers ?? 0));
}

/** Between whom and us bytes travel, and which way: a relay carries what it cannot read. */
function ways(
  { peers }: TransferSnapshot,
  preposition: 'from' | 'to',
  moves: (peer: TransferSnapshot['peers'][number]) => boolean,
): string {
  const count = peopleAmong(peers, moves);
  const relayed = peopleAmong(peers, (peer) => moves(peer) && peer.path === 'relayed');
  if (relayed === 0) return `directly ${preposition} ${people(count)}`;
  const through = 'through a relay server that cannot read it';
  return relayed === count
    ? `${preposition} ${people(count)} ${through}`
    : `${preposition} ${people(count)}, ${relayed} of them ${through}`;
}

/** Of a share that is fetched. */
export function receivingStanding(snapshot: TransferSnapshot): Standing {
  switch (snapshot.phase) {
    case 'looking':
      return lookingStanding(snapshot);
    case 'ready':
      return standing('connecting', 'The list of files is here.');
    case 'downloading':
      return downloadingStanding(snapshot);
    case 'full':
      return standing(
        'full',
        `There is no more room on the disk. ${KEPT}, and the download goes on by itself when there is room.`,
      );
    case 'paused':
      return standing('stopped', `Paused. ${KEPT}.`);
    case 'complete':
      return standing('complete', 'Download complete and verified.');
    case 'stopped':
      return standing('stopped', `Stopped. ${KEPT}.`);
    case 'failed':
      return standing('failed', troubleSentence(snapshot.trouble));
    default:
      return unreachable(snapshot.phase);
  }
}

function lookingStanding(snapshot: TransferSnapshot): Standing {
  const { peers, online, trackerOnline, manifestRefused } = snapshot;
  if (peers.length > 0) return standing('connecting', 'Connected. Getting the list of files.');
  if (!trackerOnline) return unfound(snapshot, '');
  if (manifestRefused) {
    return standing(
      'waiting',
      'Someone sent a list of files for this link that cannot be opened: it is damaged or not allowed. Shoal keeps looking for someone with a good one. If nobody comes, ask for a new link.',
    );
  }
  if (online === null) return standing('looking', 'Checking who is sharing this.');
  if (others(snapshot) > 0) return standing('connecting', 'Found someone who may have this. Connecting.');
  return standing(
    'waiting',
    'Nobody is sharing this right now. Ask the sender to open their page, or check the link. Shoal keeps looking.',
  );
}

function downloadingStanding(snapshot: TransferSnapshot): Standing {
  const { peers, stalled, trackerOnline, senders, lacking, foundBytes } = snapshot;
  const comes = peers.some(({ down }) => down > 0);
  if (!comes && foundBytes > 0) {
    return standing(
      'checking',
      'Part of this is already on this disk. Checking it. Only what is missing is downloaded.',
    );
  }
  if (comes) return standing('downloading', `Downloading ${ways(snapshot, 'from', ({ down }) => down > 0)}.`);
  if (peers.length === 0 && !trackerOnline) return unfound(snapshot, '');
  const online = others(snapshot);
  if (lacking !== null && senders === 0) {
    const more = lacking.files > 1 ? ` and ${counted(lacking.files - 1, 'more file', 'more files')}` : '';
    return standing(
      'waiting',
      `Nobody who is online can send “${displayName(lacking.first.at(-1) ?? '')}”${more}. The download goes on when somebody can.`,
    );
  }
  if (online > 0 && senders === 0) {
    return standing(
      'waiting',
      `${online === 1 ? '1 person is online, but does' : `${people(online)} are online, but they do`} not have what is missing yet. The download goes on when somebody does.`,
    );
  }
  if (peers.length === 0) {
    return online > 0
      ? standing('connecting', 'Connecting to someone who has this.')
      : standing('waiting', `The sender is offline. ${KEPT}, and the download goes on when they return.`);
  }
  if (stalled)
    return standing('stalled', 'Connected, but nothing has arrived for a while. It goes on by itself.');
  return standing('connecting', `Connected to ${people(peopleAmong(peers))}. Starting.`);
}

export function troubleSentence(trouble: ShareTrouble | null): string {
  switch (trouble?.kind) {
    case 'store':
      return `The disk takes nothing more: it may be read-only, or another program has these files. ${KEPT}. Mend that, then give the same command again.`;
    case 'source':
      return sourceSentence(trouble.why);
    case 'broken':
    case undefined:
      return `Something in Shoal broke, and this share was stopped, to be safe. ${KEPT}: give the same command again to go on.`;
    default:
      return unreachable(trouble);
  }
}

function sourceSentence(why: Extract<ShareTrouble, { kind: 'source' }>['why']): string {
  switch (why) {
    case 'changed':
      return 'The file was changed after its link was made, so it is no longer sent. Share it again to get a new link.';
    case 'vanished':
      return 'The file was moved or deleted after its link was made, so it can no longer be sent. Put it back and share it again.';
    case 'missing':
      return 'A part of this is gone from the disk. Give the same command again to download it again.';
    default:
      return unreachable(why);
  }
}

/** Of one's own share, or one that is passed on. `delivered`: since this began. */
export function sharingStanding(snapshot: TransferSnapshot, delivered: number): Standing {
  const { peers, online, trackerOnline, phase, trouble, filesMissing } = snapshot;
  if (filesMissing !== null) return standing('files-missing', missingSentence(filesMissing));
  if (phase === 'failed' || trouble !== null) return standing('failed', troubleSentence(trouble));
  if (phase === 'stopped') return standing('stopped', 'Stopped. Nobody can download this from you.');
  const partly = partlySentence(snapshot);
  if (partly !== null) return standing('files-missing', partly);
  const connected = peopleAmong(peers);
  if (peers.some(({ up }) => up > 0))
    return standing('sending', `Sending ${ways(snapshot, 'to', ({ up }) => up > 0)}.`);
  if (!trackerOnline) {
    return connected > 0
      ? standing(
          'server-away',
          `${snapshot.trackerRefuses ? REFUSED : AWAY}. Those who are connected can go on. New ones must wait.`,
        )
      : unfound(snapshot, ', so nobody can find you');
  }
  if (delivered > 0) return standing('ready', `Delivered to ${people(delivered)}. Ready for more.`);
  if (connected > 0)
    return standing('ready', `${people(connected)} connected. Nothing is being sent right now.`);
  if ((online?.leechers ?? 0) > 0) return standing('connecting', 'Someone opened your link. Connecting.');
  return standing('ready', 'Ready. Send the link, and leave this running: the files are sent from here.');
}

function missingSentence(missing: FilesMissing): string {
  return missing === 'changed'
    ? 'What was shared has been changed since, so it is no longer sent. Share it as it is now by a new link.'
    : 'The files of this share cannot be read where they were. Put them back, and share them again.';
}

/** [UP7] The rest is shared as before. */
function partlySentence({ unreadable }: TransferSnapshot): string | null {
  if (unreadable === null) return null;
  const { files, first, why } = unreadable;
  const more = files > 1 ? ` and ${counted(files - 1, 'more file', 'more files')}` : '';
  const happened = why === 'changed' ? 'changed' : 'moved or deleted';
  return `“${displayName(first.at(-1) ?? '')}”${more} ${files === 1 ? 'was' : 'were'} ${happened} after the link was made and can no longer be sent. Everything else is still shared.`;
}
