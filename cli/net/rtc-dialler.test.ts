/** The connections of Node keep what every implementation of `Link` and `Dialler` keeps; the library is stood in for. */
import { beforeEach, describe, expect, test } from 'vitest';
import { diallerRules } from '../../shared/peer/contracts/dialler.ts';
import { concatenated, linkRules } from '../../shared/peer/contracts/link.ts';
import type { Attempt, Link, LinkEnd } from '../../shared/peer/ports.ts';
import type { Signal } from '../../shared/peer/signals.ts';
import { FakeClock, settled } from '../../shared/peer/testing/fake-clock.ts';
import { RtcDialler } from './rtc-dialler.ts';
import { FakeChannel, FakeWebRtc } from './web-rtc.fixture.ts';
import type { FakeConnection } from './web-rtc.fixture.ts';

let webRtc: FakeWebRtc;
let clock: FakeClock;
let relayOnly = false;

beforeEach(() => {
  webRtc = new FakeWebRtc();
  clock = new FakeClock();
  relayOnly = false;
});

function dialler(): RtcDialler {
  const ice = { iceServers: async () => [{ urls: 'stun:shoal.example' }] };
  return new RtcDialler({ webRtc, clock, ice, relayOnly: async () => relayOnly });
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await settled();
  await clock.advance(60);
  for (let turn = 0; turn < 60; turn++) await settled();
}

interface Side {
  readonly told: string[];
  readonly signals: Signal[];
  attempt: Attempt | null;
  link: Link | null;
}

async function begun(role: 'dialler' | 'acceptor', from = dialler()): Promise<Side> {
  const side: Side = { told: [], signals: [], attempt: null, link: null };
  side.attempt = await from.begin(role, {
    signalled: (signals) => side.signals.push(...(signals as Signal[])),
    opened: (link) => {
      side.link = link;
      side.told.push('opened');
    },
    interrupted: () => side.told.push('interrupted'),
    ended: () => side.told.push('ended'),
  });
  await settle();
  return side;
}

/** Ours, and the other side's end of the network. */
async function opened(): Promise<{ near: Side; link: Link; far: FakeConnection; there: FakeChannel }> {
  const near = await begun('dialler');
  const far = webRtc.connect({ iceServers: [] });
  near.attempt?.signal([{ type: 'answer', sdp: String(webRtc.made.indexOf(far)) }]);
  await settle();
  const { channel } = far;
  if (near.link === null || channel === null) throw new Error('it did not open');
  return { near, link: near.link, far, there: channel };
}

function listening(link: Link): { ends: LinkEnd[]; bytes: Uint8Array[]; sent: number } {
  const heard = { ends: [] as LinkEnd[], bytes: [] as Uint8Array[], sent: 0 };
  link.listen({
    received: (bytes) => heard.bytes.push(bytes),
    sent: (bytes) => (heard.sent += bytes),
    closed: (why) => heard.ends.push(why),
  });
  return heard;
}

describe('a connection of Node', () => {
  test.each(diallerRules)('[PE1] $name', ({ check }) => check({ here: dialler(), there: dialler(), settle }));

  test.each(linkRules)('[PE1] $name', async ({ check }) => {
    const { link, far, there } = await opened();
    const came: Uint8Array[] = [];
    there.onMessage((message) => came.push(new Uint8Array(Buffer.from(message as Buffer))));
    await check({
      link,
      far: {
        send: (bytes) => void (there.isOpen() && there.sendMessageBinary(bytes)),
        close: () => far.close(),
        received: () => concatenated(came),
        closed: () => !there.isOpen(),
      },
      settle,
    });
  });
});

