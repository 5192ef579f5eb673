import { createHmac } from 'node:crypto';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serverText } from '../shared/tracker/messages.ts';
import { joinedText, leftText, peersText } from './answers.ts';
import { busText, parseBusText } from './bus.ts';
import type { BusMessage } from './bus.ts';
import { iceServersNow, turnCredentials } from './ice.ts';
import { WindowLimits } from './limits.ts';
import { coarse } from './log.ts';
import { FrameWriter, Turn, frameOf } from './outbox.ts';
import { one, swarmA, two } from './testing/client.ts';
import { MAX_PEERS_PER_HASH, TorrentInnoPeers } from './torrentinno-peers.ts';

describe('texts of busy messages', () => {
  test('[TR1] they are what the builder would write', () => {
    const counts = { complete: 1, incomplete: 2, downloaded: 3 };
    const named = [
      { peerId: one, seed: true },
      { peerId: two, seed: false },
    ];
    for (const peers of [[], named.slice(1), named]) {
      const text = peersText(
        swarmA,
        counts,
        peers.map((peer) => ({ ...peer, instance: 'here' })),
      );
      expect(text).toBe(serverText({ type: 'peers', swarm: swarmA, interval: 30, ...counts, peers }));
    }
    expect(joinedText(swarmA, one, true)).toBe(
      serverText({ type: 'joined', swarm: swarmA, peerId: one, seed: true }),
    );
    expect(leftText(swarmA, one)).toBe(serverText({ type: 'left', swarm: swarmA, peerId: one }));
  });
});

describe('frames', () => {
  /** RFC 6455, section 5.2, as slow and obvious as can be. */
  const read = (bytes: Buffer): string[] => {
    const texts: string[] = [];
    for (let at = 0; at < bytes.length;) {
      expect(bytes[at]).toBe(0x81);
      const short = bytes[at + 1] ?? 0;
      const [length, header] =
        short < 126
          ? [short, 2]
          : short === 126
            ? [bytes.readUInt16BE(at + 2), 4]
            : [Number(bytes.readBigUInt64BE(at + 2)), 10];
      texts.push(bytes.toString('utf8', at + header, at + header + length));
      at += header + length;
    }
    return texts;
  };

  test('[SV4] a frame of every length class is read back as it was written', () => {
    for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]) {
      const text = 'x'.repeat(length);
      expect(read(Buffer.from(frameOf(text), 'latin1'))).toEqual([text]);
    }
  });

  test('[SV4] any texts, gathered over one turn, arrive one by one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 8 }),
        async (texts) => {
          const socket = new PassThrough();
          const writer = new FrameWriter(socket, new Turn(), () => true);
          for (const text of texts) writer.send(text);
          expect(writer.bufferedBytes).toBeGreaterThan(0);
          await new Promise<void>((resolve) => setImmediate(resolve));
          const bytes: unknown = socket.read();
          expect(read(Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0))).toEqual(texts);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('[SV4] nothing is written to a socket that is closing', async () => {
    const socket = new PassThrough();
    const writer = new FrameWriter(socket, new Turn(), () => false);
    writer.send('late');
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(socket.read()).toBeNull();
  });
});

describe('TURN credentials', () => {
  test("[SV3] coturn's scheme: the end of their life, a label, and HMAC-SHA1 under the secret", () => {
    const turn = { urls: ['turn:turn.example'], secret: 'north', lifeSeconds: 600 };
    const { username, credential } = turnCredentials(turn, 'label', 1_700_000_000_999);
    expect(username).toBe('1700000600:label');
    expect(credential).toBe(createHmac('sha1', 'north').update('1700000600:label').digest('base64'));
    const [first, second] = [iceServersNow([], turn, 0), iceServersNow([], turn, 0)];
    expect(first).toMatchObject([{ urls: ['turn:turn.example'] }]);
    expect(first[0]?.username).not.toBe(second[0]?.username);
    expect(iceServersNow([{ urls: 'stun:x' }], null, 0)).toEqual([{ urls: 'stun:x' }]);
  });
});

describe("TorrentInno's peers", () => {
  const body = (peerId: string, infoHash = 'h') =>
    JSON.stringify({ peerId, infoHash, publicIp: '10.0.0.1', publicPort: '1' });

  test('[SV9] a peer lives 35 s after its last announce', () => {
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

  test('[SV9] bounded in peers and in the length of every field', () => {
    const peers = new TorrentInnoPeers(() => 0);
    for (let serial = 0; serial < MAX_PEERS_PER_HASH; serial++) peers.announce(body(String(serial)));
    expect(peers.announce(body('one more'))).toEqual({ kind: 'full' });
    expect(peers.announce(body('0'))).toMatchObject({ kind: 'peers' });
    expect(peers.announce(body('x', 'another hash'))).toMatchObject({ kind: 'peers' });
    expect(peers.announce(body('x'.repeat(257)))).toEqual({ kind: 'malformed' });
  });
});

describe('limits', () => {
  test('[SV5] a class of forty behind one address fits into the defaults', async () => {
    const limits = new WindowLimits(1);
    for (let pupil = 0; pupil < 40; pupil++) {
      // Three tabs each; every tab in twenty swarms, a mesh of forty with twenty signals a link.
      for (let tab = 0; tab < 3; tab++) expect(await limits.connect('school')).toBe(true);
      expect(await limits.admit(pupil, 'school', 'announces', 3 * 20 * 2)).toBe('admitted');
      expect(await limits.admit(pupil, 'school', 'signals', 39 * 20)).toBe('admitted');
      expect(await limits.admit(pupil, 'school', 'bytes', 39 * 20 * 3_000)).toBe('admitted');
    }
  });

  test('[SV5] a socket has a budget of its own, an address another', async () => {
    const limits = new WindowLimits(0.01);
    expect(await limits.admit(1, 'a', 'announces', 10)).toBe('admitted');
    expect(await limits.admit(1, 'a', 'announces', 1)).toBe('socket');
    for (let socket = 2; socket <= 20; socket++)
      expect(await limits.admit(socket, 'a', 'announces', 10)).toBe('admitted');
    expect(await limits.admit(99, 'a', 'announces', 1)).toBe('address');
    expect(await limits.admit(99, 'b', 'announces', 1)).toBe('admitted');
  });
});

describe('bus', () => {
  test('[SV13] a message is read as it was written; garbage is nothing', () => {
    const message = {
      kind: 'joined' as const,
      swarm: swarmA,
      peerId: one,
      seed: true,
      to: [two],
    } satisfies BusMessage;
    expect(parseBusText(busText('here', message))).toEqual({ from: 'here', message });
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => parseBusText(text) === null));
  });
});

describe('log', () => {
  test.each([
    ['203.0.113.7', '203.0.0.0/16'],
    ['2001:db8:1:2::3', '2001:db8::/32'],
    ['', 'unknown'],
  ])('[SV10] %s is logged as %s', (address, shown) => {
    expect(coarse(address)).toBe(shown);
  });
});
