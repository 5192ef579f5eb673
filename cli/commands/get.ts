/** `shoal get` ([HL14]): fetches a share into a folder, goes on with what is there, and passes it on for a while. */
import { join, resolve } from 'node:path';
import type { InfoHash } from '../../shared/ids.ts';
import { hostOf } from '../../shared/engine/web/mirrors.ts';
import { displayName } from '../../shared/manifest/display.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { resourceFileName } from '../../shared/manifest/saved-paths.ts';
import type { Clock } from '../../shared/peer/ports.ts';
import { receivingStanding, sharingStanding, troubleSentence } from '../terminal/status-words.ts';
import { commandLine, givenAgain } from './again.ts';
import type { Command, Here } from './command.ts';
import { DONE, Ended, INTERRUPTED, notDone } from './exit.ts';
import type { ExitCode } from './exit.ts';
import { factsOf } from './facts.ts';
import { follow, progressOf } from './follow.ts';
import { CONNECTION_OPTIONS, LIMIT_DOWN, LIMIT_UP, limitsOf, torrentInnoOf } from './limits.ts';
import type { Call } from './options.ts';
import type { Host, OpenedDisk } from './ports.ts';
import { timeOf } from './quantities.ts';
import { diskNews, withHost } from './run-host.ts';
import { tellSaved } from './saved.ts';
import { selected } from './selection.ts';
import { linkAt, SERVER_OPTION, serverFor, serverOfLink } from './server.ts';
import { stateFolderIn } from './state-folders.ts';
import { writableFolder, writeWhole } from './system.ts';
import { targetOf } from './target.ts';
import type { Target } from './target.ts';
import { Telling } from './telling.ts';
import { waited, whenInterrupted } from './waiting.ts';

export const get: Command = {
  name: 'get',
  summary: 'fetch a share by its link, magnet text or resource file',
  usage: 'get LINK|MAGNET|FILE [-o DIR]',
  about: [
    'Writes the files with their folders, checks every piece, and goes on where an earlier run stopped: give the same command again. What lies there already and is right is not fetched. Put links in quotes.',
    'Ctrl+C keeps what has arrived. Twice ends at once.',
  ],
  operands: { least: 1, most: 1, what: 'one link, magnet text or .torrentinno file' },
  options: {
    output: { kind: 'text', short: 'o', value: 'DIR', about: 'folder to write to (otherwise this one)' },
    select: {
      kind: 'list',
      value: 'GLOB',
      about:
        "fetch only files that match, such as '*.jpg' or 'Holiday/**'; as often as wanted, '!…' takes away",
    },
    'seed-for': {
      kind: 'text',
      value: 'TIME',
      about: 'pass it on afterwards: 30s, 10m, 2h or forever (otherwise not)',
    },
    'give-up-after': {
      kind: 'text',
      value: 'TIME',
      about: 'end where nothing has come for so long (otherwise it waits)',
    },
    'no-web': {
      kind: 'flag',
      about: 'ask no web address that the share names: fetch from people alone',
    },
    'with-resource': {
      kind: 'flag',
      about: 'write its resource file beside it, to pass on',
    },
    'look-in': {
      kind: 'list',
      value: 'DIR',
      about: 'a folder in which some of it may lie already, such as that of a daemon: it is not fetched then',
    },
    link: { kind: 'flag', about: 'what lies there whole is hard-linked, not copied' },
    ...LIMIT_DOWN,
    ...LIMIT_UP,
    ...CONNECTION_OPTIONS,
    ...SERVER_OPTION,
  },
  examples: [
    ["get 'https://share.example.org/#…' -o ~/Downloads", 'all of it'],
    ["get film.torrentinno --select '*.mkv' --seed-for 2h", 'some files, and two hours for others'],
  ],
  async run(call, here) {
    const times = { seed: timeOf('seed-for', call.text('seed-for') ?? '0s'), patience: patienceOf(call) };
    const [limits, torrentInno] = [limitsOf(call), torrentInnoOf(call)];
    selected({ files: [] }, call.list('select'));
    const { digest, clock } = await here.doors.platform();
    const target = await targetOf(call.first, resolve(here.folder, call.first), digest);
    const serverUrl = serverFor(call, here, target.kind === 'resource' ? null : target.text);
    const folder = resolve(here.folder, call.text('output') ?? '.');
    await writableFolder(folder);
    const telling = new Telling(here.log);
    const disk = {
      stateFolder: stateFolderIn(folder, target.infoHash),
      targetFolder: folder,
      lookIn: call.list('look-in').map((path) => resolve(here.folder, path)),
      links: call.has('link'),
      ...diskNews(here),
    };
    const relayOnly = call.has('relay-only');
    return withHost(
      here.doors,
      { serverUrl, disk, listener: telling, limits, relayOnly, torrentInno },
      (host, opened) =>
        new Get({ call, here, telling, clock, host, disk: opened, folder, serverUrl, times, target }).run(),
      here,
    );
  },
};

