/** `shoal share` ([HL10]): makes the link of files and folders, and sends them to whoever opens it. */
import { basename, join, resolve } from 'node:path';
import type { InfoHash } from '../../shared/ids.ts';
import { displayName } from '../../shared/manifest/display.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import type { Clock } from '../../shared/peer/ports.ts';
import { resourceOutcomeOf } from './seed-outcome.ts';
import type { FileToShare, ListingState } from '../../shared/peer/verbs.ts';
import { sharingStanding, troubleSentence } from '../terminal/status-words.ts';
import type { Command, Here } from './command.ts';
import { DETAIL_OPTIONS, pieceNote, typedDetails } from './details.ts';
import { DONE, Ended, INTERRUPTED, notDone, wrongCall } from './exit.ts';
import type { ExitCode } from './exit.ts';
import { factsOf } from './facts.ts';
import { follow, sendingOf } from './follow.ts';
import { keepIn } from './keep.ts';
import { CONNECTION_OPTIONS, LIMIT_UP, limitsOf, torrentInnoOf } from './limits.ts';
import { madeOf, notShared, requestFor, toldTo } from './made.ts';
import type { Call } from './options.ts';
import type { Host } from './ports.ts';
import { countOf } from './quantities.ts';
import { beginningOf } from './resource-at.ts';
import { diskNews, withHost } from './run-host.ts';
import { SERVER_OPTION, serverFor } from './server.ts';
import { shareState } from './state-folders.ts';
import { systemEnded } from './system.ts';
import { Telling } from './telling.ts';

export const share: Command = {
  name: 'share',
  summary: 'share files and folders by a link',
  usage: 'share PATH…',
  about: [
    'Reads the files, prints the link, and sends them from where they lie to whoever opens it, until Ctrl+C. The same files get the same link the next time.',
    'With --keep they are copied into the folder of a `shoal seed` instead, which sends them from then on.',
  ],
  operands: { least: 1, most: 10_000, what: 'which files or folders' },
  options: {
    ...DETAIL_OPTIONS,
    qr: { kind: 'flag', about: 'print the link as a QR code, too' },
    list: {
      kind: 'flag',
      about: 'list it among the public shares of the server: anyone finds it by its name',
    },
    until: { kind: 'text', value: 'N', about: 'end when so many receivers have all of it' },
    keep: { kind: 'text', value: 'DIR', about: 'copy it into the folder of a seeding daemon, and end' },
    resource: {
      kind: 'text',
      value: 'FILE',
      about: 'share them by this resource file, which was made of them earlier',
    },
    ...LIMIT_UP,
    ...CONNECTION_OPTIONS,
    ...SERVER_OPTION,
  },
  examples: [
    ['share film.mp4', 'one file'],
    ['share --qr --until 1 ~/Holiday', 'a folder, to one person'],
    ['share --keep /srv/shoal film.mp4', 'hand it to a daemon'],
  ],
  async run(call, here) {
    const until = countOf('until', call.text('until'));
    checkTogether(call);
    const [limits, torrentInno] = [limitsOf(call), torrentInnoOf(call)];
    const serverUrl = serverFor(call, here);
    const paths = call.operands.map((path) => resolve(here.folder, path));
    if (call.has('keep')) return kept(call, here, serverUrl);
    const { clock } = await here.doors.platform();
    const telling = new Telling(here.log);
    const state = shareState(paths, here.env);
    const disk = { stateFolder: state, targetFolder: join(state, 'files'), ...diskNews(here) };
    const relayOnly = call.has('relay-only');
    return withHost(
      here.doors,
      { serverUrl, disk, listener: telling, limits, relayOnly, torrentInno },
      (host) => new Sharing({ call, here, telling, clock, host, serverUrl, until }).run(),
      here,
    );
  },
};

