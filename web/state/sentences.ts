/**
 * Every sentence the page says about where things stand ([UI4]): what is so, and what the person can do about
 * it. Pure: a state goes in, words come out. No jargon, no exclamation, nothing that is not known to be true.
 */
import { unreachable } from '../../shared/assert.ts';
import { displayName } from '../../shared/manifest/display.ts';
import type { ShareTrouble } from '../../shared/peer/verbs.ts';
import { savedWhole } from '../worker/saving/save-plan.ts';
import { counted, formatBytes } from './format.ts';
import { peopleAmong } from './people.ts';
import type { Broken, SaveState, Transfer } from './session.ts';
import type { Obstacle } from './surroundings.ts';
import { filesMissingSentence } from './given-sentences.ts';
import type { Given } from './given.svelte.ts';

export const BROKE = 'Something in this page broke';
const SERVER = 'The server that introduces people to each other';
const AWAY = `${SERVER} cannot be reached`;

function people(count: number): string {
  return counted(count, 'person', 'people');
}

/** Between how many people and us bytes travel, and which way: a relay carries what it cannot read. */
function ways(
  { peers }: Transfer,
  preposition: 'from' | 'to',
  moving: (peer: Transfer['peers'][number]) => boolean,
): string {
  const count = peopleAmong(peers, moving);
  const relayed = peopleAmong(peers, (peer) => moving(peer) && peer.relayed);
  if (count === 0) return `straight ${preposition} another tab of this browser`;
  if (relayed === 0) return `straight ${preposition} ${people(count)}`;
  if (relayed === count) return `${preposition} ${people(count)}, relayed by a server that cannot read it`;
  return `${preposition} ${people(count)}, ${relayed} of them relayed by a server that cannot read it`;
}

/** Why nobody can find us through the server. */
function whyUnfound({ trackerRefuses }: Transfer): string {
  return trackerRefuses ? `${SERVER} does not let this page in right now` : AWAY;
}

/** The same, and what can be done. */
function keepsTrying(transfer: Transfer, why: string, more = ''): string {
  const check = transfer.trackerRefuses ? 'This page' : 'Check your connection; this page';
  return `${whyUnfound(transfer)}${why}. ${check} keeps trying${more}.`;
}

/** What one share's page is about, beyond what is known of the share. */
export interface Circumstances {
  readonly transfer: Transfer | null;
  readonly save: SaveState;
  readonly broken: Broken;
  /** The worker's code cannot be loaded yet. */
  readonly away: boolean;
  /** [UI18] It was cancelled, and goes in a moment. */
  readonly leaving?: boolean;
}

export function brokenSentence(transfer: Transfer | null = null): string {
  const stopped = `${BROKE}, and everything was stopped, to be safe.`;
  return transfer?.role === 'sharing'
    ? `${stopped} Reload the page, and choose the files again to share them by a new link.`
    : `${stopped} What has arrived is kept: reload the page to go on.`;
}

/** [WK1] A fault of ours stopped this share and no other. */
export function brokenShareSentence(transfer: Transfer | null): string {
  const stopped = `${BROKE}, and this was stopped, to be safe. Everything else goes on.`;
  return transfer?.role === 'sharing'
    ? `${stopped} Choose the files again to share them.`
    : `${stopped} What has arrived is kept: reload the page to go on with this too.`;
}

/** The same, said on another page. */
export function brokenElsewhereSentence(transfer: Transfer | null): string {
  const named =
    transfer === null || transfer.manifest === null
      ? 'one share'
      : `“${displayName(transfer.manifest.name)}”`;
  return `${BROKE}, and ${named} was stopped, to be safe. Everything else goes on.`;
}

export function troubleSentence(trouble: ShareTrouble | null): string {
  switch (trouble?.kind) {
    case 'store':
      return 'The browser refuses to keep more, as some private windows do. What has arrived is kept: allow this page to store data or use a normal window, then press Resume.';
    case 'source':
      return sourceSentence(trouble.why);
    case 'broken':
    case undefined:
      return 'This stopped and the page does not know why. What has arrived is kept: reload the page to go on.';
    default:
      return unreachable(trouble);
  }
}

function sourceSentence(why: Extract<ShareTrouble, { kind: 'source' }>['why']): string {
  switch (why) {
    case 'changed':
      return 'The file was changed after its link was made, so it is not sent any more. Share it again to get a new link.';
    case 'vanished':
      return 'The file was moved or deleted after its link was made, so it cannot be sent any more. Put it back and share it again.';
    case 'missing':
      return 'A part of this that the browser kept is gone. Press Resume to fetch it again.';
    default:
      return unreachable(why);
  }
}

export function notYetSentence(): string {
  return `${AWAY}. Check your connection; this page keeps trying and goes on by itself.`;
}

