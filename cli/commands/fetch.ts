/**
 * `shoal fetch` ([HL67]): gets the file at a web address, together with everybody who wants it and with those who lend their
 * connection, into a folder; goes on where an earlier call stopped; and has a share of it at the end.
 */
import { resolve } from 'node:path';
import { hostOf } from '../../shared/engine/web/mirrors.ts';
import type { InfoHash } from '../../shared/ids.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import type { StreamProgress } from '../../shared/peer/streamed-file.ts';
import { swarmOfUrl } from '../../shared/peer/web-swarm.ts';
import type { FetchOutcome, TransferSnapshot } from '../../shared/peer/verbs.ts';
import { anyHost, isPublicHost } from '../../shared/url/literal-address.ts';
import { normalUrl } from '../../shared/url/normal-form.ts';
import { otherFileSentence, urlRefusalSentence } from '../../shared/words/url-refusals.ts';
import { fetchingStanding, notFetchedSentence } from '../terminal/fetch-words.ts';
import type { FetchVerified } from '../terminal/said.ts';
import { sharingStanding, troubleSentence } from '../terminal/status-words.ts';
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
import type { Command, Here } from './command.ts';
import { notDone, wrongCall } from './exit.ts';
import type { ExitCode } from './exit.ts';
import { follow, progressOf } from './follow.ts';
import { LIMIT_DOWN, LIMIT_UP, limitsOf, RELAY_OPTION } from './limits.ts';
import type { Call } from './options.ts';
import { diskNews, withHost } from './run-host.ts';
import { linkAt, SERVER_OPTION, serverFor } from './server.ts';
import { stateFolderIn } from './state-folders.ts';
import { writableFolder } from './system.ts';
import { Telling } from './telling.ts';
import { whenInterrupted } from './waiting.ts';

export const fetchCommand: Command = {
  name: 'fetch',
  summary: 'fetch a file from the web, together with others',
  usage: 'fetch URL [-o DIR] [--sha256 HEX]',
  about: [
    'Gets the file at a web address in parts: from its server, from everybody who fetches it at the same time, and from people who lend their connection (shoal lend). Goes on where an earlier call stopped: give the same command again. At the end it is a share as any other, whose link is printed.',
    'The server, and those who fetch and lend, see the address of this machine. Only public addresses are asked, without cookies and passwords.',
    'Ctrl+C keeps what has arrived. Twice ends at once.',
  ],
  operands: { least: 1, most: 1, what: 'one web address of a file' },
  options: {
    ...OUTPUT_OPTION,
    sha256: {
      kind: 'text',
      value: 'HEX',
      about: 'what the whole file must be: nothing else is kept (also #sha256=HEX behind the address)',
    },
    ...SEED_FOR_OPTION,
    ...GIVE_UP_OPTION,
    ...RESOURCE_OPTION,
    ...LIMIT_DOWN,
    ...LIMIT_UP,
    ...RELAY_OPTION,
    ...SERVER_OPTION,
  },
  examples: [
    ['fetch https://files.example.org/disk.iso', 'into this folder'],
    ['fetch https://files.example.org/disk.iso --sha256 9f86… --seed-for 1h', 'verified, and passed on'],
  ],
  async run(call, here) {
    const times = timesOf(call);
    const limits = limitsOf(call);
    const address = addressOf(call, here);
    const { digest, clock } = await here.doors.platform();
    const file = await swarmOfUrl(digest, address.url);
    const serverUrl = serverFor(call, here);
    const folder = resolve(here.folder, call.text('output') ?? '.');
    await writableFolder(folder);
    const telling = new Telling(here.log);
    const disk = { stateFolder: stateFolderIn(folder, file), targetFolder: folder, ...diskNews(here) };
    const relayOnly = call.has('relay-only');
    return withHost(
      here.doors,
      { serverUrl, disk, listener: telling, limits, relayOnly, torrentInno: null },
      (host, opened) => {
        const parts = { call, here, telling, clock, host, disk: opened, folder, times };
        return new Fetch({ ...parts, ...address, file, serverUrl }).run();
      },
      here,
    );
  },
};