function checkTogether(call: Call): void {
  const [alone] = ['name', 'comment', 'piece-size', 'no-salt'].filter((option) => call.has(option));
  if (call.has('resource') && alone !== undefined) {
    throw wrongCall(`--resource says already what --${alone} would. Leave one of them out.`);
  }
  const [connecting] = ['until', 'list', 'resource'].filter((option) => call.has(option));
  if (call.has('keep') && connecting !== undefined) {
    throw wrongCall(
      `--keep hands it to a daemon and ends, so --${connecting} does not go with it. Leave one of them out.`,
    );
  }
}

/** Made, copied, done: whoever seeds that folder does the rest. */
async function kept(call: Call, here: Here, serverUrl: string): Promise<ExitCode> {
  const request = await requestFor(call.operands, typedDetails(call, serverUrl), here);
  const { infoHash, manifest } = await madeOf(request, here);
  const daemonFolder = resolve(here.folder, call.text('keep') ?? '');
  const sources = sourcesOf(call.operands, request.files, here);
  const { folder, resource } = await keepIn(daemonFolder, manifest, sources, here.interrupted);
  await toldLink(infoHash, manifest, false, { call, here, serverUrl });
  here.screen.tell({ type: 'kept', folder, resource });
  return DONE;
}

/** Where each file lies now; of several paths that end in the same name in the order in which they were named. */
function sourcesOf(
  operands: readonly string[],
  files: readonly FileToShare[],
  here: Here,
): { path: string }[] {
  const roots = operands.map((path) => resolve(here.folder, path));
  const seen = new Map<string, number>();
  return files.map(({ path }) => {
    const [top = '', ...below] = path;
    const key = path.join('/');
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    const alike = roots.filter((root) => basename(root) === top);
    return { path: join(alike[nth] ?? alike[0] ?? resolve(here.folder, top), ...below) };
  });
}

interface Told {
  readonly call: Call;
  readonly here: Here;
  readonly serverUrl: string;
}

async function toldLink(
  infoHash: InfoHash,
  manifest: Manifest,
  again: boolean,
  { call, here, serverUrl }: Told,
): Promise<void> {
  const { screen, isShown, log } = here;
  const facts = factsOf(infoHash, manifest, serverUrl);
  const wantsQr = call.has('qr') && !screen.isForMachines;
  const qr = wantsQr ? (await import('../terminal/qr.ts')).qrLines(facts.link, isShown) : null;
  screen.tell({ type: 'shared', again, qr, ...facts });
  log.info({ ...here.logName(manifest.name), files: facts.files, bytes: facts.size }, 'a share is open');
  if (again) screen.tell({ type: 'note', message: 'You have shared this before: same link.' });
  const note = pieceNote(facts.pieceSize);
  if (note !== null) screen.tell({ type: 'note', message: note });
}

interface SharingParts extends Told {
  readonly telling: Telling;
  readonly clock: Clock;
  readonly host: Host;
  readonly until: number | null;
}

/** One share, from its files to its last receiver. */
class Sharing {
  readonly #parts: SharingParts;
  /** How many had it before this run. */
  #before = 0;

  constructor(parts: SharingParts) {
    this.#parts = parts;
  }

