/** Attempts that are begun, answered and ended when the test says so. */
import { describe, expect, test } from 'vitest';
import type { LinkRole } from '../engine/io.ts';
import type { PeerId, SwarmId } from '../ids.ts';
import { ATTEMPT_TIMEOUT_MS, MAX_CONNECTIONS } from './limits.ts';
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
  let refusing = false;
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
      dialFailed: (swarm, peer) => failed.push([swarm, peer]),
      signal: (swarm, to, text) => said.push({ swarm, to, text }),
    },
  );
  return {
    clock,
    mesh,
    attempts,
    said,
    links,
    failed,
    refuse: (refuse: boolean) => (refusing = refuse),
    /** Attempts that begin from now on wait for the answer. */
    holdBack: () => {
      let begin: () => void = () => undefined;
      gate = new Promise((resolve) => (begin = resolve));
      return begin;
    },
    /** A text of that peer's attempt, numbered by the test. */
    from: (peer: PeerId, attempt: number, signals: readonly Signal[], swarm = SWARM) => {
      for (const text of signalTexts(String(attempt).padStart(16, '0'), signals))
        mesh.signalled(swarm, peer, text);
    },
  };
}

describe('dialling', () => {
  test('[PN5] what an attempt says goes to its peer, and what that answers comes to it', async () => {
    const { mesh, attempts, said, links } = scene();
    mesh.dial(SWARM, HIGH);
    await settled();
    attempts[0]?.listener.signalled([offer]);
    expect(said).toMatchObject([{ swarm: SWARM, to: HIGH }]);
    const { attempt } = parseSignals(said[0]?.text ?? '') ?? { attempt: '' };
    mesh.signalled(SWARM, HIGH, signalTexts(attempt, [answer])[0] ?? '');
    expect(attempts[0]?.signals).toEqual([answer]);
    const link = new FakeLink();
    attempts[0]?.listener.opened(link);
    expect(links).toEqual([{ swarm: SWARM, peer: HIGH, role: 'dialler', link }]);
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
    const more: Signal = {
      type: 'candidate',
      candidate: { candidate: 'c', sdpMid: '0', sdpMLineIndex: null },
    };
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

  test('[PN5] an offer of a new attempt replaces the old one, open or not', async () => {
    const { attempts, links, failed, from } = scene();
    from(LOW, 1, [offer]);
    await settled();
    from(LOW, 2, [offer]);
    await settled();
    attempts[1]?.listener.opened(new FakeLink());
    from(LOW, 3, [offer]);
    await settled();
    attempts[2]?.listener.opened(new FakeLink());
    expect([attempts.map(({ closes }) => closes), links.length, failed]).toEqual([[1, 1, 0], 2, []]);
  });

  test('[PN5] signals of an earlier attempt are not mixed in', async () => {
    const { attempts, from } = scene();
    from(LOW, 1, [offer]);
    from(LOW, 2, [offer]);
    await settled();
    from(LOW, 1, [answer]);
    from(LOW, 2, [{ type: 'offer', sdp: 'again' }]);
    // What the first had to hear is gone with it; it was closed as soon as it had begun.
    expect(attempts.map(({ closes }) => closes)).toEqual([1, 0]);
    expect(attempts[1]?.signals).toEqual([offer, { type: 'offer', sdp: 'again' }]);
  });

  test('[PN5] a failed attempt of the other side is no dial of ours', async () => {
    const { clock, attempts, failed, from } = scene();
    from(LOW, 1, [offer]);
    await settled();
    await clock.advance(ATTEMPT_TIMEOUT_MS);
    expect([attempts[0]?.closes, failed]).toEqual([1, []]);
  });
});

describe('the bounds', () => {
  const peerNo = (nth: number): PeerId => nth.toString(16).padStart(4, '0').repeat(16) as PeerId;

  test('[PN5] no more connections than a browser gives, those under way included', async () => {
    const { mesh, attempts, failed, from } = scene();
    for (let nth = 0; nth < MAX_CONNECTIONS; nth++) mesh.dial(SWARM, peerNo(nth));
    mesh.dial(OTHER_SWARM, HIGH);
    from(LOW, 1, [offer]);
    await settled();
    expect([attempts.length, failed]).toEqual([MAX_CONNECTIONS, [[OTHER_SWARM, HIGH]]]);
    attempts[0]?.listener.ended();
    mesh.dial(OTHER_SWARM, HIGH);
    await settled();
    expect(attempts).toHaveLength(MAX_CONNECTIONS + 1);
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
