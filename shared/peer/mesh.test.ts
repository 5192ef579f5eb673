/** Attempts that are begun, answered and ended when the test says so. */
import { describe, expect, test } from 'vitest';
import type { LinkRole } from '../engine/io.ts';
import type { PeerId, SwarmId } from '../ids.ts';
import {
  ACCEPTED_AT_ONCE,
  ACCEPT_GAP_MS,
  ATTEMPT_TIMEOUT_MS,
  MAX_ATTEMPT_CANDIDATES,
  MAX_CONNECTIONS,
  MAX_DIALS,
  MAX_OFFERS,
  MAX_OFFERS_OF_A_PEER,
  MAX_OFFERS_OF_A_SWARM,
  OFFER_PATIENCE_MS,
  REPLACED_AT_ONCE,
  REPLACE_GAP_MS,
} from './limits.ts';
import { Mesh } from './mesh.ts';
import type { Attempt, AttemptListener, Dialler, Link } from './ports.ts';
import { parseSignals, signalTexts } from './signals.ts';
import type { Signal } from './signals.ts';
import { FakeClock, settled } from './testing/fake-clock.ts';
import { seededEntropy } from './testing/node-ports.ts';

const SWARM = 'a1'.repeat(32) as SwarmId;
const OTHER_SWARM = 'b2'.repeat(32) as SwarmId;
const [LOW, OWN, HIGH] = ['11', '55', '99'].map((digits) => digits.repeat(32)) as [PeerId, PeerId, PeerId];
const offer: Signal = { type: 'offer', sdp: 'o' };
const answer: Signal = { type: 'answer', sdp: 'a' };
const candidate = (nth: number, address = '192.0.2.1'): Signal => ({
  type: 'candidate',
  candidate: {
    candidate: `candidate:${nth} 1 udp 1 ${address} 9 typ host`,
    sdpMid: '0',
    sdpMLineIndex: null,
  },
});

class FakeAttempt implements Attempt {
  readonly role: LinkRole;
  readonly listener: AttemptListener;
  readonly signals: Signal[] = [];
  closes = 0;

  constructor(role: LinkRole, listener: AttemptListener) {
    this.role = role;
    this.listener = listener;
  }

  signal(signals: readonly Signal[]): void {
    this.signals.push(...signals);
  }

  close(): void {
    this.closes += 1;
    this.listener.ended();
  }
}

class FakeLink implements Link {
  readonly path = 'direct';
  closed = false;
  listen(): void {}
  send(): void {}
  close(): void {
    this.closed = true;
  }
}

function scene() {
  const clock = new FakeClock();
  const attempts: FakeAttempt[] = [];
  const said: { swarm: SwarmId; to: PeerId; text: string }[] = [];
  const links: { swarm: SwarmId; peer: PeerId; role: LinkRole; link: Link }[] = [];
  const failed: [SwarmId, PeerId][] = [];
  const answered: PeerId[] = [];
  let refusing = false;
  const banned = new Set<PeerId>();
  let gate: Promise<void> = Promise.resolve();
  const dialler: Dialler = {
    async begin(role, listener) {
      await gate;
      if (refusing) return null;
      const attempt = new FakeAttempt(role, listener);
      attempts.push(attempt);
      return attempt;
    },
  };
  const mesh = new Mesh(
    OWN,
    { clock, dialler, entropy: seededEntropy(1) },
    {
      linkOpened: (swarm, peer, role, link) => links.push({ swarm, peer, role, link }),
      dialAnswered: (_, peer) => answered.push(peer),
      dialFailed: (swarm, peer) => failed.push([swarm, peer]),
      signal: (swarm, to, text) => said.push({ swarm, to, text }),
      welcomes: (swarm, peer) => swarm !== SWARM || !banned.has(peer),
    },
  );
  return {
    clock,
    mesh,
    attempts,
    said,
    links,
    failed,
    answered,
    banned,
    refuse: (refuse: boolean) => (refusing = refuse),
    /** Attempts that begin from now on wait for the answer. */
    holdBack: () => {
      let begin: () => void = () => undefined;
      gate = new Promise((resolve) => (begin = resolve));
      return begin;
    },
    /** A text of that peer's attempt, numbered by the test. */
    from: (peer: PeerId, attempt: number, signals: readonly Signal[], swarm = SWARM) => {
      for (const text of signalTexts({ attempt: String(attempt).padStart(16, '0') }, signals))
        mesh.signalled(swarm, peer, text);
    },
  };
}

