/**
 * What one address does to a server at its worst ([SV15]): each of them goes on until its signal says so. Each is one
 * example of a kind: connections that are opened and forgotten, bytes that are counted too late, questions that cost
 * more than their asking, identities that cost nothing.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { clientText } from '../../shared/tracker/messages.ts';
import type { ClientMessageDraft } from '../../shared/tracker/messages.ts';
import { flood, frame, rawTracker, tcp, tracker, upgrade } from './raw.ts';
import type { Victim } from './raw.ts';
import { randomId } from './witness.ts';

export interface Attack {
  readonly name: string;
  readonly what: string;
  run(victim: Victim): Promise<void>;
}

const SOCKETS = 200;
const CONNECTIONS = 3_000;

/** Several at a time, and one more whenever one has ended, until it is over. */
async function many(count: number, victim: Victim, one: (nth: number) => Promise<void>): Promise<void> {
  const worker = async (nth: number): Promise<void> => {
    while (!victim.signal.aborted) {
      await one(nth);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: count }, (_, nth) => worker(nth)));
}

/** Opens them and leaves them as they are. */
async function hold(count: number, victim: Victim, speak: (socket: Socket) => void): Promise<void> {
  for (let nth = 0; nth < count && !victim.signal.aborted; nth++) {
    const socket = await tcp(victim);
    if (socket !== null) speak(socket);
  }
  await over(victim);
}

function over({ signal }: Victim): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
}

function closed(socket: Socket, victim: Victim): Promise<void> {
  return Promise.race([over(victim), new Promise<void>((resolve) => socket.once('close', () => resolve()))]);
}

type Draft<Type> = Extract<ClientMessageDraft, { type: Type }>;

function announce(swarm: string, peerId: string, want = 0): string {
  const draft = { type: 'announce', swarm, peerId, event: 'started', left: 0, want };
  return clientText(draft as unknown as Draft<'announce'>);
}