describe('[HL21] a connection of Node', () => {
  test('[PN4] says what a page says, and together what comes within a moment', async () => {
    const { signals } = await begun('dialler');
    expect(signals).toEqual([
      { type: 'offer', sdp: '0' },
      {
        type: 'candidate',
        candidate: {
          candidate: 'candidate:1 1 UDP 2114977791 192.0.2.2 40989 typ host',
          sdpMid: '0',
          sdpMLineIndex: 0,
        },
      },
    ]);
    expect(webRtc.made[0]?.config).toMatchObject({
      iceServers: [{ hostname: 'shoal.example', port: 3478 }],
      iceTransportPolicy: 'all',
    });
  });

  test('lets the side that dials open the handshake, whoever that is', async () => {
    const [near, far] = [await begun('acceptor'), await begun('dialler')];
    near.attempt?.signal([{ type: 'offer', sdp: 'v=0\r\na=setup:actpass\r\n' }]);
    far.attempt?.signal([{ type: 'answer', sdp: 'v=0\r\na=setup:passive\r\n' }]);
    await settle();
    expect(webRtc.made.map(({ heard }) => heard)).toEqual([
      ['offer v=0\r\na=setup:active\r\n'],
      ['answer v=0\r\na=setup:passive\r\n'],
    ]);
  });

  test('[PN4] takes candidates that come before the description, behind it', async () => {
    const near = await begun('acceptor');
    const candidate = 'candidate:1 1 UDP 2 203.0.113.9 9 typ host';
    near.attempt?.signal([{ type: 'candidate', candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 } }]);
    await settle();
    near.attempt?.signal([{ type: 'offer', sdp: 'v=0' }]);
    await settle();
    expect([near.told, webRtc.made[0]?.heard]).toEqual([[], ['offer v=0', `candidate 0 ${candidate}`]]);
  });

  test('[PN4] ends with a signal that the library refuses, and nothing else does', async () => {
    const [one, other] = [await begun('acceptor'), await begun('acceptor')];
    one.attempt?.signal([{ type: 'offer', sdp: 'nonsense' }]);
    await settle();
    expect([one.told, other.told]).toEqual([['ended'], []]);
  });

  test('[PN7] ends where the other side opens a further channel', async () => {
    const { near } = await opened();
    webRtc.made[0]?.gives(new FakeChannel());
    await settle();
    expect([near.told, webRtc.held]).toEqual([['opened', 'ended'], 0]);
  });

  test('[PN7] lets no channel be that comes when it is over', async () => {
    const near = await begun('acceptor');
    near.attempt?.close();
    webRtc.made[0]?.gives(new FakeChannel());
    await settle();
    expect([near.told, webRtc.held]).toEqual([['ended'], 0]);
  });

  test('[PN2] is not made to a side that takes hardly anything at once', async () => {
    const near = await begun('dialler');
    const { channel } = webRtc.made[0] ?? {};
    if (channel) channel.taken = 1_023;
    const far = webRtc.connect({ iceServers: [] });
    near.attempt?.signal([{ type: 'answer', sdp: String(webRtc.made.indexOf(far)) }]);
    await settle();
    expect(near.told).toEqual(['ended']);
  });

  test('[PN8] ends where the other side sends more messages than it may', async () => {
    const { near, link, there } = await opened();
    const heard = listening(link);
    for (let nth = 0; nth < 2_100; nth++) there.sendMessageBinary(new Uint8Array(1));
    for (let turn = 0; turn < 2_200; turn++) await settled();
    expect([heard.ends, near.told]).toEqual([['flooded'], ['opened', 'ended']]);
    expect(heard.bytes.length).toBe(2_000);
  });

  test('[PN3] keeps the channel’s own buffer shallow, and what waits leaves when it may', async () => {
    const { link } = await opened();
    const heard = listening(link);
    const channel = webRtc.made[0]?.channel;
    if (!channel) throw new Error('no channel');
    channel.stuck = true;
    for (let nth = 0; nth < 10; nth++) link.send(new Uint8Array(50_000));
    await settle();
    expect([channel.bufferedAmount(), heard.sent]).toEqual([100_000, 100_000]);
    channel.leave();
    await settle();
    expect([channel.bufferedAmount(), heard.sent]).toEqual([100_000, 150_000]);
  });

  test.each([
    ['host', '192.168.1.2', 'host', '192.168.1.3', 'lan'],
    ['srflx', '203.0.113.1', 'host', '198.51.100.7', 'direct'],
    ['relay', '198.51.100.7', 'host', '192.168.1.3', 'relayed'],
  ])('[PN1] from %s %s to %s %s is %s', async (type, address, farType, farAddress, path) => {
    const near = await begun('dialler');
    const end = { port: 1, transportType: 'UDP', candidate: '', mid: '0', priority: 1 };
    const [made] = webRtc.made;
    if (made)
      made.pair = {
        local: { ...end, type, address },
        remote: { ...end, type: farType, address: farAddress },
      };
    const far = webRtc.connect({ iceServers: [] });
    near.attempt?.signal([{ type: 'answer', sdp: String(webRtc.made.indexOf(far)) }]);
    await settle();
    expect(near.link?.path).toBe(path);
  });
});

