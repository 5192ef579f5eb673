/** The worker as it is put together, with this platform's ports: what it exposes, and what it says to its page. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { InfoHash, PeerId, SwarmId } from '../../shared/ids.ts';
import { encodeHandshake } from '../../shared/protocol/codec.ts';
import { nodeVerifies } from '../../shared/peer/testing/node-identity.ts';
import { FIRST_SETTINGS } from '../../shared/peer/settings.ts';
import { parseSignals } from '../../shared/peer/signals.ts';
import { errorMessage, parseClientMessage, serverText } from '../../shared/tracker/messages.ts';
import { proofBytes } from '../../shared/tracker/proof.ts';
import type { ClientMessage, ServerMessage } from '../../shared/tracker/messages.ts';
import { delivered } from '../net/simple-peer.fixture.ts';
import type {
  FileChange,
  PageApi,
  ShareRequest,
  TransferSnapshot,
  WorkerApi,
  ShownManifest,
} from './contract.ts';

const exposed = vi.hoisted(() => [] as unknown[]);
vi.mock('comlink', () => ({ expose: (api: unknown) => exposed.push(api) }));

const OTHER = 'ff'.repeat(32) as PeerId;
const UNKNOWN = '0e'.repeat(32) as InfoHash;

/** The tracker's end of a socket. */
class FakeSocket extends EventTarget {
  static readonly made: FakeSocket[] = [];
  static readonly OPEN = 1;
  readonly url: string;
  readonly texts: string[] = [];
  readyState = 0;

  constructor(url: string) {
    super();
    this.url = url;
    FakeSocket.made.push(this);
  }
  /** It knows no proofs, so that nobody waits for one. */
  knowsProofs = false;
  send(text: string): void {
    this.texts.push(text);
    const { type } = parseClientMessage(text);
    if (type !== 'challenge' || this.knowsProofs) return;
    queueMicrotask(() => this.says(errorMessage('unknown-type', '')));
  }
  close(): void {
    this.readyState = 3;
  }
  opens(): void {
    this.readyState = FakeSocket.OPEN;
    this.dispatchEvent(new Event('open'));
  }
  says(message: ServerMessage): void {
    this.dispatchEvent(new MessageEvent('message', { data: serverText(message) }));
  }
  get messages(): ClientMessage[] {
    return this.texts.map(parseClientMessage).filter((message) => message.type !== 'refused');
  }
  get announces(): unknown[] {
    return this.messages.flatMap((message) =>
      message.type === 'announce' ? [[message.swarm, message.event, message.left]] : [],
    );
  }
}

class Page implements PageApi {
  readonly pushes: (readonly TransferSnapshot[])[] = [];
  readonly told: unknown[] = [];

  snapshotsTaken = (snapshots: readonly TransferSnapshot[]) => this.pushes.push(snapshots);
  readonly manifests: (readonly [InfoHash, ShownManifest])[] = [];
  manifestKnown = (...known: [InfoHash, ShownManifest]) => this.manifests.push(known);
  removed = (infoHash: InfoHash) => this.told.push(['removed', infoHash]);
  becameShare = (file: InfoHash, share: InfoHash) => this.told.push(['became', file, share]);
  fileChanged = (file: InfoHash, change: FileChange) => this.told.push(['changed', file, change]);
  readonly inMemory: string[] = [];
  keptInMemory = (why: string) => this.inMemory.push(why);
  workerBroke = (what: string) => this.told.push(['broke', what]);
  connect = (attempt: number, role: string) => this.told.push(['connect', attempt, role]);
  signal = (attempt: number, signals: unknown) => this.told.push(['signal', attempt, signals]);
  disconnect = (attempt: number) => this.told.push(['disconnect', attempt]);

  /** The last that was told of a share. */
  of(infoHash: InfoHash): TransferSnapshot | undefined {
    return this.pushes.flat().findLast((snapshot) => snapshot.infoHash === infoHash);
  }
}

let worker: EventTarget;
let page: Page;
let api: WorkerApi;
type Held = (lock: Lock) => Promise<void>;
let locks: string[];
/** [LB2] Held by the first tab as long as it is there. */

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  [worker, page, locks] = [new EventTarget(), new Page(), []];
  [FakeSocket.made.length, exposed.length] = [0, 0];
  vi.stubGlobal('self', worker);
  vi.stubGlobal('WebSocket', FakeSocket);
  // Node has none, but other tests leave one in this process, with all that is in it.
  vi.stubGlobal('indexedDB', undefined);
  vi.stubGlobal('navigator', {
    locks: {
      request: async (name: string, held: Held) => {
        locks.push(name);
        await held({ name, mode: 'exclusive' });
        locks.splice(locks.indexOf(name), 1);
      },
    },
  });
  vi.resetModules();
  await import('./main.ts');
  api = exposed[0] as WorkerApi;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Longer than it takes until the page is told. */
