/** `shoal get` ([HL14]): fetches a share into a folder, goes on with what is there, and passes it on for a while. */
import { resolve } from 'node:path';
import type { InfoHash } from '../../shared/ids.ts';
import { hostOf } from '../../shared/engine/web/mirrors.ts';
import { displayName } from '../../shared/manifest/display.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { receivingStanding, sharingStanding } from '../terminal/status-words.ts';
import { commandLine, givenAgain } from './again.ts';
import {
  Arrival,
  GIVE_UP_OPTION,
  OUTPUT_OPTION,
  RESOURCE_OPTION,
  SEED_FOR_OPTION,
  timesOf,
} from './arrival.ts';
import type { ArrivalParts } from './arrival.ts';
import type { Command } from './command.ts';
import { notDone } from './exit.ts';
import type { ExitCode } from './exit.ts';
import { factsOf } from './facts.ts';
import { follow, progressOf } from './follow.ts';
import { CONNECTION_OPTIONS, LIMIT_DOWN, LIMIT_UP, limitsOf, torrentInnoOf } from './limits.ts';
import { diskNews, withHost } from './run-host.ts';
import { selected } from './selection.ts';
import { linkAt, SERVER_OPTION, serverFor, serverOfLink } from './server.ts';
import { stateFolderIn } from './state-folders.ts';
import { writableFolder } from './system.ts';
import { targetOf } from './target.ts';
import type { Target } from './target.ts';
import { Telling } from './telling.ts';
import { whenInterrupted } from './waiting.ts';

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
    ...OUTPUT_OPTION,
    select: {
      kind: 'list',
      value: 'GLOB',
      about:
        "fetch only files that match, such as '*.jpg' or 'Holiday/**'; as often as wanted, '!…' takes away",
    },
    ...SEED_FOR_OPTION,
    ...GIVE_UP_OPTION,
    'no-web': {
      kind: 'flag',
      about: 'ask no web address that the share names: fetch from people alone',
    },
    ...RESOURCE_OPTION,
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
    const times = timesOf(call);
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

interface GetParts extends Omit<ArrivalParts, 'again'> {
  readonly serverUrl: string;
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
    const arrival = new Arrival({ ...this.#parts, again: () => this.#again() });
    try {
      const manifest = await this.#begun(arrival);
      await arrival.whole(this.#infoHash);
      arrival.end();
      const facts = await arrival.placed(this.#infoHash);
      here.screen.tell({ type: 'got', infoHash: this.#infoHash, name: manifest.name, ...facts });
      await arrival.saved(this.#infoHash, manifest.name);
      isSeeding = true;
      // A farewell is nothing to tell of.
      if (this.#parts.times.seed === 0) stop();
      return await arrival.passedOn(this.#infoHash);
    } finally {
      arrival.end();
      stop();
    }
  }

  /** Opens it, and asks for what is wanted once it is known what there is. */
  async #begun(arrival: Arrival): Promise<Manifest> {
    const { host, disk, target, call, serverUrl, here } = this.#parts;
    this.#noteServer();
    const usesWeb = !call.has('no-web');
    // Leave that an earlier call gave holds on.
    if (!usesWeb) await host.peer.web.allow(this.#infoHash, false);
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
    if (usesWeb) await host.peer.web.allow(this.#infoHash, true);
    const manifest = await arrival.waitFor(() => this.#parts.telling.manifests.get(this.#infoHash) ?? null);
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