describe('[PN14] how long a packet takes', () => {
  test('is what the library measured, and nothing before that or after the end', async () => {
    const { near, link } = await opened();
    const [made] = webRtc.made;
    expect(await link.roundTripMs?.()).toBeNull();
    made!.roundTripMs = 42;
    expect(await link.roundTripMs?.()).toBe(42);
    near.attempt?.close();
    await settle();
    expect(await link.roundTripMs?.()).toBeNull();
  });

  test('is not known of a way inside one network: what is measured is the own buffer', async () => {
    const near = await begun('dialler');
    const [made] = webRtc.made;
    const end = { port: 1, transportType: 'UDP', candidate: '', mid: '0', priority: 1, type: 'host' };
    made!.pair = {
      local: { ...end, address: '192.168.1.2' },
      remote: { ...end, address: '192.168.1.3' },
    };
    made!.roundTripMs = 42;
    const far = webRtc.connect({ iceServers: [] });
    near.attempt?.signal([{ type: 'answer', sdp: String(webRtc.made.indexOf(far)) }]);
    await settle();
    expect([near.link?.path, await near.link?.roundTripMs?.()]).toEqual(['lan', null]);
  });
});

describe('[HL23] an interruption', () => {
  test('is told once, where nothing comes and nothing can leave for five seconds', async () => {
    const { near, link, there } = await opened();
    listening(link);
    const channel = webRtc.made[0]?.channel;
    if (!channel) throw new Error('no channel');
    channel.stuck = true;
    link.send(new Uint8Array(100_000));
    link.send(new Uint8Array(100_000));
    await clock.advance(4_900);
    there.sendMessageBinary(new Uint8Array(10));
    await settle();
    await clock.advance(4_800);
    expect(near.told).toEqual(['opened']);
    await clock.advance(20_000);
    expect(near.told).toEqual(['opened', 'interrupted']);
  });

  test('is none where nothing has to leave', async () => {
    const { near, link } = await opened();
    listening(link);
    link.send(new Uint8Array(100));
    await settle();
    await clock.advance(60_000);
    expect(near.told).toEqual(['opened']);
  });
});

test('[HL22] [LB14] through relays alone nothing is known of the other side but what lies at our own relay', async () => {
  relayOnly = true;
  const { attempt } = await begun('acceptor');
  const relay = 'candidate:2 1 UDP 1 198.51.100.7 9 typ relay raddr 0.0.0.0 rport 0';
  const at = (candidate: string): Signal => ({
    type: 'candidate',
    candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 },
  });
  const [made] = webRtc.made;
  made?.finds(`a=${relay}`);
  attempt?.signal([
    { type: 'offer', sdp: 'v=0' },
    at('candidate:1 1 UDP 2 203.0.113.9 9 typ host'),
    at(relay),
  ]);
  expect(made?.config.iceTransportPolicy).toBe('relay');
  expect(made?.heard).toEqual(['offer v=0', `candidate 0 ${relay}`]);
});

test('[HL20] a dialler that is closed ends all that it made, makes nothing more, and lets go of the library once', async () => {
  const from = dialler();
  const [one, other] = [await begun('dialler', from), await begun('dialler', from)];
  from.close();
  from.close();
  await settle();
  expect([one.told, other.told, webRtc.releases, webRtc.held]).toEqual([['ended'], ['ended'], 1, 0]);
  expect((await begun('dialler', from)).attempt).toBeNull();
});