function patienceOf(call: Call): number {
  const text = call.text('give-up-after');
  return text === null ? Infinity : timeOf('give-up-after', text);
}

interface GetParts {
  readonly call: Call;
  readonly here: Here;
  readonly telling: Telling;
  readonly clock: Clock;
  readonly host: Host;
  readonly disk: OpenedDisk;
  readonly folder: string;
  readonly serverUrl: string;
  /** ms */
  readonly times: { readonly seed: number; readonly patience: number };
  readonly target: Target;
}

/** [WS2] Who else is asked, and so learns that this machine fetches it. */
function webNote({ urls }: Manifest): string {
  const hosts = [...new Set(urls.map(({ url }) => hostOf(url)))];
  const named = hosts.slice(0, MOST_HOSTS).join(', ');
  const more = hosts.length - MOST_HOSTS;
  return `Fetching from the web, too: ${named}${more > 0 ? ` and ${more} more` : ''}. With --no-web from people alone.`;
}

const MOST_HOSTS = 3;
const NOTHING_MOVES: ReadonlySet<string> = new Set(['looking', 'ready']);
/** ms for telling the others what came last ([PL3]): who counts its receivers counts this one, too ([EN8]). */
const FAREWELL_MS = 2_000;

/** One download, from its link to its files. */
class Get {
  readonly #parts: GetParts;
  readonly #infoHash: InfoHash;

  constructor(parts: GetParts) {
    this.#parts = parts;
    this.#infoHash = parts.target.infoHash;
  }

  async run(): Promise<ExitCode> {
    const { telling, clock, here } = this.#parts;
    let isSeeding = false;
    const stop = follow(this.#infoHash, {
      ...{ telling, clock, screen: here.screen },
      standing: (snapshot) =>
        isSeeding ? sharingStanding(snapshot, snapshot.delivered) : receivingStanding(snapshot),
      moving: (snapshot) => (NOTHING_MOVES.has(snapshot.phase) ? null : progressOf(snapshot)),
    });
    const giveUp = this.#givenUp();
    try {
      const manifest = await this.#begun(giveUp.promise);
      await this.#arrived(giveUp.promise);
      giveUp.end();
      await this.#told(manifest);
      isSeeding = true;
      // A farewell is nothing to tell of.
      if (this.#parts.times.seed === 0) stop();
      return await this.#passedOn();
    } finally {
      giveUp.end();
      stop();
    }
  }