  async run(): Promise<ExitCode> {
    const { telling, here, clock, call } = this.#parts;
    const { infoHash, again } = await this.#opened();
    const manifest = await telling.until(() => telling.manifests.get(infoHash) ?? null, here.interrupted);
    if (manifest === null) throw this.#stopped();
    this.#before = telling.snapshots.get(infoHash)?.delivered ?? 0;
    await toldLink(infoHash, manifest, again, this.#parts);
    // Public is what is said to be, this time: one that was killed while it was listed is so no more.
    const { directory } = this.#parts.host.peer;
    await directory.list(infoHash, call.has('list'));
    const stop = follow(infoHash, {
      ...{ telling, clock, screen: here.screen },
      standing: (snapshot) => sharingStanding(snapshot, this.#delivered(snapshot)),
      moving: (snapshot) => sendingOf(snapshot, this.#delivered(snapshot)),
    });
    const stopTelling = telling.watch(this.#news(infoHash));
    try {
      return await this.#ended(infoHash);
    } finally {
      stopTelling();
      stop();
      if (call.has('list')) await directory.list(infoHash, false);
    }
  }

  /** Of these files: one of an earlier time, or a new one. */
  async #opened(): Promise<{ infoHash: InfoHash; again: boolean }> {
    const { call, here, host, serverUrl } = this.#parts;
    const request = await requestFor(call.operands, typedDetails(call, serverUrl), here);
    const resource = call.text('resource');
    if (resource !== null) {
      const bytes = await beginningOf(resolve(here.folder, resource)).catch((error: unknown) => {
        throw systemEnded(error, displayName(resource));
      });
      return {
        infoHash: resourceOutcomeOf(await host.peer.resources.seed(bytes, request.files), resource),
        again: false,
      };
    }
    const before = request.salted ? await host.peer.sharedBefore(request) : null;
    if (before !== null) return { infoHash: before, again: true };
    if (here.interrupted.aborted) throw notShared({ kind: 'cancelled' });
    const cancel = (): void => host.peer.cancelShare();
    here.interrupted.addEventListener('abort', cancel, { once: true });
    const outcome = await host.peer.share(request, toldTo(here));
    here.interrupted.removeEventListener('abort', cancel);
    if (outcome.kind !== 'shared') throw notShared(outcome);
    return { infoHash: outcome.infoHash, again: false };
  }

  #delivered({ delivered }: { readonly delivered: number }): number {
    return Math.max(0, delivered - this.#before);
  }

  /** Says once what came: a receiver who has all of it, or how it stands with the list of public shares. */
  #news(infoHash: InfoHash): () => void {
    const { telling, here, call } = this.#parts;
    let told: { receivers: number; listed: ListingState } = { receivers: 0, listed: 'no' };
    return () => {
      const snapshot = telling.snapshots.get(infoHash);
      if (snapshot === undefined) return;
      const receivers = this.#delivered(snapshot);
      if (receivers > told.receivers) here.screen.tell({ type: 'delivered', infoHash, receivers });
      const { listed } = snapshot;
      if (call.has('list') && listed !== told.listed && listed !== 'asked') {
        here.screen.tell({ type: 'listing', infoHash, listed, message: LISTINGS[listed] });
      }
      told = { receivers: Math.max(receivers, told.receivers), listed };
    };
  }

  async #ended(infoHash: InfoHash): Promise<ExitCode> {
    const { telling, here, until } = this.#parts;
    const end = await telling.until(() => {
      const snapshot = telling.snapshots.get(infoHash);
      if (telling.broken.has(infoHash)) return 'broken';
      if (snapshot?.phase === 'failed') return snapshot.trouble;
      return until !== null && snapshot !== undefined && this.#delivered(snapshot) >= until
        ? 'delivered'
        : null;
    }, here.interrupted);
    if (end === 'delivered') return DONE;
    if (end === null) throw this.#stopped();
    throw notDone(troubleSentence(end === 'broken' ? { kind: 'broken' } : end));
  }

  #stopped(): Ended {
    return new Ended(
      INTERRUPTED,
      'Stopped. The link rests; it works again when you share the same files again.',
    );
  }
}

const LISTINGS: Readonly<Record<ListingState, string>> = {
  no: 'It is not listed.',
  asked: 'It is listed as soon as the server has taken it.',
  listed: 'It is listed: anyone can find it by its name on this server.',
  'name-not-listable':
    'It is not listed: its name has characters that are not shown as they are. Share it under a plain --name.',
  'directory-full':
    'It is not listed: the server takes no more shares from you now. It is tried again every half minute.',
  'directory-off': 'It is not listed: this server keeps no list of public shares.',
  refused: 'It is not listed: the server did not take it now. It is tried again every half minute.',
};
