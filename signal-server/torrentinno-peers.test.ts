import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../shared/random.ts';
import type { Clock } from './swarms.ts';
import {
  MAX_ANSWERED_PEERS,
  MAX_ANSWER_BYTES,
  MAX_DUMP_BYTES,
  MAX_PEERS,
  MAX_PEERS_PER_ADDRESS,
  MAX_PEERS_PER_HASH,
  TorrentInnoPeers,
} from './torrentinno-peers.ts';

const peer = (peerId: string, infoHash = 'h') => ({
  peerId,
  infoHash,
  publicIp: '10.0.0.1',
  publicPort: '1',
});
const body = (peerId: string, infoHash?: string) => JSON.stringify(peer(peerId, infoHash));

interface Answered {
  kind: string;
  infoHash?: string;
  peers?: { peerId: string }[];
}

/** Everybody announces from an address of their own, unless the test says which. */
function peersAt(clock: Clock) {
  const peers = new TorrentInnoPeers(clock, seededRandom(1));
  let serial = 0;
  return {
    announce: (text: string, address = `address ${serial++}`): Answered => {
      const answer = peers.announce(text, address);
      if (answer.kind !== 'peers') return answer;
      return { kind: 'peers', ...(JSON.parse(answer.json) as object) };
    },
    dump: () => peers.dump(),
    expire: () => peers.expire(),
  };
}

const ids = ({ peers = [] }: Answered) => peers.map(({ peerId }) => peerId);