interface Address {
  /** In its normal form. */
  readonly url: string;
  readonly sha256: string | null;
}

function addressOf(call: Call, { env }: Here): Address {
  const normal = normalUrl(call.first, env['SHOAL_WEB_PRIVATE'] === 'on' ? anyHost : isPublicHost);
  if (normal.kind === 'refused') throw wrongCall(urlRefusalSentence(normal.why));
  const said = call.text('sha256')?.toLowerCase() ?? null;
  if (said !== null && !/^[0-9a-f]{64}$/.test(said))
    throw wrongCall('--sha256 takes a SHA-256: 64 characters, digits and the letters a to f.');
  if (said !== null && normal.sha256 !== null && said !== normal.sha256)
    throw wrongCall('The address has another SHA-256 behind # than --sha256 says. Leave one of them out.');
  return { url: normal.url, sha256: said ?? normal.sha256 };
}

interface FetchParts extends Omit<ArrivalParts, 'again'>, Address {
  /** Of the swarm of its address, until it is a share. */
  readonly file: InfoHash;
  readonly serverUrl: string;
}

/** It is a share. `last`: the figures with which it became one; null: it came as one stream, or was one before. */
interface Became {
  readonly share: InfoHash;
  readonly verified: FetchVerified;
  readonly last: TransferSnapshot | null;
}

class Fetch {
  readonly #parts: FetchParts;
  readonly #arrival: Arrival;
  #stopFollowing: () => void = () => undefined;

  constructor(parts: FetchParts) {
    this.#parts = parts;
    this.#arrival = new Arrival({ ...parts, again: () => this.#again() });
  }

  async run(): Promise<ExitCode> {
    try {
      const became = await this.#became();
      const manifest = await this.#arrival.waitFor(
        () => this.#parts.telling.manifests.get(became.share) ?? null,
      );
      await this.#arrival.whole(became.share);
      this.#arrival.end();
      this.#stopFollowing();
      await this.#told(became, manifest);
      if (this.#parts.times.seed > 0) this.#followShare(became.share);
      return await this.#arrival.passedOn(became.share);
    } finally {
      this.#arrival.end();
      this.#stopFollowing();
    }
  }

  async #became(): Promise<Became> {
    for (;;) {
      const outcome = await this.#asked();
      if (outcome.kind === 'streamed') return { share: outcome.infoHash, ...this.#streamed() };
      if (outcome.kind === 'here') return this.#here(outcome.infoHash);
      if (outcome.kind !== 'begun') throw this.#notFetched(outcome);
      const end = await this.#loaded();
      if (end !== 'again') return end;
    }
  }

  /** What is at the address is asked for, or all of it comes as one stream. */
  async #asked(): Promise<FetchOutcome> {
    const { host, url, sha256, here } = this.#parts;
    const cancel = (): void => host.peer.webFiles.cancel();
    here.interrupted.addEventListener('abort', cancel, { once: true });
    try {
      const fetching = host.peer.webFiles.fetch(url, sha256, (progress) => this.#moved(progress));
      return await this.#arrival.unlessEnded(Promise.race([fetching, whenInterrupted(here.interrupted)]));
    } catch (error) {
      cancel();
      throw error;
    } finally {
      here.interrupted.removeEventListener('abort', cancel);
    }
  }

