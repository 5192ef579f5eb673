/**
 * What one address does to a server at its worst ([SV15]): each of them goes on until its signal says so. Each is one
 * example of a kind: connections that are opened and forgotten, bytes that are counted too late, questions that cost
 * more than their asking, identities that cost nothing.
 */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { SwarmId } from '../../shared/ids.ts';
import { clientText } from '../../shared/tracker/messages.ts';
import type { ClientMessageDraft } from '../../shared/tracker/messages.ts';
import { MAX_MEMBERS_PER_SOCKET, MAX_SCRAPED_SWARMS } from '../../shared/tracker/limits.ts';
import { SIGNATURE_BYTES } from '../../shared/tracker/proof.ts';
import { SOCKETS_PER_ADDRESS } from '../../signal-server/limits.ts';
import { MAX_PROOFS_PER_SOCKET } from '../../signal-server/proofs.ts';
import { closed, flooding, greedy, hold, many, unread } from './manners.ts';
import { frame, rawTracker, tracker, upgrade } from './raw.ts';
import type { Victim } from './raw.ts';
import { randomId } from './witness.ts';

export interface ServerAttack {
  readonly name: string;
  readonly what: string;
  run(victim: Victim): Promise<void>;
}

const SOCKETS = 200;
const CONNECTIONS = 3_000;

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

export const SERVER_ATTACKS: readonly ServerAttack[] = [
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
    run: (victim) => {
      const pieces = Buffer.concat(Array.from({ length: 512 }, () => frame(0, false, Buffer.from(' '))));
      return flooding(SOCKETS, rawTracker, victim, (socket) => {
        socket.write(frame(1, false, Buffer.from('{')));
        return () => pieces;
      });
    },
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
    run: (victim) => {
      const pings = Buffer.concat(Array.from({ length: 64 }, () => frame(9, true, Buffer.alloc(125))));
      return flooding(SOCKETS / 10, rawTracker, victim, () => () => pings);
    },
  },
  {
    name: 'unread-answers',
    what: 'announces whose answers are not read',
    run: (victim) =>
      flooding(SOCKETS / 10, rawTracker, victim, (socket, nth) => {
        socket.pause();
        const text = announce(INFO_HASH, randomId(), 50 + nth);
        return () => frame(1, true, Buffer.from(text));
      }),
  },
  {
    name: 'posted-peers',
    what: 'POST /peers with long fields, read at once',
    run: (victim) => greedy(victim, postedPeer),
  },
  {
    name: 'unread-peers',
    what: 'POST /peers with long fields, whose answers are not read',
    run: (victim) => unread(victim, postedPeer),
  },
  {
    name: 'unread-pages',
    what: 'requests for the configuration, whose answers are not read',
    run: (victim) => unread(victim, () => 'GET /config HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(50)),
  },
  {
    name: 'searches',
    what: 'searches for what stands in every listing',
    run: async (victim) => {
      await publish(victim, 1_000);
      const text = clientText({ type: 'search', query: 'a e holiday', limit: 50 });
      await flooding(10, tracker, victim, () => () => text);
    },
  },
  {
    name: 'scrapes',
    what: 'scrapes of a hundred swarms each',
    run: (victim) => {
      const swarms = Array.from({ length: 100 }, () => `swarm=${randomId()}`).join('&');
      return greedy(victim, () => `GET /scrape?${swarms} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    },
  },
  {
    name: 'listed-scrapes',
    what: 'scrapes of a hundred swarms each, over sockets',
    run: (victim) => {
      const swarms = Array.from({ length: MAX_SCRAPED_SWARMS }, () => randomId<SwarmId>());
      const text = clientText({ type: 'scrape', swarms });
      return flooding(SOCKETS / 10, tracker, victim, () => () => text);
    },
  },
  {
    name: 'junk',
    what: 'many tiny texts that are no message in each packet',
    run: (victim) => {
      const texts = Buffer.concat(Array.from({ length: 1_000 }, () => frame(1, true, Buffer.from('{}'))));
      return flooding(SOCKETS, rawTracker, victim, () => () => texts);
    },
  },
  {
    name: 'bursts',
    what: 'as many sockets as one address has, with few tiny texts each, all at the same time',
    run: async (victim) => {
      const texts = Buffer.concat(
        Array.from({ length: 31 }, () => frame(1, true, Buffer.from('{"type":"x"}'))),
      );
      const sockets: Socket[] = [];
      while (!victim.signal.aborted) {
        if (sockets.length < SOCKETS_PER_ADDRESS) sockets.push(...(await opened(victim)));
        for (const socket of sockets) socket.write(texts);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    },
  },
  {
    name: 'ids',
    what: 'ever new ids in ever new swarms',
    run: (victim) =>
      flooding(SOCKETS / 10, tracker, victim, () => () => announce(randomId(), randomId(), 50)),
  },
  {
    name: 'crowd',
    what: 'ever new ids in one swarm',
    run: (victim) => flooding(SOCKETS / 10, tracker, victim, () => () => announce(INFO_HASH, randomId(), 50)),
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
    what: 'proofs that have to be verified and are wrong, on ever new sockets',
    run: (victim) => {
      const { publicKey } = generateKeyPairSync('ed25519');
      const key = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
      const peerId = createHash('sha256').update(key).digest('hex');
      // Right in all that costs little, so that each has to be verified.
      const text = (): string => {
        const signature = randomBytes(SIGNATURE_BYTES).toString('hex');
        const draft = {
          type: 'prove',
          peerId,
          algorithm: 'ed25519',
          publicKey: key.toString('hex'),
          signature,
        };
        return clientText(draft as unknown as Draft<'prove'>);
      };
      return flooding(SOCKETS / 10, tracker, victim, (socket) => {
        let left = MAX_PROOFS_PER_SOCKET;
        return () => {
          if (--left === 0) socket.close();
          return text();
        };
      });
    },
  },
];

/** Some more sockets of the tracker's. */
async function opened(victim: Victim): Promise<Socket[]> {
  const asked = Array.from({ length: SOCKETS / 4 }, () => rawTracker(victim));
  return (await Promise.all(asked)).filter((socket) => socket !== null);
}

/** Fills the directory as far as one address may: a socket has room for so many members. */
async function publish(victim: Victim, listings: number): Promise<void> {
  let socket: WebSocket | null = null;
  for (let nth = 0; nth < listings; nth++) {
    if (nth % MAX_MEMBERS_PER_SOCKET === 0) socket = await tracker(victim);
    const [swarm, peerId, infoHash] = [randomId(), randomId(), randomId()];
    const name = `a holiday by the sea ${'e'.repeat(100)} ${nth}`;
    const draft = { type: 'publish', swarm, peerId, infoHash, name, size: 1, files: 1 };
    socket?.send(announce(swarm, peerId));
    socket?.send(clientText(draft as unknown as Draft<'publish'>));
  }
}