describe('[SW3] who is banned', () => {
  test('[SW3] begins nothing with us in that swarm, and has nothing made for it', async () => {
    const { attempts, banned, from } = scene();
    banned.add(LOW);
    for (let attempt = 0; attempt < 10; attempt++) from(LOW, attempt, [offer, candidate(1)]);
    await settled();
    expect(attempts).toEqual([]);
    from(LOW, 10, [offer], OTHER_SWARM);
    await settled();
    expect(attempts).toHaveLength(1);
  });
});

describe('dialling', () => {
  test('[PN5] what an attempt says goes to its peer, and what that answers comes to it', async () => {
    const { mesh, attempts, said, links, answered } = scene();
    mesh.dial(SWARM, HIGH);
    await settled();
    attempts[0]?.listener.signalled([offer]);
    expect(said).toMatchObject([{ swarm: SWARM, to: HIGH }]);
    const { attempt } = parseSignals(said[0]?.text ?? '') ?? { attempt: '' };
    mesh.signalled(SWARM, HIGH, signalTexts({ attempt }, [answer])[0] ?? '');
    expect([answered, attempts[0]?.signals]).toEqual([[HIGH], [answer]]);
    const link = new FakeLink();
    attempts[0]?.listener.opened(link);
    expect(links).toMatchObject([{ swarm: SWARM, peer: HIGH, role: 'dialler' }]);
    links[0]?.link.close();
    expect(link.closed).toBe(true);
  });

  test('[PN5] one at a time for each swarm and peer', async () => {
    const { mesh, attempts } = scene();
    mesh.dial(SWARM, HIGH);
    mesh.dial(SWARM, HIGH);
    await settled();
    mesh.dial(SWARM, HIGH);
    mesh.dial(OTHER_SWARM, HIGH);
    mesh.dial(SWARM, LOW);
    await settled();
    expect(attempts).toHaveLength(3);
  });

  test('[PN5] a dial while a connection is open replaces it: the machine knows that it is of no use', async () => {
    const { mesh, attempts, failed, links } = scene();
    mesh.dial(SWARM, HIGH);
    await settled();
    attempts[0]?.listener.opened(new FakeLink());
    mesh.dial(SWARM, HIGH);
    await settled();
    expect([attempts.length, attempts[0]?.closes, failed.length]).toEqual([2, 1, 0]);
    attempts[1]?.listener.opened(new FakeLink());
    expect(links).toHaveLength(2);
  });

  test('[PN5] an attempt that ends, or is refused by the platform, is a dial that failed', async () => {
    const { mesh, attempts, failed, refuse } = scene();
    mesh.dial(SWARM, HIGH);
    await settled();
    attempts[0]?.listener.ended();
    refuse(true);
    mesh.dial(SWARM, LOW);
    await settled();
    expect(failed).toEqual([
      [SWARM, HIGH],
      [SWARM, LOW],
    ]);
  });

  test('[PN5] the end of an open connection is its link’s matter, and the peer can be dialled again', async () => {
    const { mesh, attempts, failed } = scene();
    mesh.dial(SWARM, HIGH);
    await settled();
    attempts[0]?.listener.opened(new FakeLink());
    attempts[0]?.listener.ended();
    expect(failed).toEqual([]);
    mesh.dial(SWARM, HIGH);
    await settled();
    expect(attempts).toHaveLength(2);
  });

  test('[PN5] an attempt that does not open in its time is given up', async () => {
    const { clock, mesh, attempts, failed } = scene();
    mesh.dial(SWARM, HIGH);
    mesh.dial(SWARM, LOW);
    await settled();
    attempts[1]?.listener.opened(new FakeLink());
    await clock.advance(ATTEMPT_TIMEOUT_MS - 1);
    expect(failed).toEqual([]);
    await clock.advance(1);
    expect([failed, attempts.map(({ closes }) => closes)]).toEqual([[[SWARM, HIGH]], [1, 0]]);
    attempts[0]?.listener.opened(new FakeLink());
  });

  test('[PN5] also one that never began, and what begins after that is closed', async () => {
    const { clock, mesh, attempts, failed, holdBack } = scene();
    const begin = holdBack();
    mesh.dial(SWARM, HIGH);
    await clock.advance(ATTEMPT_TIMEOUT_MS);
    expect(failed).toEqual([[SWARM, HIGH]]);
    begin();
    await settled();
    expect([attempts.length, attempts[0]?.closes, failed.length]).toEqual([1, 1, 1]);
  });

  test('[PN5] ends when the tracker does not know the peer, unless it is open', async () => {
    const { mesh, attempts, failed } = scene();
    mesh.dial(SWARM, HIGH);
    mesh.dial(SWARM, LOW);
    await settled();
    attempts[1]?.listener.opened(new FakeLink());
    for (const peer of [HIGH, LOW, 'c3'.repeat(32) as PeerId]) mesh.unreachable(SWARM, peer);
    expect([failed, attempts.map(({ closes }) => closes)]).toEqual([[[SWARM, HIGH]], [1, 0]]);
  });

  test('[PN5] a link that opens after its attempt was given up is closed', async () => {
    const { mesh, attempts, links } = scene();
    mesh.dial(SWARM, HIGH);
    await settled();
    mesh.unreachable(SWARM, HIGH);
    const link = new FakeLink();
    attempts[0]?.listener.opened(link);
    expect([link.closed, links]).toEqual([true, []]);
  });
});