async function settle(ms = 250): Promise<void> {
  await delivered();
  await vi.advanceTimersByTimeAsync(ms);
  await delivered();
}

async function started(prepare: (socket: FakeSocket) => void = () => undefined): Promise<FakeSocket> {
  const options = {
    trackerUrl: 'wss://share.example/drop/tracker',
    basePath: '/drop/',
  };
  await api.start(page, options);
  await settle();
  const [socket] = FakeSocket.made;
  if (socket === undefined) throw new Error('nobody connects to the tracker');
  prepare(socket);
  socket.opens();
  return socket;
}

const requestOf = (...parts: string[]): ShareRequest => ({
  files: parts.map((part, nth) => ({
    file: new File([part], `${nth}`, { lastModified: 1_000 * nth }),
    path: ['Ours', `${nth}.txt`],
  })),
  folders: [],
  name: 'Ours',
  comment: '',
  pieceBytes: null,
  salted: false,
  trackerHost: 'share.example',
  trackerPort: '443',
});

async function shared(...parts: string[]): Promise<InfoHash> {
  const outcome = await api.share(requestOf(...parts), () => undefined);
  if (outcome.kind !== 'shared') throw new Error(outcome.kind);
  await settle();
  return outcome.infoHash;
}

describe('the worker', () => {
  test('refuses to do anything before it is told who it is', async () => {
    expect(() => api.open(UNKNOWN)).toThrow('start is the first call');
    await expect(api.attemptEnded(1)).rejects.toThrow('start is the first call');
  });

  test('[WK4] [ID2] keeps the tracker’s socket itself, and announces under an id of its own', async () => {
    const socket = await started();
    expect(socket.url).toBe('wss://share.example/drop/tracker');
    const infoHash = await shared('abc');
    expect(socket.announces).toEqual([[infoHash, 'started', 0]]);
    expect(socket.messages.map(({ type }) => type)).toEqual(['challenge', 'announce']);
  });

  test('[ID3] proves its id before it announces anything', async () => {
    const socket = await started((made) => (made.knowsProofs = true));
    const infoHash = await shared('abc');
    expect(socket.announces).toEqual([]);
    const challenge = 'c7'.repeat(32);
    socket.says({ type: 'challenge', challenge });
    await vi.waitUntil(() => socket.announces.length > 0);
    expect(socket.announces).toEqual([[infoHash, 'started', 0]]);
    const [, proof, announce] = socket.messages;
    if (proof?.type !== 'prove' || announce?.type !== 'announce') throw new Error('no proof');
    const publicKey = new Uint8Array(Buffer.from(proof.publicKey, 'hex'));
    const own = createHash('sha256').update(publicKey).digest('hex');
    expect([proof.peerId, announce.peerId]).toEqual([own, own]);
    const identity = { id: proof.peerId, algorithm: proof.algorithm, publicKey };
    const signed = proofBytes(challenge, proof.peerId);
    expect(await nodeVerifies(identity, signed, Buffer.from(proof.signature, 'hex'))).toBe(true);
  });

  test('makes a share of the person’s files, with their dates, and tells how far it is', async () => {
    await started();
    const progress: unknown[] = [];
    const request = { ...requestOf('abc', 'defg'), salted: true };
    const outcome = await api.share(request, (step) => progress.push(step));
    await settle();
    expect(progress.at(-1)).toEqual({ hashedBytes: 7, totalBytes: 7 });
    const infoHash = outcome.kind === 'shared' ? outcome.infoHash : UNKNOWN;
    expect(page.manifests).toMatchObject([
      [infoHash, { name: 'Ours', files: [{ modified: 0 }, { path: ['Ours', '1.txt'], modified: 1_000 }] }],
    ]);
    expect(page.of(infoHash)).toMatchObject({ role: 'sharing', totalBytes: 7, storedBytes: 7 });
    expect(await api.share(requestOf(), () => undefined)).toEqual({ kind: 'refused', why: 'no-files' });
  });

  test('[LB11] [LB12] [LB13] [LB15] [LB16] tells what went on, and forgets all of it', async () => {
    await started();
    const infoHash = await shared('abc');
    await api.changeSettings({ theme: 'dark' });
    expect(await api.history()).toMatchObject([{ infoHash, name: 'Ours', end: { kind: 'finished' } }]);
    expect(await api.transferLog({ limit: 10 })).toEqual([]);
    expect(await api.totals()).toEqual({ down: 0, up: 0, days: [] });
    await api.disconnect(infoHash, OTHER);
    await api.clearHistory();
    expect(await api.history()).toEqual([]);
    expect(await api.forgetEverything()).toBe('forgotten');
    expect(await api.library()).toEqual([]);
    expect((await api.settings()).theme).toBe('system');
    expect(page.told).toContainEqual(['removed', infoHash]);
  });

  test('[LB18] [PN13] lists a share of one’s own, and asks what others list', async () => {
    const socket = await started();
    const infoHash = await shared('abc', 'defg');
    expect([await api.list(infoHash, true), await api.list(UNKNOWN, true)]).toEqual(['noted', 'not-open']);
    const facts = { infoHash, name: 'Ours', size: 7, files: 2 };
    expect(socket.messages.at(-1)).toMatchObject({ type: 'publish', ...facts });
    socket.says({ type: 'published', swarm: infoHash as string as SwarmId });
    await settle();
    expect(page.of(infoHash)?.listed).toBe('listed');
    const outcome = api.search({ query: ' ours', offset: 0, limit: 10 });
    expect(socket.messages.at(-1)).toEqual({ type: 'search', query: 'ours', offset: 0, limit: 10 });
    const results = [{ ...facts, complete: 1, incomplete: 0 }];
    socket.says({ type: 'results', query: 'ours', total: 1, results });
    expect(await outcome).toEqual({ kind: 'found', total: 1, results });
  });

  test('[LB10] tells of the files of a share, and refuses a choice among one’s own', async () => {
    await started();
    const infoHash = await shared('abc', 'defg');
    expect(await api.choose(infoHash, [0])).toBe('own-share');
    expect(await api.filesOf(infoHash)).toEqual([
      { path: ['Ours', '0.txt'], size: 3, storedBytes: 3, wanted: true },
      { path: ['Ours', '1.txt'], size: 4, storedBytes: 4, wanted: true },
    ]);
    expect(await api.fileProgress(infoHash)).toEqual({
      storedBytes: Float64Array.of(3, 4),
      wanted: Uint8Array.of(1, 1),
    });
    expect([await api.choose(UNKNOWN, null), await api.filesOf(UNKNOWN)]).toEqual(['not-open', null]);
  });

  test('does with a share what the page asks', async () => {
    const socket = await started();
    await api.open(UNKNOWN);
    await settle();
    expect(page.of(UNKNOWN)).toMatchObject({ role: 'receiving', phase: 'looking' });
    await api.stop(UNKNOWN);
    await settle();
    expect(page.of(UNKNOWN)?.phase).toBe('stopped');
    await api.download(UNKNOWN);
    await settle();
    expect(page.of(UNKNOWN)?.phase).not.toBe('stopped');
    await api.pause(UNKNOWN);
    await api.savedByItself(UNKNOWN);
    expect(socket.announces).toEqual([
      [UNKNOWN, 'started', null],
      [UNKNOWN, 'stopped', null],
      [UNKNOWN, 'started', null],
    ]);
    expect(await api.order(UNKNOWN, { kind: 'sequential' })).toBe('set');
    expect(await api.order('aa'.repeat(32) as InfoHash, { kind: 'sequential' })).toBe('not-open');
    const limits = { up: null, down: null, peerUp: null, peerDown: null };
    expect(await api.limit({ ...limits, up: 0 })).toBe('set');
    expect(await api.limit({ ...limits, down: -1 })).toBe('refused');
    expect(await api.blobOf(UNKNOWN, 0)).toBeNull();
  });

  test('[WK3] tells the page what changed, at most every 200 ms, and nothing where nothing did', async () => {
    const socket = await started();
    const infoHash = await shared('abc');
    const before = page.pushes.length;
    await settle(10_000);
    expect(page.pushes).toHaveLength(before);
    const counted = (incomplete: number) =>
      socket.says({
        ...{ type: 'peers', swarm: infoHash as never, interval: 30, peers: [] },
        ...{ complete: 1, incomplete, downloaded: 0 },
      });
    counted(1);
    await settle(0);
    for (const incomplete of [2, 3, 4]) counted(incomplete);
    await settle(199);
    expect(page.pushes.slice(before).map(([share]) => share?.online?.leechers)).toEqual([1]);
    await settle(1);
    expect(page.pushes.slice(before).map(([share]) => share?.online?.leechers)).toEqual([1, 4]);
  });

  test('[LB6] tells what is set, and what it is after a change', async () => {
    await started();
    expect(await api.settings()).toEqual(FIRST_SETTINGS);
    const changed = { ...FIRST_SETTINGS, keepSmallCopies: false };
    expect(await api.changeSettings({ keepSmallCopies: false })).toEqual(changed);
    expect(await api.settings()).toEqual(changed);
  });

  test('[LB5] has no handles where the browser stores nothing, and what has its files stays as it is', async () => {
    await started();
    const infoHash = await shared('abc');
    expect(await api.handlesOf(infoHash)).toEqual([]);
    await api.reopen(infoHash);
    await settle();
    expect(page.of(infoHash)).toMatchObject({ phase: 'complete', filesMissing: null });
  });

  test('[WK4] holds a lock while a share is served or waited for', async () => {
    await started();
    expect(locks).toEqual([]);
    const [one, other] = [await shared('abc'), await shared('other')];
    expect(locks).toEqual([expect.stringMatching(/^shoal\/drop\/-seeding-/)]);
    await api.stop(one);
    await settle();
    expect(locks).toHaveLength(1);
    await api.stop(other);
    await settle();
    expect(locks).toEqual([]);
    await api.open(one);
    await settle();
    expect(locks).toHaveLength(1);
  });

  test('[PN6] tries the tracker at once when the network is back', async () => {
    await api.start(page, { trackerUrl: 'ws://localhost/tracker', basePath: '/' });
    await settle(0);
    FakeSocket.made[0]?.dispatchEvent(new Event('error'));
    await settle(0);
    expect(FakeSocket.made).toHaveLength(1);
    worker.dispatchEvent(new Event('online'));
    await settle(0);
    expect(FakeSocket.made).toHaveLength(2);
  });
});

