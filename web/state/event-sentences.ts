/** The log of one transfer in words ([UI24], [LB17]). Pure. */
import { unreachable } from '../../shared/assert.ts';
import { displayName } from '../../shared/manifest/display.ts';
import { counted } from '../../shared/words/format.ts';
import type { ShareEvent } from './session.ts';
import { shortId } from './short-id.ts';

type Phase = Extract<ShareEvent, { kind: 'phase' }>['phase'];
type Dropped = Extract<ShareEvent, { kind: 'peer-dropped' }>['why'];

const PHASES: Readonly<Record<Phase, string>> = {
  looking: 'Looking for somebody who has it.',
  ready: 'The list of files is here. Nothing is downloaded yet.',
  downloading: 'Downloading.',
  full: 'There is no more room on this device.',
  paused: 'Paused.',
  complete: 'Everything that is wanted is here and verified. Sharing.',
  stopped: 'Stopped.',
  failed: 'Stopped by a problem.',
};

const TROUBLES = {
  store: 'The browser refuses to store more.',
  source: 'The shared files can no longer be read.',
  broken: 'Something in this page broke.',
} as const;

const PATHS = { direct: 'directly', lan: 'over the local network', relayed: 'through a relay' } as const;

export function eventSentence(event: ShareEvent): string {
  switch (event.kind) {
    case 'phase':
      return event.phase === 'failed' && event.trouble !== null
        ? TROUBLES[event.trouble.kind]
        : PHASES[event.phase];
    case 'tracker':
      return event.online ? 'The Shoal server answers.' : "Can't reach the Shoal server.";
    case 'peer-connected':
      return `${shortId(event.peer)} connected ${PATHS[event.path]}.`;
    case 'peer-gone':
      return `${shortId(event.peer)} disconnected.`;
    case 'peer-dropped':
      return event.why.kind === 'kicked'
        ? `You disconnected ${shortId(event.peer)}.`
        : `${shortId(event.peer)} was disconnected: ${reasonOf(event.why)}.`;
    case 'peer-completed':
      return `${shortId(event.peer)} has all of it.`;
    case 'piece-refused':
      return `Piece ${event.piece} was damaged and is fetched again${from(event.peers)}.`;
    case 'file-unreadable':
      return event.files === 1
        ? `“${displayName(event.path.at(-1) ?? '')}” can no longer be read.`
        : `${counted(event.files, 'file', 'files')} can no longer be read.`;
    default:
      return unreachable(event);
  }
}

function from(peers: readonly string[]): string {
  if (peers.length === 0) return '';
  return ` (it came from ${peers.length === 1 ? shortId(peers[0] ?? '') : counted(peers.length, 'person', 'people')})`;
}

function reasonOf(why: Dropped): string {
  switch (why.kind) {
    case 'violation':
      return why.violation.what === 'bad-data'
        ? 'it sent damaged data'
        : `it did not keep to the protocol (${why.violation.detail})`;
    case 'wrong-peer':
      return 'it is not who it said it was';
    case 'duplicate':
      return 'there was a second connection to it';
    case 'silent':
      return 'nothing came from it for too long';
    case 'full':
      return 'there were too many connections';
    case 'useless':
      return 'others were of more use';
    case 'kicked':
      return 'by you';
    case 'other-file':
      return 'it has another file from that address';
    case 'stopped':
      return 'the share was stopped';
    default:
      return unreachable(why);
  }
}