describe('being dialled', () => {
  test('[HS3] an offer of a smaller id begins an attempt, with all that came before it was there', async () => {
    const { attempts, links, from, holdBack } = scene();
    const begin = holdBack();
    from(LOW, 1, [offer]);
    const more = candidate(1);
    from(LOW, 1, [more]);
    begin();
    await settled();
    expect([attempts.length, attempts[0]?.role, attempts[0]?.signals]).toEqual([
      1,
      'acceptor',
      [offer, more],
    ]);
    attempts[0]?.listener.opened(new FakeLink());
    expect(links).toMatchObject([{ peer: LOW, role: 'acceptor' }]);
  });

  test('[HS3] [PN4] what is no offer, comes from a larger id or is no signal at all begins nothing', async () => {
    const { mesh, attempts, from } = scene();
    from(LOW, 1, [answer]);
    from(HIGH, 1, [offer]);
    from(OWN, 1, [offer]);
    mesh.signalled(SWARM, LOW, 'nothing');
    mesh.signalled(SWARM, LOW, '{"attempt":"0000000000000001","signals":[]}');
    await settled();
    expect(attempts).toEqual([]);
  });

  test('[PN5] an offer of a new attempt replaces an old one at once', async () => {
    const { attempts, failed, from } = scene();
    from(LOW, 1, [offer]);
    await settled();
    from(LOW, 2, [offer]);
    await settled();
    expect([attempts.map(({ closes }) => closes), failed]).toEqual([[1, 0], []]);
  });

  test('[PN5] [PN10] an open connection stays until a new one is open, and then until the machine closes it', async () => {
    const { attempts, links, from } = scene();
    from(LOW, 1, [offer]);
    await settled();
    attempts[0]?.listener.opened(new FakeLink());
    from(LOW, 2, [offer]);
    await settled();
    attempts[1]?.listener.opened(new FakeLink());
    expect([attempts.map(({ closes }) => closes), links.length]).toEqual([[0, 0], 2]);
    // What belongs to the older one still comes to it until the newer one is open; a third one is too many.
    from(LOW, 3, [offer]);
    await settled();
    attempts[2]?.listener.opened(new FakeLink());
    expect([attempts.map(({ closes }) => closes), links.length]).toEqual([[1, 0, 0], 3]);
  });

  test('[PN5] signals of an earlier attempt are not mixed in', async () => {
    const { attempts, from } = scene();
    from(LOW, 1, [offer]);
    from(LOW, 2, [offer]);
    await settled();
    from(LOW, 1, [answer]);
    from(LOW, 2, [candidate(1)]);
    // What the first had to hear is gone with it; it was closed as soon as it had begun.
    expect(attempts.map(({ closes }) => closes)).toEqual([1, 0]);
    expect(attempts[1]?.signals).toEqual([offer, candidate(1)]);
  });

  test('[PN5] a failed attempt of the other side is no dial of ours', async () => {
    const { clock, attempts, failed, from } = scene();
    from(LOW, 1, [offer]);
    await settled();
    await clock.advance(ATTEMPT_TIMEOUT_MS);
    expect([attempts[0]?.closes, failed]).toEqual([1, []]);
  });
});

