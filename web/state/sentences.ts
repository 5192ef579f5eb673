/**
 * Every sentence the page says about where things stand ([UI4]): what is so, and what the person can do about
 * it. Pure: a state goes in, words come out. No jargon, no exclamation, nothing that is not known to be true.
 */
import { unreachable } from '../../shared/assert.ts';
import type { ShareTrouble } from '../../shared/peer/verbs.ts';
import {
  canDoWithout,
  lackingSentence,
  partlySentence,
  unsendableSentence,
} from './file-trouble-sentences.ts';
import { counted, formatBytes, nameInSentence } from '../../shared/words/format.ts';
import { peopleAmong } from '../../shared/words/people.ts';
import { isSavedAsZip } from './receiving.ts';
import type { Broken, SaveState, Transfer } from './session.ts';
import { filesMissingSentence } from './given-sentences.ts';
import type { Given } from './given.svelte.ts';

export const BROKE = 'Something in this page broke';
const AWAY = "Can't reach the Shoal server";
const CHECKING = 'Checking who is sharing this.';
const NOTHING_CHOSEN = 'No file is chosen. Choose at least one file below, then press Download.';
const VERIFIED = 'Download complete and verified.';
/** [WS42] Parts are looked at a second time. */
const LOOKED_AT =
  'All of it is here. Parts of it are checked once more, then it is saved and becomes a share.';
const NOBODY = 'Nobody is sharing this right now. Ask the sender to open their page, or check the link.';

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
  const relayed = peopleAmong(peers, (peer) => moving(peer) && peer.path === 'relayed');
  if (count === 0) return `directly ${preposition} another tab of this browser`;
  if (relayed === 0) return `directly ${preposition} ${people(count)}`;
  if (relayed === count) return `${preposition} ${people(count)} through a relay server that cannot read it`;
  return `${preposition} ${people(count)}, ${relayed} of them through a relay server that cannot read it`;
}

/** Why nobody can find us through the server. */
function whyUnfound({ trackerRefuses }: Transfer): string {
  return trackerRefuses ? 'The Shoal server does not let this page in right now' : AWAY;
}

/** The same, and what can be done. */
function keepsTrying(transfer: Transfer, why: string, more = ''): string {
  const check = transfer.trackerRefuses ? '' : ' Check your connection.';
  return `${whyUnfound(transfer)}${why}.${check} Shoal keeps trying${more}.`;
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
  /** [UI25] Not one of its files is chosen. */
  readonly nothingChosen?: boolean;
}

export function brokenSentence(transfer: Transfer | null = null): string {
  const stopped = `${BROKE}, and everything was stopped, to be safe.`;
  return transfer?.role === 'sharing'
    ? `${stopped} Reload the page and choose the files again to share them by a new link.`
    : `${stopped} What you have is kept: reload the page to continue.`;
}

/** [WK1] A fault of ours stopped this share and no other. */
export function brokenShareSentence(transfer: Transfer | null): string {
  const stopped = `${BROKE}, and this share was stopped, to be safe. Everything else continues.`;
  return transfer?.role === 'sharing'
    ? `${stopped} Choose the files again to share them.`
    : `${stopped} What you have is kept: reload the page to continue with this one, too.`;
}

/** The same, said on another page. */
export function brokenElsewhereSentence(transfer: Transfer | null): string {
  const named =
    transfer === null || transfer.manifest === null
      ? 'one share'
      : `“${nameInSentence(transfer.manifest.name)}”`;
  return `${BROKE}, and ${named} was stopped, to be safe. Everything else continues.`;
}

export function troubleSentence(trouble: ShareTrouble | null): string {
  switch (trouble?.kind) {
    case 'store':
      return 'The browser refuses to store more, as some private windows do. What you have is kept: allow this page to store data or use a normal window, then press Resume.';
    case 'source':
      return sourceSentence(trouble.why);
    case 'broken':
    case undefined:
      return 'This stopped, and Shoal does not know why. What you have is kept: reload the page to continue.';
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
      return 'The browser lost a part of this that it had stored. Press Resume to download it again.';
    default:
      return unreachable(why);
  }
}

export function notYetSentence(): string {
  return `${AWAY}. Check your connection. Shoal keeps trying and continues by itself.`;
}

function lookingSentence(transfer: Transfer): string {
  const { peers, online, trackerOnline, manifestRefused } = transfer;
  if (peers.length > 0) return 'Connected. Getting the list of files.';
  if (!trackerOnline) return keepsTrying(transfer, '', ' and continues by itself');
  if (manifestRefused) {
    return 'Someone sent a list of files for this link that cannot be opened: it is damaged or not allowed. Shoal keeps looking for someone with a good one. If nobody comes, ask for a new link.';
  }
  if (online === null) return CHECKING;
  if (online.seeds + online.leechers > 0) return 'Found someone who may have this. Connecting.';
  return `${NOBODY} Shoal keeps looking.`;
}