function post(path: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

const INFO_HASH = randomId();

function postedPeer(): string {
  const field = randomBytes(96).toString('hex');
  return post(
    '/peers',
    JSON.stringify({ peerId: field, infoHash: INFO_HASH, publicIp: field, publicPort: '1' }),
  );
}

export const ATTACKS: readonly Attack[] = [
  {
    name: 'refused-upgrades',
    what: 'WebSockets at a wrong path, whose ends are kept open',
    run: (victim) => hold(CONNECTIONS, victim, (socket) => void socket.write(upgrade('/nowhere'))),
  },
  {
    name: 'idle-connections',
    what: 'connections that say nothing',
    run: (victim) => hold(CONNECTIONS, victim, () => undefined),
  },
  {
    name: 'dripping-requests',
    what: 'requests that come drop by drop',
    run: (victim) =>
      hold(CONNECTIONS, victim, (socket) => {
        socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
        const drip = setInterval(() => socket.write('X-A: b\r\n'), 1_000);
        socket.once('close', () => clearInterval(drip));
      }),
  },
  {
    name: 'fragments',
    what: 'messages in fragments of one byte that never end',
    run: (victim) =>
      many(SOCKETS, victim, async () => {
        const socket = await rawTracker(victim);
        if (socket === null) return;
        socket.write(frame(1, false, Buffer.from('{')));
        const pieces = Buffer.concat(Array.from({ length: 512 }, () => frame(0, false, Buffer.from(' '))));
        await flood(socket, () => pieces, victim);
      }),
  },
  {
    name: 'unfinished-frames',
    what: 'messages of which the last byte is kept back',
    run: (victim) =>
      many(SOCKETS, victim, async () => {
        const socket = await rawTracker(victim);
        if (socket === null) return;
        socket.write(frame(1, true, Buffer.alloc(131_072, 0x20)).subarray(0, 131_000));
        await closed(socket, victim);
      }),
  },
  {
    name: 'pings',
    what: 'pings as fast as they are taken',
    run: (victim) =>
      many(SOCKETS / 10, victim, async () => {
        const socket = await rawTracker(victim);
        if (socket === null) return;
        const pings = Buffer.concat(Array.from({ length: 64 }, () => frame(9, true, Buffer.alloc(125))));
        await flood(socket, () => pings, victim);
      }),
  },
  {
    name: 'unread-answers',
    what: 'announces whose answers are not read',
    run: (victim) =>
      many(SOCKETS / 10, victim, async (nth) => {
        const socket = await rawTracker(victim);
        if (socket === null) return;
        socket.pause();
        const text = announce(INFO_HASH, randomId(), 50 + nth);
        await flood(socket, () => frame(1, true, Buffer.from(text)), victim);
      }),
  },
  {
    name: 'posted-peers',
    what: 'POST /peers with long fields, read at once',
    run: (victim) =>
      many(20, victim, async () => {
        const socket = await tcp(victim);
        if (socket === null) return;
        socket.resume();
        await flood(socket, postedPeer, victim);
      }),
  },
  {
    name: 'unread-peers',
    what: 'POST /peers with long fields, whose answers are not read',
    run: (victim) =>
      many(60, victim, async () => {
        const socket = await tcp(victim);
        if (socket === null) return;
        socket.pause();
        await flood(socket, postedPeer, victim);
        await closed(socket, victim);
      }),
  },
  {
    name: 'unread-pages',
    what: 'requests for the configuration, whose answers are not read',
    run: (victim) =>
      many(60, victim, async () => {
        const socket = await tcp(victim);
        if (socket === null) return;
        socket.pause();
        await flood(socket, () => 'GET /config HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(50), victim);
        await closed(socket, victim);
      }),
  },
  {
    name: 'searches',
    what: 'searches for what stands in every listing',
    run: async (victim) => {
      await publish(victim, 1_000);
      await many(10, victim, async () => {
        const socket = await tracker(victim);
        if (socket === null) return;
        await flood(socket, () => clientText({ type: 'search', query: 'a e holiday', limit: 50 }), victim);
      });
    },
  },
  {
    name: 'scrapes',
    what: 'scrapes of a hundred swarms each',
    run: (victim) => {
      const swarms = Array.from({ length: 100 }, () => `swarm=${randomId()}`).join('&');
      return many(20, victim, async () => {
        const socket = await tcp(victim);
        if (socket === null) return;
        socket.resume();
        await flood(socket, () => `GET /scrape?${swarms} HTTP/1.1\r\nHost: localhost\r\n\r\n`, victim);
      });
    },
  },
  {
    name: 'ids',
    what: 'ever new ids in ever new swarms',
    run: (victim) =>
      many(SOCKETS / 10, victim, async () => {
        const socket = await tracker(victim);
        if (socket === null) return;
        await flood(socket, () => announce(randomId(), randomId(), 50), victim);
      }),
  },
  {
    name: 'reconnecting',
    what: 'sockets that are opened and closed again',
    run: (victim) =>
      many(20, victim, async () => {
        const socket = await tracker(victim);
        socket?.terminate();
      }),
  },
  {
    name: 'proofs',
    what: 'proofs of ids that are none',
    run: (victim) =>
      many(SOCKETS / 10, victim, async () => {
        const socket = await tracker(victim);
        if (socket === null) return;
        const text = JSON.stringify({
          type: 'prove',
          peerId: randomId(),
          algorithm: 'Ed25519',
          publicKey: randomBytes(32).toString('base64url'),
          signature: randomBytes(64).toString('base64url'),
        });
        await flood(socket, () => text, victim);
      }),
  },
];

/** Fills the directory as far as one address may. */
async function publish(victim: Victim, listings: number): Promise<void> {
  const socket = await tracker(victim);
  if (socket === null) return;
  for (let nth = 0; nth < listings; nth++) {
    const [swarm, peerId, infoHash] = [randomId(), randomId(), randomId()];
    socket.send(announce(swarm, peerId));
    const name = `a holiday by the sea ${'e'.repeat(100)} ${nth}`;
    socket.send(
      clientText({
        type: 'publish',
        swarm,
        peerId,
        infoHash,
        name,
        size: 1,
        files: 1,
      } as unknown as Draft<'publish'>),
    );
  }
}
