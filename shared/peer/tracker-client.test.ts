import { beforeEach, describe, expect, test } from 'vitest';
import type { Input } from '../engine/io.ts';
import type { InfoHash, PeerId, SwarmId } from '../ids.ts';
import { errorMessage, parseClientMessage, serverText } from '../tracker/messages.ts';
import type { ServerMessage } from '../tracker/messages.ts';
import type { SocketListener, TrackerSocket } from './ports.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { memoryIdentity } from './testing/memory-identity.ts';
import { TrackerClient } from './tracker-client.ts';

const SWARM = 'a1'.repeat(32) as SwarmId;
const [OWN, OTHER] = ['11', '22'].map((digits) => digits.repeat(32)) as [PeerId, PeerId];

class FakeSocket implements TrackerSocket {
  isOpen = true;
  readonly sent: string[] = [];
  retries = 0;
  replacements = 0;
  closes = 0;
  readonly listener: SocketListener;

  constructor(listener: SocketListener) {
    this.listener = listener;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  retryNow(): void {
    this.retries += 1;
  }

  replace(): void {
    this.replacements += 1;
  }

  close(): void {
    this.closes += 1;
  }

  says(message: ServerMessage): void {
    this.listener.received(serverText(message));
  }
}

/** The socket opens to a tracker that knows no proofs. */
function open(): void {
  socket.listener.opened();
  socket.says(errorMessage('unknown-type', ''));
  told = [];
  socket.sent.length = 0;
}

let clock: FakeClock;
let socket: FakeSocket;
let client: TrackerClient;
let told: unknown[];

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  const tracker = (listener: SocketListener): TrackerSocket => (socket = new FakeSocket(listener));
  client = new TrackerClient(
    memoryIdentity(OWN),
    { clock, tracker },
    {
      opened: () => told.push('opened'),
      lost: () => told.push('lost'),
      heard: (swarm: SwarmId, input: Input) => told.push([swarm, input]),
      signalled: (swarm, from, payload) => told.push([swarm, from, payload]),
      unreachable: (swarm, peer) => told.push([swarm, peer]),
      taken: (own) => told.push(['taken', own]),
      directoryAnswered: ({ type }) => told.push(type),
    },
  );
});

describe('what a peer says', () => {
  test('[TR3] [TR7] announces and signals as the server reads them', () => {
    open();
    client.announce({ swarm: SWARM, event: 'started', left: null, want: 50 });
    client.announce({ swarm: SWARM, event: 'completed', left: 0, want: 0 });
    client.signal(SWARM, OTHER, 'ü"');
    expect(socket.sent.map(parseClientMessage)).toEqual([
      { type: 'announce', swarm: SWARM, peerId: OWN, event: 'started', left: null, want: 50 },
      { type: 'announce', swarm: SWARM, peerId: OWN, event: 'completed', left: 0, want: 0 },
      { type: 'signal', swarm: SWARM, from: OWN, to: OTHER, payload: 'ü"' },
    ]);
  });

  test('[PN6] what the host knows of the network goes on to the socket', () => {
    open();
    expect(client.isOpen).toBe(true);
    socket.isOpen = false;
    client.check();
    client.close();
    expect([socket.retries, socket.closes, client.isOpen]).toEqual([1, 1, false]);
  });

  test('[PN11] a socket that looks open is asked, and replaced where nothing is said within a second', async () => {
    open();
    client.check();
    expect(socket.sent.map(parseClientMessage)).toEqual([{ type: 'challenge' }]);
    await clock.advance(999);
    socket.says({ type: 'left', swarm: SWARM, peerId: OTHER });
    await clock.advance(5_000);
    expect(socket.replacements).toBe(0);
    client.check();
    await clock.advance(999);
    expect(socket.replacements).toBe(0);
    await clock.advance(1);
    expect([socket.replacements, socket.retries]).toEqual([1, 0]);
    await clock.advance(60_000);
    expect(socket.replacements).toBe(1);
  });

  test('[PN11] an announce that nothing answers for 15 s tells that the socket is dead', async () => {
    open();
    client.announce({ swarm: SWARM, event: 'update', left: null, want: 50 });
    await clock.advance(14_999);
    // Another one does not put it off.
    client.announce({ swarm: SWARM, event: 'update', left: null, want: 50 });
    expect(socket.replacements).toBe(0);
    await clock.advance(1);
    expect(socket.replacements).toBe(1);
  });

  test('[PN11] of a socket that is lost or closed nothing is awaited', async () => {
    open();
    client.check();
    socket.listener.lost();
    await clock.advance(60_000);
    open();
    client.check();
    client.close();
    await clock.advance(60_000);
    expect(socket.replacements).toBe(0);
  });
});