function ownTabHas(peers: Transfer['peers']): boolean {
  return peers.some(({ own, pieces }) => own && pieces > 0);
}

function readySentence(transfer: Transfer): string {
  const { receivedBytes, totalBytes, manifest } = transfer;
  if (manifest !== null && totalBytes === 0) return 'This is empty: there is nothing to wait for.';
  const who = whoCanSend(transfer);
  return receivedBytes > 0 ? `${who} ${formatBytes(receivedBytes)} already downloaded.` : who;
}

function whoCanSend(transfer: Transfer): string {
  const { online, senders, peers, trackerOnline, webSeeds } = transfer;
  const web = webSeeds.some(({ state }) => state === 'idle');
  if (web && senders === 0) return 'Ready to download from the web.';
  if (!trackerOnline && peers.length === 0) return keepsTrying(transfer, '');
  if (senders > 0) return `Ready to download from ${people(senders)}${web ? ' and from the web' : ''}.`;
  if (ownTabHas(peers)) return 'Ready to download from another tab of this browser.';
  if (online === null && trackerOnline) return CHECKING;
  const others = (online?.seeds ?? 0) + (online?.leechers ?? 0);
  return others > 0 ? `${lacking(others)} Your download starts when somebody does.` : NOBODY;
}

/** They are online, and nothing that is missing here can come from them yet. */
function lacking(others: number): string {
  return others === 1
    ? '1 person is online, but does not have what is missing yet.'
    : `${people(others)} are online, but none of them has what is missing yet.`;
}

function downloadingSentence(transfer: Transfer): string {
  const { peers, stalled, trackerOnline, online, senders, webSeeds } = transfer;
  const others = Math.max(peopleAmong(peers), (online?.seeds ?? 0) + (online?.leechers ?? 0));
  const coming = peers.some(({ down }) => down > 0);
  const web = webSeeds.some(({ down }) => down > 0);
  if (!coming && !web && transfer.foundBytes > 0) {
    return 'Part of this is already on this device, from another link. Checking it. Only what is missing is downloaded.';
  }
  if (web && !coming)
    return `Downloading from the web.${trackerOnline ? '' : ` ${whyUnfound(transfer)}, but your download continues.`}`;
  if (peers.length === 0 && webSeeds.some(({ state }) => state === 'asked'))
    return 'Asking a server on the web that has this.';
  if (peers.length === 0 && !trackerOnline)
    return `${whyUnfound(transfer)}. What you have is kept, and your download continues by itself.`;
  if (!coming && transfer.lacking !== null && senders === 0 && canDoWithout(transfer))
    return lackingSentence(transfer.lacking);
  if (!coming && others > 0 && senders === 0 && !ownTabHas(peers)) {
    const waiting = `${lacking(others)} Keep this page open: your download continues when somebody does.`;
    return trackerOnline ? waiting : `${waiting} ${whyUnfound(transfer)}.`;
  }
  if (peers.length === 0) {
    if (others > 0) return 'Connecting to someone who has this.';
    return 'The sender is offline. Your download continues when they return. Keep this page open.';
  }
  const connected = peopleAmong(peers);
  if (stalled) {
    const still = `Connected to ${connected === 0 ? 'another tab of this browser' : people(connected)}, but nothing has arrived for a while.`;
    // Without the server nobody else can be found, and who is lost stays lost until it is back.
    return trackerOnline
      ? `${still} Keep this page open: it continues by itself.`
      : `${still} ${whyUnfound(transfer)}. Keep this page open: it continues by itself.`;
  }
  const said = coming
    ? `Downloading ${ways(transfer, 'from', ({ down }) => down > 0)}${web ? ', and from the web' : ''}.`
    : `Connected to ${connected === 0 ? 'another tab of this browser' : people(connected)}. Starting.`;
  if (trackerOnline) return said;
  const why = whyUnfound(transfer);
  return coming ? `${said} ${why}, but your download continues.` : `${said} ${why}.`;
}

function completeSentence(transfer: Transfer, save: SaveState): string {
  const zipped = isSavedAsZip(transfer);
  switch (save.kind) {
    case 'none':
      if (transfer.saved) return savedSentence(transfer, save);
      if (transfer.saveDue && !zipped) return `${VERIFIED} Saving it to your downloads.`;
      return zipped
        ? `${VERIFIED} Press Save to put it into your downloads as one zip file.`
        : `${VERIFIED} Press Save to put it into your downloads.`;
    case 'saving':
    case 'started':
      return `${VERIFIED} Saving it ${whereTo(save)}. Keep this page open until that is done.`;
    case 'saved':
      return savedSentence(transfer, save);
    case 'failed':
      return `${VERIFIED} ${notSaved(save)}`;
    default:
      return unreachable(save);
  }
}