  #moved({ receivedBytes, totalBytes }: StreamProgress): void {
    this.#arrival.moved();
    this.#parts.here.screen.tell({ type: 'streaming', url: this.#parts.url, receivedBytes, totalBytes });
  }

  /** Until it is a share, or has to be asked for once more. */
  async #loaded(): Promise<Became | 'again'> {
    const { telling, file, url, here } = this.#parts;
    this.#followFile();
    await this.#toldWhat();
    for (;;) {
      const end = await this.#arrival.waitFor(() => this.#ended());
      if (typeof end === 'object')
        return { share: end.share, last: end.last, verified: verifiedBy(end.last) };
      if (end === 'broken') throw notDone(troubleSentence({ kind: 'broken' }));
      if (end === 'failed') throw notDone(troubleSentence(telling.snapshots.get(file)?.trouble ?? null));
      telling.changes.delete(file);
      if (end === 'refused') throw notDone(otherFileSentence(hostOf(url)));
      here.screen.tell({
        type: 'note',
        message: `The file at ${hostOf(url)} was changed meanwhile. What had come of it is of no use any more; it is fetched again from its beginning.`,
      });
      if (end === 'ends') return 'again';
    }
  }

  #ended() {
    const { telling, file } = this.#parts;
    if (telling.broken.has(file)) return 'broken';
    const failed = telling.snapshots.get(file)?.phase === 'failed' ? 'failed' : null;
    return telling.made.get(file) ?? telling.changes.get(file) ?? failed;
  }

  async #toldWhat(): Promise<void> {
    const { telling, file, url, here, sha256 } = this.#parts;
    const manifest = await this.#arrival.waitFor(() => telling.manifests.get(file) ?? this.#ended());
    if (typeof manifest !== 'object' || !('files' in manifest)) return;
    const { name, totalBytes: size } = manifest;
    here.screen.tell({ type: 'fetching', infoHash: file, url, name, size, sha256 });
    here.log.info({ ...here.logName(name) }, 'a fetch begins');
  }

  async #told({ share, verified, last }: Became, { name }: Manifest): Promise<void> {
    const { here, serverUrl, url } = this.#parts;
    const { size } = await this.#arrival.placed(share);
    const { right = 0, unseen = 0 } = last?.web ?? {};
    const link = linkAt(serverUrl, share);
    here.screen.tell({
      ...{ type: 'fetched', infoHash: share, link, url, name, size },
      ...{ verified, right, unseen },
    });
    await this.#arrival.saved(share, name);
  }

  /** [WS40] An earlier call made it. What it was compared with then is not known, but for the SHA-256. */
  async #here(share: InfoHash): Promise<Became> {
    const { host, sha256 } = this.#parts;
    await host.peer.download(share);
    return { share, last: null, verified: sha256 === null ? 'no' : 'sha256' };
  }

  #streamed(): Omit<Became, 'share'> {
    return { last: null, verified: this.#parts.sha256 === null ? 'server' : 'sha256' };
  }

  #notFetched(outcome: Exclude<FetchOutcome, { kind: 'begun' | 'here' | 'streamed' }>) {
    if (outcome.kind === 'cancelled') return notDone('It is being fetched already.');
    return notDone(notFetchedSentence(outcome, hostOf(this.#parts.url)));
  }

  #followFile(): void {
    const { telling, clock, here, host, file, url } = this.#parts;
    const lenders = (): number => host.peer.borrowing.lendersOf(url)?.taken ?? 0;
    this.#stopFollowing();
    this.#stopFollowing = follow(file, {
      ...{ telling, clock, screen: here.screen },
      standing: (snapshot) => fetchingStanding(snapshot, hostOf(url), lenders()),
      moving: (snapshot) => ({
        ...progressOf(snapshot),
        fromServer: snapshot.receivedFrom.web,
        fromLenders: snapshot.web?.fromLenders ?? 0,
        fromOthers: snapshot.receivedFrom.people - (snapshot.web?.fromLenders ?? 0),
        lenders: lenders(),
      }),
    });
  }

  #followShare(share: InfoHash): void {
    const { telling, clock, here } = this.#parts;
    this.#stopFollowing = follow(share, {
      ...{ telling, clock, screen: here.screen },
      standing: (snapshot) => sharingStanding(snapshot, snapshot.delivered),
      moving: progressOf,
    });
  }

  #again(): string {
    const { call } = this.#parts;
    const output = call.text('output');
    const others = givenAgain(call, Object.keys(fetchCommand.options), ['output']);
    return commandLine('fetch', call.first, ...(output === null ? [] : ['-o', output]), ...others);
  }
}

/** What the result is worth, by the figures with which it became a share. */
function verifiedBy(last: TransferSnapshot | null): FetchVerified {
  if (last === null || last.web === null) return 'no';
  if (last.web.sha256 !== null) return 'sha256';
  if (last.receivedFrom.people === 0) return last.receivedFrom.web >= last.totalBytes ? 'server' : 'no';
  return 'parts';
}
