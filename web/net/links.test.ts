import { beforeEach, describe, expect, it } from 'vitest';
import type { LinkRole } from '../../shared/engine/io.ts';
import type { Signal } from '../../shared/peer/signals.ts';
import { PageLinks } from './links.ts';
import type { PageLink, PageLinkListener } from './links.ts';
import { delivered } from './simple-peer.fixture.ts';

const offer: Signal = { type: 'offer', sdp: 'v=0' };
const candidate = (sdpMLineIndex: number): Signal => ({
  type: 'candidate',
  candidate: { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: null, sdpMLineIndex },
});

/** A connection that is made when the test says so. */
class Making implements PageLink {
  readonly heard: Signal[] = [];
  closes = 0;
  readonly role: LinkRole;
  readonly listener: PageLinkListener;
  #made: (link: PageLink | null) => void = () => undefined;
  readonly link = new Promise<PageLink | null>((resolve) => (this.#made = resolve));

  constructor(role: LinkRole, listener: PageLinkListener) {
    this.role = role;
    this.listener = listener;
  }

  async made(link: PageLink | null = this): Promise<this> {
    this.#made(link);
    await delivered();
    return this;
  }

  signal(signal: Signal): void {
    this.heard.push(signal);
  }

  close(): void {
    if (this.closes++ === 0) this.listener.ended();
  }
}

let making: Making[];
let told: unknown[];
let links: PageLinks;

beforeEach(() => {
  [making, told] = [[], []];
  links = new PageLinks(
    {
      attemptSignalled: (attempt, signals) => told.push([attempt, 'signalled', signals]),
      attemptOpened: (attempt, _, path) => told.push([attempt, 'opened', path]),
      attemptInterrupted: (attempt) => told.push([attempt, 'interrupted']),
      attemptEnded: (attempt) => told.push([attempt, 'ended']),
    },
    (role, listener) => {
      making.push(new Making(role, listener));
      return making.at(-1)!.link;
    },
  );
});

/** The nth connection that was asked for. */
const nth = (at: number): Making => making[at]!;

describe('[PN1] the page’s half of an attempt', () => {
  it('is made in the role that the worker names, and what comes of it is told by its number', async () => {
    links.connect(7, 'dialler', false);
    links.connect(9, 'acceptor', false);
    expect(making.map(({ role }) => role)).toEqual(['dialler', 'acceptor']);
    await nth(0).made();
    await nth(1).made();
    nth(1).listener.signals([offer]);
    nth(0).listener.opened(new MessageChannel().port1, 'relayed');
    nth(0).listener.ended();
    expect(told).toEqual([
      [9, 'signalled', [offer]],
      [7, 'opened', 'relayed'],
      [7, 'ended'],
    ]);
  });

  it('[PN4] keeps what is signalled while it is being made, in its order', async () => {
    links.connect(1, 'acceptor', false);
    links.signal(1, [offer, candidate(0)]);
    links.signal(1, [candidate(1)]);
    const link = await nth(0).made();
    links.signal(1, [candidate(2)]);
    expect(link.heard).toEqual([offer, candidate(0), candidate(1), candidate(2)]);
  });

  it('[PN7] ends with more signals than an attempt needs, made or still being made', async () => {
    const many = Array.from({ length: 60 }, (_, nth) => candidate(nth));
    links.connect(1, 'acceptor', false);
    links.connect(2, 'acceptor', false);
    const link = await nth(0).made();
    for (const attempt of [1, 2]) {
      links.signal(attempt, [offer]);
      for (let text = 0; text < 60; text++) links.signal(attempt, many);
    }
    const late = await nth(1).made();
    expect([link.heard, link.closes, late.heard, late.closes]).toEqual([[offer], 1, [], 1]);
    expect(told).toEqual([
      [1, 'ended'],
      [2, 'ended'],
    ]);
  });

  it('[PN7] is refused where there are as many as a browser gives', () => {
    for (let attempt = 1; attempt <= 201; attempt++) links.connect(attempt, 'dialler', false);
    expect([making.length, told]).toEqual([200, [[201, 'ended']]]);
  });

  it('ends where the browser gives no more connections', async () => {
    links.connect(1, 'dialler', false);
    await nth(0).made(null);
    expect(told).toEqual([[1, 'ended']]);
    links.signal(1, [offer]);
    links.disconnect(1);
    expect(told).toEqual([[1, 'ended']]);
  });

  it('[PN5] that is given up while it is being made ends at once, and what is made late is closed', async () => {
    links.connect(1, 'dialler', false);
    links.signal(1, [offer]);
    links.disconnect(1);
    expect(told).toEqual([[1, 'ended']]);
    const late = await nth(0).made();
    expect([late.closes, late.heard, told.length]).toEqual([1, [], 1]);
  });

  it('[PN5] ends once, however it ends, and is then unknown', async () => {
    links.connect(1, 'dialler', false);
    const link = await nth(0).made();
    links.disconnect(1);
    links.disconnect(1);
    link.listener.ended();
    links.signal(1, [candidate(0)]);
    links.signal(2, [offer]);
    links.disconnect(2);
    expect([told, link.closes, link.heard]).toEqual([[[1, 'ended']], 1, []]);
  });

  it('is over with all others when the page goes, also while it is being made', async () => {
    for (const attempt of [1, 2, 3]) links.connect(attempt, 'dialler', false);
    const open = await nth(1).made();
    links.closeAll();
    expect(told).toEqual([
      [1, 'ended'],
      [2, 'ended'],
      [3, 'ended'],
    ]);
    const late = await nth(2).made();
    expect([open.closes, late.closes]).toEqual([1, 1]);
  });
});