describe("[SV9] TorrentInno's peers", () => {
  test('a peer lives 35 s after its last announce', () => {
    let now = 0;
    const peers = peersAt(() => now);
    peers.announce(body('a'));
    now = 20_000;
    peers.announce(body('b'));
    now = 35_000;
    expect(ids(peers.announce(body('b'))).toSorted()).toEqual(['a', 'b']);
    now = 35_001;
    expect(peers.announce(body('b'))).toMatchObject({ peers: [{ peerId: 'b' }] });
    now = 80_000;
    expect(peers.dump()).toBe('{}');
  });

  test('bounded in peers and in the length of every field', () => {
    const peers = peersAt(() => 0);
    for (let serial = 0; serial < MAX_PEERS_PER_HASH; serial++) peers.announce(body(String(serial)));
    expect(peers.announce(body('one more'))).toEqual({ kind: 'full' });
    expect(peers.announce(body('0'))).toMatchObject({ kind: 'peers' });
    expect(peers.announce(body('x', 'another hash'))).toMatchObject({ kind: 'peers' });
    for (const field of ['peerId', 'infoHash', 'publicIp', 'publicPort']) {
      const longest = { ...peer('a', 'b'), [field]: 'x'.repeat(256) };
      expect(peers.announce(JSON.stringify(longest)).kind).not.toBe('malformed');
      const longer = { ...peer('a', 'b'), [field]: 'x'.repeat(257) };
      expect(peers.announce(JSON.stringify(longer))).toEqual({ kind: 'malformed' });
    }
  });

  test('bounded in all: who is there is heard, who is new waits until somebody is over', () => {
    let now = 0;
    const peers = peersAt(() => now);
    for (let serial = 0; serial < MAX_PEERS; serial++) {
      peers.announce(body('p', `hash ${serial}`));
    }
    expect(peers.announce(body('new', 'hash 0'))).toEqual({ kind: 'full' });
    expect(peers.announce(body('p', 'hash 7'))).toMatchObject({ peers: [{ peerId: 'p' }] });
    now = 35_001;
    peers.expire();
    expect(peers.announce(body('new', 'hash 0'))).toMatchObject({ peers: [{ peerId: 'new' }] });
  });

  test('[SV9] an answer is small: the announcer and others by chance, everybody sooner or later', () => {
    const peers = peersAt(() => 0);
    for (let serial = 0; serial < 200; serial++) peers.announce(body(String(serial)));
    const heardOf = new Set<string>();
    for (let times = 0; times < 40; times++) {
      const named = ids(peers.announce(body('7')));
      expect(named).toHaveLength(MAX_ANSWERED_PEERS);
      expect(new Set(named).size).toBe(MAX_ANSWERED_PEERS);
      expect(named).toContain('7');
      for (const id of named) heardOf.add(id);
    }
    expect(heardOf.size).toBe(200);
  });

  test('[SV9] however long the fields are, an answer has a bound in bytes', () => {
    const peers = new TorrentInnoPeers(() => 0, seededRandom(1));
    const long = { infoHash: 'h', publicIp: '\u20ac'.repeat(256), publicPort: '\u0001'.repeat(256) };
    for (let serial = 0; serial < 100; serial++) {
      const peerId = String(serial).padEnd(256, '\u20ac');
      const answer = peers.announce(JSON.stringify({ ...long, peerId }), `address ${serial}`);
      const { json } = answer.kind === 'peers' ? answer : { json: '' };
      expect(json).toContain(JSON.stringify(peerId));
      expect(Buffer.byteLength(json)).toBeLessThan(MAX_ANSWER_BYTES + 200);
    }
    expect(Buffer.byteLength(peers.dump())).toBeLessThanOrEqual(MAX_DUMP_BYTES);
  });

  test('[SV9] what is shown of everybody has a bound in bytes, and is whole JSON', () => {
    const peers = peersAt(() => 0);
    for (let serial = 0; serial < 5_000; serial++)
      peers.announce(body(String(serial), `hash ${serial % 50}`));
    const dumped = peers.dump();
    expect(Buffer.byteLength(dumped)).toBeLessThanOrEqual(MAX_DUMP_BYTES);
    expect(Buffer.byteLength(dumped)).toBeGreaterThan(MAX_DUMP_BYTES * 0.9);
    expect(Object.keys(JSON.parse(dumped) as object).length).toBeGreaterThan(10);
  });

  test('[SV9] one address fills no info-hash, and its room comes back', () => {
    let now = 0;
    const peers = peersAt(() => now);
    for (let serial = 0; serial < MAX_PEERS_PER_ADDRESS; serial++)
      expect(peers.announce(body(String(serial)), 'greedy').kind).toBe('peers');
    expect(peers.announce(body('more'), 'greedy')).toEqual({ kind: 'full' });
    expect(peers.announce(body('elsewhere', 'another hash'), 'greedy')).toEqual({ kind: 'full' });
    expect(peers.announce(body('0'), 'greedy').kind).toBe('peers');
    expect(peers.announce(body('somebody'), 'other').kind).toBe('peers');
    // Whoever takes a peer over counts it from then on.
    expect(peers.announce(body('0'), 'other').kind).toBe('peers');
    expect(peers.announce(body('more'), 'greedy').kind).toBe('peers');
    now = 35_001;
    expect(peers.announce(body('new'), 'greedy').kind).toBe('peers');
  });

  test('the last announce of a peer says where it is', () => {
    const peers = peersAt(() => 0);
    peers.announce(body('a'));
    const moved = { ...peer('a'), publicIp: '10.0.0.2', publicPort: '2' };
    expect(peers.announce(JSON.stringify({ ...moved, more: 'is dropped' }))).toEqual({
      kind: 'peers',
      infoHash: 'h',
      peers: [moved],
    });
  });

  test('names that mean something in JavaScript are names like others', () => {
    const peers = peersAt(() => 0);
    for (const name of ['__proto__', 'constructor', 'toString']) peers.announce(body(name, name));
    const dumped = peers.dump();
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(dumped).toContain(`"${name}":{"${name}":${JSON.stringify(peer(name, name))}}`);
    }
  });

  test('what is no announcement changes nothing, whatever it is', () => {
    const peers = peersAt(() => 0);
    peers.announce(body('a'));
    const before = peers.dump();
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(peers.announce(text)).toEqual({ kind: 'malformed' });
        expect(peers.dump()).toBe(before);
      }),
    );
  });

  const step = fc.record({ who: fc.nat(4), where: fc.nat(2), passes: fc.nat(20_000) });

  test('the same as remembering everything and forgetting it by hand', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let now = 0;
        const peers = peersAt(() => now);
        const heard = new Map<string, number>();
        for (const { who, where, passes } of steps) {
          now += passes;
          heard.set(`${where} ${who}`, now);
          const alive = (place: number) =>
            [0, 1, 2, 3, 4].filter((one) => now - (heard.get(`${place} ${one}`) ?? -Infinity) <= 35_000);
          const answer = peers.announce(body(String(who), String(where)));
          const named = ids(answer).map(Number);
          expect(named.toSorted()).toEqual(alive(where));
          const all = JSON.parse(peers.dump()) as Record<string, object>;
          expect(Object.keys(all).toSorted()).toEqual(
            ['0', '1', '2'].filter((place) => alive(Number(place)).length > 0),
          );
        }
      }),
    );
  });
});