describe('a connection that the page makes for the worker', () => {
  async function dialling(): Promise<{ socket: FakeSocket; infoHash: InfoHash }> {
    const socket = await started();
    const infoHash = await shared('abc');
    const leecher = { peerId: OTHER, seed: false };
    socket.says({ type: 'joined', swarm: infoHash as never, ...leecher });
    await settle();
    return { socket, infoHash };
  }

  test('[PN4] [PN5] is asked for in its role, and its signals go by way of the tracker', async () => {
    const { socket, infoHash } = await dialling();
    expect(page.told).toEqual([['connect', 1, 'dialler']]);
    const offer = { type: 'offer', sdp: 'v=0' };
    await api.attemptSignalled(1, [offer]);
    const said = socket.messages.at(-1);
    expect(said).toMatchObject({ type: 'signal', swarm: infoHash, to: OTHER });
    const { attempt, signals } = parseSignals(said?.type === 'signal' ? said.payload : '')!;
    expect(signals).toEqual([offer]);
    const answer = { type: 'answer', sdp: 'v=0' };
    const payload = JSON.stringify({ attempt, signals: [answer] });
    socket.says({ type: 'signal', swarm: infoHash as never, from: OTHER, payload });
    await settle();
    expect(page.told.at(-1)).toEqual(['signal', 1, [answer]]);
  });

  test('[WK2] is handed over as a port, to which it speaks first', async () => {
    const { infoHash } = await dialling();
    const { port1, port2 } = new MessageChannel();
    const heard: Uint8Array[] = [];
    port1.onmessage = ({ data }) => heard.push(new Uint8Array(data as ArrayBuffer));
    await api.attemptOpened(1, port2, 'relayed');
    await settle();
    expect(String.fromCharCode(...heard[0]!.slice(0, 11))).toBe('TorrentInno');
    const handshake = encodeHandshake(OTHER, infoHash).buffer;
    port1.postMessage(handshake, [handshake]);
    await settle(1_000);
    expect(page.of(infoHash)).toMatchObject({ peers: [{ id: OTHER, path: 'relayed' }] });
    port1.postMessage('closed');
    await settle(1_000);
    expect(page.of(infoHash)).toMatchObject({ peers: [] });
    port1.close();
  });

  test('[PN5] is tried again some time after it came to nothing', async () => {
    await dialling();
    await api.attemptEnded(1);
    await settle(10_000);
    expect(page.told).toEqual([
      ['connect', 1, 'dialler'],
      ['connect', 2, 'dialler'],
    ]);
  });
});

test('[ST7] the page is told where nothing that comes is kept', async () => {
  await started();
  expect(page.inMemory).toEqual(['unavailable']);
});

describe('[WK1] a fault of ours', () => {
  test('in one share is logged and shown as that share’s, and the others go on', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await started();
    const good = await shared('abc');
    const { Engine } = await import('../../shared/engine/engine.ts');
    vi.spyOn(Engine.prototype, 'handle').mockImplementationOnce(() => {
      throw new TypeError('a fault');
    });
    const bad = await shared('bad');
    expect(logged.mock.calls).toEqual([[expect.stringContaining(bad), new TypeError('a fault')]]);
    expect(page.of(bad)).toMatchObject({ phase: 'failed', trouble: { kind: 'broken' } });
    expect(page.of(good)).toMatchObject({ trouble: null });
    await api.stop(good);
    await settle();
    expect(page.of(good)?.phase).toBe('stopped');
    expect(page.told).toEqual([]);
  });

  test('that is nobody’s share is told to the page', async () => {
    await started();
    const lost = Object.assign(new Event('unhandledrejection'), { reason: new TypeError('a fault') });
    worker.dispatchEvent(lost);
    expect(page.told).toEqual([['broke', 'TypeError: a fault']]);
  });
});
