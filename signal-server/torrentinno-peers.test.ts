import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_PEERS, MAX_PEERS_PER_HASH, TorrentInnoPeers } from './torrentinno-peers.ts';

const peer = (peerId: string, infoHash = 'h') => ({
  peerId,
  infoHash,
  publicIp: '10.0.0.1',
  publicPort: '1',
});
const body = (peerId: string, infoHash?: string) => JSON.stringify(peer(peerId, infoHash));

describe("[SV9] TorrentInno's peers", () => {
  test('a peer lives 35 s after its last announce', () => {
    let now = 0;
    const peers = new TorrentInnoPeers(() => now);
    peers.announce(body('a'));
    now = 20_000;
    peers.announce(body('b'));
    now = 35_000;
    expect(peers.announce(body('b'))).toMatchObject({ peers: [{ peerId: 'a' }, { peerId: 'b' }] });
    now = 35_001;
    expect(peers.announce(body('b'))).toMatchObject({ peers: [{ peerId: 'b' }] });
    now = 80_000;
    expect(peers.dump()).toBe('{}');
  });

  test('bounded in peers and in the length of every field', () => {
    const peers = new TorrentInnoPeers(() => 0);
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
    const peers = new TorrentInnoPeers(() => now);
    for (let serial = 0; serial < MAX_PEERS; serial++) {
      peers.announce(body('p', `hash ${serial}`));
    }
    expect(peers.announce(body('new', 'hash 0'))).toEqual({ kind: 'full' });
    expect(peers.announce(body('p', 'hash 7'))).toMatchObject({ peers: [{ peerId: 'p' }] });
    now = 35_001;
    peers.expire();
    expect(peers.announce(body('new', 'hash 0'))).toMatchObject({ peers: [{ peerId: 'new' }] });
  });

  test('the last announce of a peer says where it is', () => {
    const peers = new TorrentInnoPeers(() => 0);
    peers.announce(body('a'));
    const moved = { ...peer('a'), publicIp: '10.0.0.2', publicPort: '2' };
    expect(peers.announce(JSON.stringify({ ...moved, more: 'is dropped' }))).toEqual({
      kind: 'peers',
      infoHash: 'h',
      peers: [moved],
    });
  });

  test('names that mean something in JavaScript are names like others', () => {
    const peers = new TorrentInnoPeers(() => 0);
    for (const name of ['__proto__', 'constructor', 'toString']) peers.announce(body(name, name));
    const dumped = peers.dump();
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(dumped).toContain(`"${name}":{"${name}":${JSON.stringify(peer(name, name))}}`);
    }
  });

  test('what is no announcement changes nothing, whatever it is', () => {
    const peers = new TorrentInnoPeers(() => 0);
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
        const peers = new TorrentInnoPeers(() => now);
        const heard = new Map<string, number>();
        for (const { who, where, passes } of steps) {
          now += passes;
          heard.set(`${where} ${who}`, now);
          const alive = (place: number) =>
            [0, 1, 2, 3, 4].filter((one) => now - (heard.get(`${place} ${one}`) ?? -Infinity) <= 35_000);
          const answer = peers.announce(body(String(who), String(where)));
          const named = answer.kind === 'peers' ? answer.peers.map(({ peerId }) => Number(peerId)) : [];
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