function lookingSentence(transfer: Transfer): string {
  const { peers, online, trackerOnline, manifestRefused } = transfer;
  if (peers.length > 0) return 'Connected. Asking what is in it.';
  if (!trackerOnline) return keepsTrying(transfer, '', ' and goes on by itself');
  if (manifestRefused) {
    return 'What somebody sent for this link cannot be opened: its list of files is damaged or not allowed. This page keeps looking for somebody who has a good one; if nobody comes, ask for a new link.';
  }
  if (online === null) return 'Asking who has this.';
  if (online.seeds + online.leechers > 0) return 'Found someone who may have this. Connecting.';
  return 'Looking for someone who has this. A mistyped link looks the same as one nobody is sharing right now; this page keeps looking.';
}

function ownTabHas(peers: Transfer['peers']): boolean {
  return peers.some(({ own, pieces }) => own && pieces > 0);
}

function readySentence(transfer: Transfer): string {
  const { receivedBytes, totalBytes, manifest, online, senders, peers, trackerOnline } = transfer;
  const had =
    receivedBytes > 0
      ? `${formatBytes(receivedBytes)} of this are here already.`
      : 'Nothing has been loaded yet.';
  if (!trackerOnline && peers.length === 0) return `${had} ${whyUnfound(transfer)}; this page keeps trying.`;
  if (manifest !== null && totalBytes === 0) return 'This is empty: there is nothing to wait for.';
  if (senders > 0) return `${had} ${people(senders)} can send it to you.`;
  if (ownTabHas(peers)) return `${had} Another tab of this browser can send it.`;
  if (online === null && trackerOnline) return `${had} Asking who has this.`;
  const others = (online?.seeds ?? 0) + (online?.leechers ?? 0);
  if (others > 0) {
    return `${had} ${people(others)} here, but none of them can send what is missing yet; it starts when somebody can.`;
  }
  return `${had} Nobody who has this is here right now; it can start when somebody comes.`;
}

function downloadingSentence(transfer: Transfer): string {
  const { peers, stalled, trackerOnline, online, senders } = transfer;
  const others = Math.max(peopleAmong(peers), (online?.seeds ?? 0) + (online?.leechers ?? 0));
  const coming = peers.some(({ down }) => down > 0);
  if (!coming && transfer.foundBytes > 0) {
    return 'Part of this is on this device already, from another link. Checking it; only what is missing is fetched.';
  }
  if (peers.length === 0 && !trackerOnline)
    return `${whyUnfound(transfer)}. What has arrived is kept; this goes on by itself.`;
  if (!coming && others > 0 && senders === 0 && !ownTabHas(peers)) {
    const waiting = `${people(others)} here, but ${others === 1 ? 'without' : 'none of them has'} what is missing. Keep this page open: it goes on by itself when somebody comes who has it.`;
    return trackerOnline ? waiting : `${waiting} ${whyUnfound(transfer)}.`;
  }
  if (peers.length === 0) {
    if (others > 0) return 'Connecting to someone who has this.';
    return 'Everybody who has this is away. Keep this page open: it goes on by itself when somebody comes back.';
  }
  const connected = peopleAmong(peers);
  if (stalled) {
    return `Connected to ${connected === 0 ? 'another tab of this browser' : people(connected)}, but nothing has arrived for a while. Keep this page open: it goes on by itself.`;
  }
  const said = coming
    ? `Coming ${ways(transfer, 'from', ({ down }) => down > 0)}.`
    : `Connected to ${connected === 0 ? 'another tab of this browser' : people(connected)}. It is about to come.`;
  if (trackerOnline) return said;
  const why = whyUnfound(transfer);
  return coming ? `${said} ${why}, but what runs goes on.` : `${said} ${why}.`;
}

function completeSentence(transfer: Transfer, save: SaveState): string {
  const zipped = transfer.manifest !== null && savedWhole(transfer.manifest, transfer.wanted) === 'zip';
  switch (save.kind) {
    case 'none':
      if (transfer.saved) return savedSentence(transfer);
      if (transfer.saveDue && !zipped) return 'All here and checked. Saving it to your downloads.';
      return zipped
        ? 'All here and checked. Press Save to put it into your downloads as one zip file.'
        : 'All here and checked. Press Save to put it into your downloads.';
    case 'saving':
    case 'started':
      return 'All here and checked. Saving it to your downloads; keep this page open until that is done.';
    case 'saved':
      return savedSentence(transfer);
    case 'failed':
      return `All here and checked. ${notSaved(save)}`;
    default:
      return unreachable(save);
  }
}

function savedSentence(transfer: Transfer): string {
  return transfer.trackerOnline
    ? 'Saved to your downloads. While this page stays open, others get it from you too.'
    : `Saved to your downloads. ${whyUnfound(transfer)}, so others cannot find you right now.`;
}

function notSaved({ why }: SaveState & { kind: 'failed' }): string {
  return `It could not be saved${why === '' ? '' : `: ${why}`}. Press Save to try again.`;
}