  /** Opens it, and asks for what is wanted once it is known what there is. */
  async #begun(givenUp: Promise<never>): Promise<Manifest> {
    const { host, disk, target, call, serverUrl, here } = this.#parts;
    this.#noteServer();
    if (target.kind === 'resource') {
      // What it still reads when somebody wants it to end is nobody's any more: the disk is closed then.
      await Promise.race([
        disk.gather(this.#infoHash, target.bytes.slice()),
        whenInterrupted(here.interrupted),
      ]);
      if (!here.interrupted.aborted) await host.peer.resources.open(target.bytes);
    } else {
      await host.peer.open(this.#infoHash);
    }
    const usesWeb = !call.has('no-web');
    if (usesWeb) await host.peer.web.allow(this.#infoHash, true);
    const manifest = await this.#waitFor(
      () => this.#parts.telling.manifests.get(this.#infoHash) ?? null,
      givenUp,
    );
    const patterns = call.list('select');
    const files = patterns.length === 0 ? null : selected(manifest, patterns);
    if (files?.length === 0) {
      throw notDone(
        `No file of “${displayName(manifest.name)}” matches. \`shoal info\` lists those of a resource file.`,
      );
    }
    const wanted = files ?? [...manifest.files.keys()];
    here.screen.tell({
      type: 'found',
      ...factsOf(this.#infoHash, manifest, serverUrl),
      wanted: wanted.length,
      wantedBytes: wanted.reduce((sum, nth) => sum + (manifest.files[nth]?.size ?? 0), 0),
    });
    if (usesWeb && manifest.urls.length > 0) here.screen.tell({ type: 'note', message: webNote(manifest) });
    here.log.info({ ...here.logName(manifest.name), files: wanted.length }, 'a download begins');
    await host.peer.files.choose(this.#infoHash, files);
    await host.peer.download(this.#infoHash);
    return manifest;
  }

  async #arrived(givenUp: Promise<never>): Promise<void> {
    const { telling } = this.#parts;
    const end = await this.#waitFor(() => {
      const snapshot = telling.snapshots.get(this.#infoHash);
      if (telling.broken.has(this.#infoHash)) return 'broken';
      if (snapshot?.phase === 'failed') return snapshot.trouble;
      return snapshot?.phase === 'complete' ? 'complete' : null;
    }, givenUp);
    if (end === 'complete') return;
    throw notDone(troubleSentence(end === 'broken' ? { kind: 'broken' } : end));
  }

  /** Null is never answered: who wants it to end is told how to go on. */
  async #waitFor<Answer>(find: () => Answer | null, givenUp: Promise<never>): Promise<Answer> {
    const { telling, here } = this.#parts;
    const answer = await Promise.race([telling.until(find, here.interrupted), givenUp]);
    if (answer === null)
      throw new Ended(INTERRUPTED, `Stopped. What has arrived is kept. To go on: ${this.#again()}`);
    return answer;
  }

  async #told({ name }: Manifest): Promise<void> {
    const { here, disk, folder, host, call } = this.#parts;
    const snapshot = this.#parts.telling.snapshots.get(this.#infoHash);
    const outcome = await disk.finish(this.#infoHash);
    if (snapshot !== undefined) here.screen.tell(progressOf(snapshot));
    if (outcome !== null) tellSaved(here.screen, this.#infoHash, outcome);
    const size = snapshot?.wanted?.bytes ?? snapshot?.totalBytes ?? 0;
    const files = snapshot?.wanted?.files ?? outcome?.files.length ?? 0;
    here.screen.tell({ type: 'got', infoHash: this.#infoHash, name, files, size });
    await host.peer.saves.saved(this.#infoHash);
    if (!call.has('with-resource')) return;
    const bytes = await host.peer.resources.bytesOf(this.#infoHash);
    if (bytes !== null) await writeWhole(join(folder, resourceFileName(name)), bytes, true);
  }

  async #passedOn(): Promise<ExitCode> {
    const { times, clock, here } = this.#parts;
    if (times.seed === 0) {
      const { peers = [] } = this.#parts.telling.snapshots.get(this.#infoHash) ?? {};
      if (peers.length > 0) await waited(FAREWELL_MS, clock, here.interrupted);
      return DONE;
    }
    here.screen.tell({ type: 'note', message: 'Passing it on. Ctrl+C ends that.' });
    if ((await waited(times.seed, clock, here.interrupted)) === 'passed') return DONE;
    throw new Ended(INTERRUPTED, 'Stopped passing it on. The download is complete.');
  }

  /** Rejects where nothing has come for too long. */
  #givenUp(): { readonly promise: Promise<never>; readonly end: () => void } {
    const { telling, clock, times, here } = this.#parts;
    let [bytes, cancel] = [-1, (): void => undefined];
    let reject: (why: Ended) => void = () => undefined;
    const promise = new Promise<never>((_, give) => (reject = give));
    promise.catch(() => undefined);
    const begin = (): void => {
      cancel();
      if (times.patience !== Infinity) {
        cancel = clock.after(times.patience, () =>
          reject(
            notDone(
              `Nothing has come for too long, so this was given up. What has arrived is kept. To go on: ${this.#again()}`,
            ),
          ),
        );
      }
    };
    const stop = telling.watch(() => {
      const now = telling.snapshots.get(this.#infoHash)?.receivedBytes ?? 0;
      if (now !== bytes) begin();
      bytes = now;
    });
    begin();
    const end = (): void => {
      stop();
      cancel();
    };
    here.interrupted.addEventListener('abort', end, { once: true });
    return { promise, end };
  }

  /** A link of another server than the one that is asked leads to people who are not there. */
  #noteServer(): void {
    const { target, serverUrl, here } = this.#parts;
    const named = target.kind === 'link' ? serverOfLink(target.text) : null;
    if (named === null || named === serverUrl) return;
    here.screen.tell({
      type: 'note',
      message: `Asking ${serverUrl}, and the link leads to ${named}. If nobody is found: --server ${named}`,
    });
  }

  #again(): string {
    const { call, serverUrl, target } = this.#parts;
    const what = target.kind === 'resource' ? call.first : linkAt(serverUrl, this.#infoHash);
    const output = call.text('output');
    const others = givenAgain(call, Object.keys(get.options), ['output', 'server']);
    const server = target.kind === 'resource' || call.has('server') ? ['--server', serverUrl] : [];
    return commandLine('get', what, ...(output === null ? [] : ['-o', output]), ...others, ...server);
  }
}