describe('what the tracker says', () => {
  test('[PN6] that it can be reached, and that it cannot', () => {
    socket.listener.opened();
    socket.says(errorMessage('unknown-type', ''));
    socket.listener.lost();
    expect(told).toEqual(['opened', 'lost']);
  });

  test('[TR3] who is there, with the others’ interval and counts', () => {
    const counts = { complete: 3, incomplete: 4, downloaded: 5 };
    socket.says({
      type: 'peers',
      swarm: SWARM,
      interval: 90,
      ...counts,
      peers: [{ peerId: OTHER, seed: true }],
    });
    const input = {
      kind: 'peers-announced',
      interval: 90,
      complete: 3,
      incomplete: 4,
      peers: [{ id: OTHER, seed: true }],
    };
    expect(told).toEqual([[SWARM, input]]);
  });

  test('[TR5] who comes and who goes', () => {
    socket.says({ type: 'joined', swarm: SWARM, peerId: OTHER, seed: false });
    socket.says({ type: 'left', swarm: SWARM, peerId: OTHER });
    expect(told).toEqual([
      [SWARM, { kind: 'peer-joined', peer: { id: OTHER, seed: false } }],
      [SWARM, { kind: 'peer-left', peer: OTHER }],
    ]);
  });

  test('[TR7] a peer’s signals, untouched', () => {
    socket.says({ type: 'signal', swarm: SWARM, from: OTHER, payload: 'anything' });
    expect(told).toEqual([[SWARM, OTHER, 'anything']]);
  });

  test('[TR9] that a peer is not there any more', () => {
    socket.says(errorMessage('no-such-peer', '', { type: 'signal', swarm: SWARM, peerId: OTHER }));
    expect(told).toEqual([[SWARM, OTHER]]);
  });

  test.each(['too-many-peers', 'too-many-swarms'] as const)(
    '[ID4] %s: that a share is not let in, whatever else is',
    (code) => {
      socket.says(errorMessage(code, '', { type: 'announce', swarm: SWARM, peerId: OWN }));
      expect(told).toEqual([[SWARM, { kind: 'announce-refused' }]]);
    },
  );

  test('[ID4] [TR4] that our id is somebody else’s, and nothing about an id that we had before', () => {
    socket.says(errorMessage('in-use', '', { type: 'announce', swarm: SWARM, peerId: OTHER }));
    expect(told).toEqual([]);
    socket.says(errorMessage('in-use', '', { type: 'announce', swarm: SWARM, peerId: OWN }));
    expect(told).toEqual([
      [SWARM, { kind: 'announce-refused' }],
      ['taken', OWN],
    ]);
  });

  test.each<[string, ServerMessage]>([
    ['too much', errorMessage('rate-limited', '')],
    ['about no swarm', errorMessage('no-such-peer', '', { type: 'signal', peerId: OTHER })],
    ['about no peer', errorMessage('no-such-peer', '', { type: 'signal', swarm: SWARM })],
    ['in use, of no swarm', errorMessage('in-use', '', { type: 'announce' })],
    [
      'counts that nobody asked for',
      { type: 'scrape', swarms: { [SWARM]: { complete: 1, incomplete: 1, downloaded: 1 } } },
    ],
  ])('[TR9] nothing has to be done about an answer %s', async (_, message) => {
    socket.says(message);
    await clock.advance(60_000);
    expect(told).toEqual([]);
  });

  test.each(['', '{', '7', '{"type":"news"}', '{"type":"left","swarm":"a"}'])(
    '[PN6] %j is no message, and changes nothing',
    (text) => {
      socket.listener.received(text);
      expect(told).toEqual([]);
    },
  );
});

describe('[PN13] the directory', () => {
  const listing = { infoHash: 'a1'.repeat(32) as InfoHash, name: 'film.bin', size: 1, files: 1 };

  test('[TR8] is asked under our own name, and not before the tracker can be', () => {
    expect(client.ask({ type: 'unpublish', swarm: SWARM })).toBe(false);
    open();
    expect(client.ask({ type: 'publish', swarm: SWARM, ...listing })).toBe(true);
    client.ask({ type: 'unpublish', swarm: SWARM });
    client.ask({ type: 'search', query: '"', offset: 20, limit: 50 });
    expect(socket.sent.map(parseClientMessage)).toEqual([
      { type: 'publish', swarm: SWARM, peerId: OWN, ...listing },
      { type: 'unpublish', swarm: SWARM, peerId: OWN },
      { type: 'search', query: '"', offset: 20, limit: 50 },
    ]);
  });

  test('[PN11] one that does not answer for 15 s tells that the socket is dead', async () => {
    open();
    client.ask({ type: 'search', query: '', offset: 0, limit: 20 });
    await clock.advance(14_999);
    expect(socket.replacements).toBe(0);
    await clock.advance(1);
    expect(socket.replacements).toBe(1);
  });

  test('[TR9] answers and refusals are told, but for those of an older name', () => {
    open();
    socket.says({ type: 'published', swarm: SWARM });
    socket.says({ type: 'results', query: '', total: 0, results: [] });
    socket.says(errorMessage('rate-limited', '', { type: 'search' }));
    socket.says(errorMessage('directory-full', '', { type: 'publish', swarm: SWARM, peerId: OWN }));
    expect(told).toEqual(['published', 'results', 'error', 'error']);
    socket.says(errorMessage('directory-full', '', { type: 'publish', swarm: SWARM, peerId: OTHER }));
    socket.says(errorMessage('rate-limited', ''));
    socket.says(errorMessage('rate-limited', '', { type: 'announce', swarm: SWARM, peerId: OWN }));
    expect(told).toHaveLength(4);
  });
});