describe('[PN10] a connection that is interrupted', () => {
  /** Open to that many peers of greater ids. */
  async function connected(peers: number) {
    const parts = scene();
    for (let nth = 0; nth < peers; nth++) {
      parts.mesh.dial(SWARM, (0x80 + nth).toString(16).repeat(32) as PeerId);
      await settled();
      parts.attempts[nth]?.listener.opened(new FakeLink());
    }
    return parts;
  }

  test('[PN10] gets another one beside it, which takes its place', async () => {
    const { attempts, links, failed } = await connected(1);
    attempts[0]!.listener.interrupted();
    await settled();
    expect(attempts.map(({ role, closes }) => [role, closes])).toEqual([
      ['dialler', 0],
      ['dialler', 0],
    ]);
    attempts[1]!.listener.opened(new FakeLink());
    expect(links.map(({ peer }) => peer)).toEqual(['80'.repeat(32), '80'.repeat(32)]);
    // The end of the older one, which the machine brings about, touches nothing.
    attempts[0]!.listener.ended();
    attempts[1]!.listener.interrupted();
    await settled();
    expect([attempts.length, failed]).toEqual([3, []]);
  });

  test('[PN10] stays where nothing comes of the other one, and gets one again when the tracker is back', async () => {
    const { attempts, clock, mesh } = await connected(1);
    attempts[0]!.listener.interrupted();
    await clock.advance(ATTEMPT_TIMEOUT_MS);
    expect(attempts.map(({ closes }) => closes)).toEqual([0, 1]);
    await clock.advance(ATTEMPT_TIMEOUT_MS);
    expect(attempts).toHaveLength(2);
    mesh.renew(false);
    await settled();
    expect(attempts.map(({ closes }) => closes)).toEqual([0, 1, 0]);
  });

  test('[PN10] is left to the side that dials', async () => {
    const { attempts, mesh, from } = scene();
    from(LOW, 1, [offer]);
    await settled();
    attempts[0]!.listener.opened(new FakeLink());
    attempts[0]!.listener.interrupted();
    mesh.renew(true);
    await settled();
    expect(attempts).toHaveLength(1);
  });

  test('[PN10] that ends before its turn gets none', async () => {
    const { attempts, clock } = await connected(REPLACED_AT_ONCE + 1);
    for (const attempt of [...attempts]) attempt.listener.interrupted();
    attempts[REPLACED_AT_ONCE]!.listener.ended();
    await clock.advance(10 * REPLACE_GAP_MS);
    expect(attempts).toHaveLength(2 * REPLACED_AT_ONCE + 1);
  });

  test('[PN10] with many others at the same time waits its turn', async () => {
    const { attempts, clock } = await connected(20);
    for (const attempt of [...attempts]) attempt.listener.interrupted();
    await settled();
    expect(attempts).toHaveLength(20 + REPLACED_AT_ONCE);
    await clock.advance(REPLACE_GAP_MS);
    expect(attempts).toHaveLength(20 + REPLACED_AT_ONCE + 1);
    await clock.advance(20 * REPLACE_GAP_MS);
    expect(attempts).toHaveLength(40);
  });
});

describe('[PN11] after a sleep', () => {
  test('[PN11] attempts that nobody answered are over, those that were go on, and what is open is replaced', async () => {
    const { attempts, failed, mesh, said, links } = scene();
    const [OPEN, ANSWERED] = ['77', '88'].map((digits) => digits.repeat(32)) as [PeerId, PeerId];
    for (const peer of [OPEN, ANSWERED, HIGH]) mesh.dial(SWARM, peer);
    await settled();
    attempts[0]!.listener.opened(new FakeLink());
    attempts[1]!.listener.signalled([offer]);
    const { attempt } = parseSignals(said[0]!.text)!;
    mesh.signalled(SWARM, ANSWERED, signalTexts({ attempt }, [answer])[0]!);
    mesh.renew(true);
    await settled();
    expect(attempts.map(({ closes }) => closes)).toEqual([0, 0, 1, 0]);
    expect(failed).toEqual([[SWARM, HIGH]]);
    attempts[3]!.listener.opened(new FakeLink());
    expect(links.map(({ peer }) => peer)).toEqual([OPEN, OPEN]);
  });

  test('[PN11] what is open and well is left alone when only the network may be another one', async () => {
    const { attempts, mesh } = scene();
    mesh.dial(SWARM, HIGH);
    await settled();
    attempts[0]!.listener.opened(new FakeLink());
    mesh.renew(false);
    await settled();
    expect(attempts).toHaveLength(1);
  });
});

