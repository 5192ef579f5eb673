/** What a worker has of the platform keeps what every implementation of a port keeps. */
import { describe, expect, test, vi } from 'vitest';
import { clockRules } from '../../shared/peer/contracts/clock.ts';
import { digestRules } from '../../shared/peer/contracts/digest.ts';
import { entropyRules } from '../../shared/peer/contracts/entropy.ts';
import { concatenated, linkRules } from '../../shared/peer/contracts/link.ts';
import { delivered } from '../net/simple-peer.fixture.ts';
import type { AttemptsOnPage, FromPage, ToPage } from './contract.ts';
import { PageDialler } from './page-dialler.ts';
import { clock, digest, entropy } from './platform.ts';
import { PortLink } from './port-link.ts';
import { SpareFrames } from './spare-frames.ts';

describe('the clock of a worker', () => {
  test.each(clockRules)('[PE1] $name', ({ check }) =>
    check({ clock, wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }),
  );
});

describe('SHA-256 by WebCrypto', () => {
  test.each(digestRules)('[PE1] $name', ({ check }) => check(digest));
});

describe('the browser’s randomness', () => {
  test.each(entropyRules)('[PE1] $name', ({ check }) => check(entropy));
});

/** The page's end of a port: what comes leaves at once. */
class PageEnd {
  readonly port: MessagePort;
  readonly frames: Uint8Array[] = [];
  /** How often it was told to close. */
  closes = 0;

  constructor(port: MessagePort) {
    this.port = port;
    port.onmessage = ({ data }: MessageEvent<ToPage>) => {
      if (data === 'close') {
        this.closes += 1;
        return;
      }
      if (data === 'measure') return this.say({ roundTripMs: 42 });
      this.frames.push(new Uint8Array(data));
      this.say({ sent: data.byteLength });
    };
  }

  say(message: FromPage): void {
    this.port.postMessage(message, message instanceof ArrayBuffer ? [message] : []);
  }
}

function opened(): { link: PortLink; page: PageEnd } {
  const { port1, port2 } = new MessageChannel();
  return { link: new PortLink(port1, 'relayed', new SpareFrames()), page: new PageEnd(port2) };
}

describe('a connection as a port to the page', () => {
  test('[PN3] gives a frame the buffer of one that left', async () => {
    const { link, page } = opened();
    const told: number[] = [];
    link.listen({ received: () => undefined, sent: (bytes) => told.push(bytes), closed: () => undefined });
    const spare = new ArrayBuffer(65_549);
    page.port.postMessage({ sent: 65_549, spare: [spare] } satisfies FromPage, [spare]);
    await vi.waitFor(() => expect(told).toEqual([65_549]));
    const other = link.frame(65_549);
    expect([other.length, link.frame(5).length]).toEqual([65_549, 5]);
    link.send(other);
    await vi.waitFor(() => expect(page.frames).toHaveLength(1));
    link.close();
  });

  test.each(linkRules)('[PE1] $name', ({ check }) => {
    const { link, page } = opened();
    let closed = false;
    return check({
      link,
      far: {
        send: ({ buffer }) => page.say(buffer),
        close: () => {
          closed = true;
          page.say('closed');
        },
        received: () => concatenated(page.frames),
        closed: () => closed || page.closes > 0,
      },
      settle: delivered,
    });
  });

  test('[WK2] buffers are moved, each frame in a message of its own, and the page is told once to close', async () => {
    const { link, page } = opened();
    const frames = [new Uint8Array([1, 2]), new Uint8Array([3])];
    for (const frame of frames) link.send(frame);
    expect(frames.map(({ buffer }) => buffer.byteLength)).toEqual([0, 0]);
    link.close();
    link.close();
    await delivered();
    expect(page.frames).toEqual([new Uint8Array([1, 2]), new Uint8Array([3])]);
    expect(page.closes).toBe(1);
  });
});

test('[PN14] how long a packet takes is asked of the page, and not known of what has ended', async () => {
  const { link, page } = opened();
  link.listen({ received: () => undefined, sent: () => undefined, closed: () => undefined });
  expect(await link.roundTripMs()).toBe(42);
  const unanswered = link.roundTripMs();
  link.close();
  expect([await unanswered, await link.roundTripMs()]).toEqual([null, null]);
  await delivered();
  expect(page.frames).toEqual([]);
});

test('[WK2] nothing is told after the end, whatever the page still says', async () => {
  const { link, page } = opened();
  const told: unknown[] = [];
  link.listen({
    received: (bytes) => told.push(bytes),
    sent: (bytes) => told.push(bytes),
    closed: () => told.push('closed'),
  });
  for (const said of [{ sent: 3 }, 'closed', new Uint8Array([1]).buffer, 'closed', { sent: 4 }] as const) {
    page.say(said);
  }
  await delivered();
  expect(told).toEqual([3, 'closed']);
});

describe('[PN5] attempts that the page makes for the worker', () => {
  function begun(relayOnly = async () => false) {
    const asked: unknown[] = [];
    const told: unknown[] = [];
    const page: AttemptsOnPage = {
      connect: (attempt, role, alone) => asked.push(['connect', attempt, role, ...(alone ? ['relay'] : [])]),
      signal: (attempt, signals) => asked.push(['signal', attempt, signals]),
      disconnect: (attempt) => asked.push(['disconnect', attempt]),
    };
    const dialler = new PageDialler(page, relayOnly);
    const begin = (name: string) =>
      dialler.begin('dialler', {
        signalled: (signals) => told.push([name, signals]),
        opened: ({ path }) => told.push([name, path]),
        interrupted: () => told.push([name, 'interrupted']),
        ended: () => told.push([name, 'ended']),
      });
    return { dialler, asked, told, begin };
  }

  test('[LB14] none is begun before it is known how it may travel', async () => {
    let known: (alone: boolean) => void = () => undefined;
    const { asked, begin } = begun(() => new Promise((resolve) => (known = resolve)));
    const first = begin('first');
    await delivered();
    expect(asked).toEqual([]);
    known(true);
    await first;
    expect(asked).toEqual([['connect', 1, 'dialler', 'relay']]);
  });

  test('are numbered, and what the page tells of one goes to that one alone', async () => {
    const { dialler, asked, told, begin } = begun();
    const [, other] = [await begin('first'), await begin('other')];
    other.signal([{ type: 'answer', sdp: 'v=0' }]);
    other.close();
    expect(asked).toEqual([
      ['connect', 1, 'dialler'],
      ['connect', 2, 'dialler'],
      ['signal', 2, [{ type: 'answer', sdp: 'v=0' }]],
      ['disconnect', 2],
    ]);
    const { port1, port2 } = new MessageChannel();
    dialler.signalled(1, ['an offer']);
    dialler.ended(2);
    dialler.opened(1, port1, 'relayed');
    expect(told).toEqual([
      ['first', ['an offer']],
      ['other', 'ended'],
      ['first', 'relayed'],
    ]);
    for (const port of [port1, port2]) port.close();
  });

  test('are heard of no more once they ended, and a connection that opens late is closed', async () => {
    const { dialler, told, begin } = begun();
    await begin('first');
    dialler.ended(1);
    const { port1, port2 } = new MessageChannel();
    const page = new PageEnd(port2);
    dialler.opened(1, port1, 'direct');
    dialler.signalled(1, ['late']);
    dialler.ended(1);
    await delivered();
    expect(told).toEqual([['first', 'ended']]);
    expect(page.closes).toBe(1);
  });
});