function brokenBy(broken: Exclude<Broken, 'nothing'>, transfer: Transfer | null): string {
  return broken === 'everything' ? brokenSentence(transfer) : brokenShareSentence(transfer);
}

/** The one sentence of the receiving page. */
export function receiveSentence({ transfer, save, broken, away, leaving }: Circumstances): string {
  if (broken !== 'nothing') return brokenBy(broken, transfer);
  if (leaving === true) return cancelledSentence(transfer);
  if (transfer === null) return away ? notYetSentence() : 'Getting ready.';
  switch (transfer.phase) {
    case 'looking':
      return lookingSentence(transfer);
    case 'ready':
      return readySentence(transfer);
    case 'downloading':
      return downloadingSentence(transfer);
    case 'full':
      return 'This device has no more room for this page. What has arrived is kept, and this goes on by itself when there is room: remove something you do not need here, or free some space on the disk.';
    case 'paused':
      return 'Paused. What has arrived is kept; press Resume to go on.';
    case 'complete':
      return completeSentence(transfer, save);
    case 'stopped':
      return stoppedSentence(transfer, save);
    case 'failed':
      return troubleSentence(transfer.trouble);
    default:
      return unreachable(transfer.phase);
  }
}

function cancelledSentence(transfer: Transfer | null): string {
  const arrived = transfer?.receivedBytes ?? 0;
  const goes =
    arrived === 0 ? 'Nothing had arrived' : `The ${formatBytes(arrived)} that had arrived go in a moment`;
  return `Cancelled. ${goes}; press Undo to keep the download.`;
}

function stoppedSentence({ role, manifest, storedBytes, totalBytes }: Transfer, save: SaveState): string {
  if (role === 'sharing')
    return 'Stopped. Nobody gets this from you until you start again; who has it already may pass it on.';
  if (manifest !== null && storedBytes >= totalBytes) {
    if (save.kind === 'saving' || save.kind === 'started')
      return 'Stopped. Saving it to your downloads; keep this page open until that is done.';
    if (save.kind === 'saved') return 'Saved to your downloads. Others cannot get it from you any more.';
    if (save.kind === 'failed') return `Stopped. ${notSaved(save)}`;
    return 'Stopped. Others cannot get this from you any more; it is kept in this browser.';
  }
  return 'Stopped. What has arrived is kept in this browser.';
}

function sharingSentence(transfer: Transfer): string {
  const { peers, online, trackerOnline } = transfer;
  const connected = peopleAmong(peers);
  if (!trackerOnline) {
    return connected > 0
      ? `${whyUnfound(transfer)}. ${people(connected)} already connected can go on; new ones must wait.`
      : keepsTrying(transfer, ', so nobody can find you');
  }
  if (peers.some(({ up }) => up > 0))
    return `Sending ${ways(transfer, 'to', ({ up }) => up > 0)}. Keep this page open.`;
  if (connected > 0)
    return `${people(connected)} connected, nothing is being sent right now. Keep this page open: the files are sent from here.`;
  if (online !== null && online.leechers > 0) return 'Somebody opened your link. Connecting.';
  return 'Ready. Send the link and keep this page open: while it is closed the link rests, and it works again when you are back.';
}

/** The one sentence of the sharing page, once there is a link. */
export function shareSentence({
  transfer,
  save,
  broken,
  away,
  given,
}: Circumstances & { given: Given }): string {
  if (broken !== 'nothing') return brokenBy(broken, transfer);
  if (transfer === null) {
    return away ? notYetSentence() : 'Getting ready.';
  }
  if (transfer.role !== 'sharing') {
    return 'This browser does not know this share any more. Choose the files again to share them by a new link.';
  }
  if (transfer.filesMissing !== null) return filesMissingSentence(transfer.filesMissing, given);
  if (transfer.phase === 'stopped') return stoppedSentence(transfer, save);
  if (transfer.trouble !== null || transfer.phase === 'failed') return troubleSentence(transfer.trouble);
  return sharingSentence(transfer);
}

/** Why nothing works in this browser at this address, and what to do ([UI6]). */
export function obstacleSentence(obstacle: Obstacle): string {
  switch (obstacle) {
    case 'insecure':
      return 'Browsers allow what this page needs only over https or on localhost, and this address is neither. Open it with https://, or ask whoever runs it to switch that on.';
    case 'no-crypto':
      return 'This browser cannot check files for damage (it has no Web Cryptography). Use a current version of Firefox, Chrome, Edge or Safari.';
    case 'no-peers':
      return 'This browser cannot connect to other browsers: WebRTC is missing or switched off. Switch it on, or use another browser.';
    case 'no-worker':
      return 'This browser cannot work in the background, which this page needs. Use a current version of Firefox, Chrome, Edge or Safari.';
    default:
      return unreachable(obstacle);
  }
}