describe('the bounds', () => {
  const peerNo = (nth: number): PeerId => nth.toString(16).padStart(4, '0').repeat(16) as PeerId;

  test('[PN5] no more connections than a browser gives, those under way included', async () => {
    const { mesh, attempts, failed, from } = scene();
    for (let nth = 0; nth < MAX_CONNECTIONS; nth++) {
      mesh.dial(SWARM, peerNo(nth));
      await settled();
      attempts[nth]?.listener.opened(new FakeLink());
    }
    mesh.dial(OTHER_SWARM, HIGH);
    from(LOW, 1, [offer]);
    await settled();
    expect([attempts.length, failed]).toEqual([MAX_CONNECTIONS, [[OTHER_SWARM, HIGH]]]);
    attempts[0]?.listener.ended();
    mesh.dial(OTHER_SWARM, HIGH);
    await settled();
    expect(attempts).toHaveLength(MAX_CONNECTIONS + 1);
  });

  test('[PN7] no more dials under way than a page can bear: the next one has failed', async () => {
    const { mesh, attempts, failed } = scene();
    for (let nth = 0; nth <= MAX_DIALS; nth++) mesh.dial(SWARM, peerNo(nth));
    await settled();
    expect([attempts.length, failed]).toEqual([MAX_DIALS, [[SWARM, peerNo(MAX_DIALS)]]]);
    attempts[0]?.listener.opened(new FakeLink());
    mesh.dial(SWARM, HIGH);
    await settled();
    expect(attempts).toHaveLength(MAX_DIALS + 1);
  });

  test.each([
    ['60 signals of 60 candidates', (nth: number) => candidate(nth)],
    ['one candidate 3,600 times', () => candidate(1)],
    ['names that would be looked up', (nth: number) => candidate(nth, `h${nth}.example`)],
  ])('[PN7] %s end the attempt that they belong to, and little of them goes on', async (_, nth) => {
    const { mesh, attempts, from } = scene();
    from(LOW, 1, [offer]);
    await settled();
    for (let text = 0; text < 60; text++) {
      const signals = Array.from({ length: 60 }, (__, at) => nth(60 * text + at));
      // As a page that keeps no bound would say it, and as one that keeps to the bound of each text.
      mesh.signalled(SWARM, LOW, JSON.stringify({ attempt: '0000000000000001', signals }));
      from(LOW, 1, signals);
    }
    await settled();
    expect(attempts.map(({ closes }) => closes)).toEqual([1]);
    expect(attempts[0]?.signals.length).toBeLessThanOrEqual(1 + MAX_ATTEMPT_CANDIDATES);
  });

  test('[PN7] what comes while an attempt is being made is bounded, too', async () => {
    const { attempts, from, holdBack } = scene();
    const begin = holdBack();
    from(LOW, 1, [offer]);
    for (let nth = 0; nth < 1_000; nth++) from(LOW, 1, [candidate(nth)]);
    begin();
    await settled();
    expect(attempts.map(({ closes, signals }) => [closes, signals])).toEqual([[1, []]]);
  });

  test.each([
    ['a second offer', [offer, { type: 'offer', sdp: 'again' }]],
    ['an answer to nothing', [offer, answer]],
    [
      'more candidates in an offer than an attempt may have',
      [{ type: 'offer', sdp: `v=0\r\n${'a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n'.repeat(33)}` }],
    ],
    ['a name to look up in an offer', [{ type: 'offer', sdp: 'a=candidate:1 1 udp 1 a.example 9 typ host' }]],
    ['two media', [{ type: 'offer', sdp: 'm=application 9 x\nm=application 9 x\n' }]],
    ['sound', [{ type: 'offer', sdp: 'v=0\rm=audio 9 x\r' }]],
  ] as [string, Signal[]][])('[PN7] %s is the end of the attempt', async (_, signals) => {
    const { attempts, from } = scene();
    from(LOW, 1, signals);
    await settled();
    from(LOW, 1, [candidate(1)]);
    expect(attempts.flatMap(({ closes, signals: heard }) => (closes > 0 ? [] : heard))).toEqual([]);
  });

  test('[PN7] a peer begins a few attempts at once, and then one now and then', async () => {
    const { clock, attempts, from } = scene();
    for (let nth = 0; nth < 1_000; nth++) from(LOW, nth, [offer]);
    await settled();
    expect(attempts).toHaveLength(MAX_OFFERS_OF_A_PEER);
    await clock.advance(4_000);
    from(LOW, 2_000, [offer]);
    from(LOW, 2_001, [offer]);
    await settled();
    expect(attempts).toHaveLength(MAX_OFFERS_OF_A_PEER + 1);
  });

  test('[PN7] attempts of many ids are bounded in each swarm and in all, and old ones make way', async () => {
    const { clock, attempts, from } = scene();
    const low = (nth: number): PeerId => nth.toString(16).padStart(64, '0') as PeerId;
    const open = (): number => attempts.filter(({ closes }) => closes === 0).length;
    for (let nth = 1; nth <= 60; nth++) from(low(nth), nth, [offer]);
    await clock.advance(MAX_OFFERS_OF_A_SWARM * ACCEPT_GAP_MS);
    expect([attempts.length, open()]).toEqual([MAX_OFFERS_OF_A_SWARM, MAX_OFFERS_OF_A_SWARM]);
    for (let nth = 61; nth <= 100; nth++)
      from(low(nth), nth, [offer], nth < 80 ? OTHER_SWARM : ('c3'.repeat(32) as SwarmId));
    await clock.advance(MAX_OFFERS_OF_A_SWARM * ACCEPT_GAP_MS);
    expect([attempts.length, open()]).toEqual([MAX_OFFERS, MAX_OFFERS]);
    await clock.advance(OFFER_PATIENCE_MS);
    from(LOW, 1, [offer]);
    await settled();
    expect([attempts.length, open(), attempts[0]?.closes]).toEqual([MAX_OFFERS + 1, MAX_OFFERS, 1]);
  });

  test('[PN7] of many attempts that others begin a few are answered at once, the others one after another', async () => {
    const { clock, attempts, from, mesh } = scene();
    const low = (nth: number): PeerId => nth.toString(16).padStart(64, '0') as PeerId;
    for (let nth = 1; nth <= 20; nth++) from(low(nth), nth, [offer]);
    await settled();
    expect(attempts).toHaveLength(ACCEPTED_AT_ONCE);
    await clock.advance(ACCEPT_GAP_MS);
    expect(attempts).toHaveLength(ACCEPTED_AT_ONCE + 1);
    // What ended meanwhile is not begun.
    mesh.unreachable(SWARM, low(ACCEPTED_AT_ONCE + 2));
    await clock.advance(60 * ACCEPT_GAP_MS);
    expect(attempts).toHaveLength(19);
  });

  test('[PN7] who dials for the first time waits neither for those who come again and again nor for what they gave up', async () => {
    const { clock, attempts, from } = scene();
    const low = (nth: number): PeerId => nth.toString(16).padStart(64, '0') as PeerId;
    for (let round = 0; round < 3; round++)
      for (let nth = 1; nth <= 40; nth++) from(low(nth), 100 * round + nth, [offer]);
    from(low(41), 1_000, [offer, candidate(41)]);
    await settled();
    expect(attempts).toHaveLength(ACCEPTED_AT_ONCE);
    await clock.advance(ACCEPT_GAP_MS);
    expect(attempts.slice(ACCEPTED_AT_ONCE).map(({ signals }) => signals.at(-1))).toEqual([candidate(41)]);
  });

  test('[PN7] of many candidates of our own some are said, those that lead around a firewall among them', async () => {
    const { mesh, attempts, said } = scene();
    mesh.dial(SWARM, HIGH);
    await settled();
    const relay = { ...candidate(99), candidate: { candidate: 'candidate:99 typ relay', sdpMid: '0' } };
    const many = Array.from({ length: 60 }, (_, nth) => candidate(nth));
    attempts[0]?.listener.signalled([offer, ...many, ...many, relay]);
    const signals = said.flatMap(({ text }) => (JSON.parse(text) as { signals: { type: string }[] }).signals);
    expect([signals.length, signals[0], signals.at(-1)]).toEqual([18, offer, relay]);
  });

  test('[PN5] all of them close together', async () => {
    const { mesh, attempts, from } = scene();
    mesh.dial(SWARM, HIGH);
    from(LOW, 1, [offer]);
    await settled();
    attempts[0]?.listener.opened(new FakeLink());
    mesh.closeAll();
    expect(attempts.map(({ closes }) => closes)).toEqual([1, 1]);
    mesh.closeAll();
    expect(attempts.map(({ closes }) => closes)).toEqual([1, 1]);
  });
});