function savedSentence(transfer: Transfer, save: SaveState): string {
  return transfer.trackerOnline
    ? `${savedWhere(save)}. While this page is open, others can download it from you, too.`
    : `${savedWhere(save)}. ${whyUnfound(transfer)}, so others can't find you right now.`;
}

/** [UI5] Where an earlier page put it is not known. */
function savedWhere(save: SaveState): string {
  return save.kind === 'none' ? 'Saved earlier' : `Saved ${whereTo(save)}`;
}

function whereTo(save: SaveState): string {
  const into = 'into' in save ? save.into : undefined;
  return into === undefined ? 'to your downloads' : `into the folder “${nameInSentence(into)}”`;
}

function notSaved({ why }: SaveState & { kind: 'failed' }): string {
  return `It could not be saved${why === '' ? '' : `: ${why}`}. Press Save to try again.`;
}

function brokenBy(broken: Exclude<Broken, 'nothing'>, transfer: Transfer | null): string {
  return broken === 'everything' ? brokenSentence(transfer) : brokenShareSentence(transfer);
}

/** The one sentence of the receiving page. */
export function receiveSentence(circumstances: Circumstances): string {
  const { transfer, save, broken, away, leaving, nothingChosen } = circumstances;
  if (broken !== 'nothing') return brokenBy(broken, transfer);
  if (leaving === true) return cancelledSentence(transfer);
  if (transfer === null) return away ? notYetSentence() : 'Getting ready.';
  switch (transfer.phase) {
    case 'looking':
      return lookingSentence(transfer);
    case 'ready':
      return nothingChosen === true ? NOTHING_CHOSEN : readySentence(transfer);
    case 'downloading':
      return downloadingSentence(transfer);
    case 'full':
      return 'There is no more room on this device. What you have is kept, and your download continues by itself when there is room: remove something you do not need here, or free some space on the disk.';
    case 'paused':
      return 'Paused. What you have is kept. Press Resume to continue.';
    case 'complete':
      if (transfer.web !== null) return LOOKED_AT;
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
    arrived === 0
      ? 'Nothing had arrived.'
      : `The ${formatBytes(arrived)} that had arrived will be removed in a moment.`;
  return `Cancelled. ${goes} To keep the download, press Undo.`;
}

function stoppedSentence({ role, manifest, storedBytes, totalBytes }: Transfer, save: SaveState): string {
  if (role === 'sharing')
    return 'Stopped. Nobody can download this from you until you start again. Whoever has it already may pass it on.';
  if (manifest !== null && storedBytes >= totalBytes) {
    if (save.kind === 'saving' || save.kind === 'started')
      return `Stopped. Saving it ${whereTo(save)}. Keep this page open until that is done.`;
    if (save.kind === 'saved') return `Saved ${whereTo(save)}. Others can no longer download it from you.`;
    if (save.kind === 'failed') return `Stopped. ${notSaved(save)}`;
    return 'Stopped. Others can no longer download this from you. It is kept in this browser.';
  }
  return 'Stopped. What you have is kept in this browser.';
}

function sharingSentence(transfer: Transfer): string {
  const { peers, online, trackerOnline } = transfer;
  const connected = peopleAmong(peers);
  if (transfer.unreadable !== null)
    return `${partlySentence(transfer.unreadable)}${trackerOnline ? '' : ` ${whyUnfound(transfer)}.`}`;
  if (!trackerOnline) {
    return connected > 0
      ? `${whyUnfound(transfer)}. Those who are connected can continue (${people(connected)}). New ones must wait.`
      : keepsTrying(transfer, ', so nobody can find you');
  }
  if (peers.some(({ up }) => up > 0))
    return `Sending ${ways(transfer, 'to', ({ up }) => up > 0)}. Keep this page open.`;
  if (transfer.delivered > 0)
    return `Delivered to ${people(transfer.delivered)}. Keep this page open to share with more people.`;
  if (connected > 0)
    return `${people(connected)} connected. Nothing is being sent right now. Keep this page open: the files are sent from here.`;
  if (online !== null && online.leechers > 0) return 'Someone opened your link. Connecting.';
  return 'Ready. Send the link and keep this page open. While it is closed the link rests; it works again when you are back.';
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
  if (transfer === null) return away ? notYetSentence() : 'Getting ready.';
  if (transfer.role !== 'sharing') {
    return 'This browser no longer knows this share. Choose the files again to share them by a new link.';
  }
  if (transfer.filesMissing !== null) return filesMissingSentence(transfer.filesMissing, given);
  if (transfer.phase === 'stopped') return stoppedSentence(transfer, save);
  if (transfer.trouble !== null || transfer.phase === 'failed')
    return unsendableSentence(transfer) ?? troubleSentence(transfer.trouble);
  return sharingSentence(transfer);
}
