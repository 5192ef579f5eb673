/** A link of several connections, each of which is at hand for the test. */
import { describe, expect, test } from 'vitest';
import { BundledLink } from './bundled-link.ts';
import { concatenated, linkRules } from './contracts/link.ts';
import { SUBFLOW_TRIAL_AGAIN_MS, SUBFLOWS_WORTH_MS } from './limits.ts';
import type { Link, LinkEnd, LinkListener, LinkPath } from './ports.ts';
import { FakeClock, settled } from './testing/fake-clock.ts';
import { PipeLink } from './testing/memory-network.ts';

const BLOCK = 65_536;

/** A connection that sends so many bytes a second, once the test lets time go by. */
class Flow implements Link {
  readonly path: LinkPath;
  waiting = 0;
  sent = 0;
  closed = false;
  listener!: LinkListener;
  readonly #roundTripMs: number | null;

  constructor(roundTripMs: number | null = 40, path: LinkPath = 'direct') {
    this.path = path;
    this.#roundTripMs = roundTripMs;
  }

  listen(listener: LinkListener): void {
    this.listener = listener;
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.waiting += bytes.length;
  }

  roundTripMs = async (): Promise<number | null> => this.#roundTripMs;

  close(): void {
    this.closed = true;
  }

  leaves(bytes: number): void {
    const left = Math.min(bytes, this.waiting);
    this.waiting -= left;
    this.sent += left;
    if (left > 0) this.listener.sent(left);
  }
}

class Heard implements LinkListener {
  readonly received_: [Uint8Array, number | undefined][] = [];
  readonly lost: [subflow: number, lost: boolean][] = [];
  readonly ends: LinkEnd[] = [];
  sent_ = 0;
  received = (bytes: Uint8Array, subflow?: number) => void this.received_.push([bytes, subflow]);
  subflowEnded = (subflow: number, lost: boolean) => void this.lost.push([subflow, lost]);
  sent = (bytes: number) => void (this.sent_ += bytes);
  closed = (why: LinkEnd) => void this.ends.push(why);
}

function scene({ roundTripMs = 40 as number | null, most = 3, path = 'direct' as LinkPath } = {}) {
  const clock = new FakeClock();
  const first = new Flow(roundTripMs, path);
  const opened: number[] = [];
  const released: Link[] = [];
  let over = 0;
  let may = most;
  const link = new BundledLink(first, {
    clock,
    most: () => may,
    open: (count) => opened.push(count),
    release: (further) => released.push(further),
    over: () => (over += 1),
  });
  const heard = new Heard();
  link.listen(heard);
  const flows = [first];
  return {
    ...{ clock, first, link, heard, opened, released, flows },
    over: () => over,
    lets: (count: number) => (may = count),
    add: (count: number) => {
      const added = Array.from({ length: count }, () => new Flow());
      flows.push(...added);
      for (const flow of added) link.add(flow);
      return added;
    },
    /** So many seconds in which there is always a block to send, and each connection takes so many bytes a second. */
    sends: async (seconds: number, perSecond: readonly number[]) => {
      for (let tenth = 0; tenth < seconds * 10; tenth++) {
        while (flows.reduce((sum, { waiting }) => sum + waiting, 0) < 8 * BLOCK)
          link.send(new Uint8Array(BLOCK), true);
        await clock.advance(100);
        for (const [nth, flow] of flows.entries()) flow.leaves((perSecond[nth] ?? 0) / 10);
        await settled();
      }
    },
  };
}

describe('one connection', () => {
  test.each(linkRules)('[PE1] $name', async ({ check }) => {
    const clock = new FakeClock();
    const [here, there] = [0, 1].map(() => new PipeLink(clock, 5, 'direct', () => undefined)) as [
      PipeLink,
      PipeLink,
    ];
    [here.other, there.other] = [there, here];
    const came: Uint8Array[] = [];
    let closed = false;
    there.listen({
      received: (bytes) => came.push(bytes.slice()),
      sent: () => undefined,
      closed: () => (closed = true),
    });
    await check({
      link: new BundledLink(here, {
        clock,
        most: () => 3,
        open: () => undefined,
        release: () => undefined,
        over: () => undefined,
      }),
      far: {
        send: (bytes) => there.send(bytes),
        close: () => there.close(),
        received: () => concatenated(came),
        closed: () => closed,
      },
      settle: () => clock.advance(50),
    });
  });
});

describe('[PN14] further connections', () => {
  test('are opened for who sends over a distance, and used where they make it faster', async () => {
    const { sends, opened, add, flows } = scene();
    await sends(8, [600_000]);
    expect(opened).toEqual([3]);
    add(3);
    await sends(6, [600_000, 600_000, 600_000, 600_000]);
    const before = flows.map(({ sent }) => sent);
    await sends(10, [600_000, 600_000, 600_000, 600_000]);
    for (const [nth, { sent }] of flows.entries()) expect(sent - before[nth]!).toBeGreaterThan(5_500_000);
  });

  test('are used no more where they do not, and tried again after a while', async () => {
    const { sends, opened, add, flows, link } = scene();
    await sends(8, [1_000_000]);
    add(3);
    await sends(6, [250_000, 250_000, 250_000, 250_000]);
    await sends(5, [1_000_000, 1_000_000, 1_000_000, 1_000_000]);
    const [, ...further] = flows;
    const sent = further.map((flow) => flow.sent);
    await sends(20, [1_000_000, 1_000_000, 1_000_000, 1_000_000]);
    expect(further.map((flow) => flow.sent)).toEqual(sent);
    await sends(SUBFLOW_TRIAL_AGAIN_MS / 1_000, [1_000_000, 1_000_000, 1_000_000, 1_000_000]);
    expect(further.every((flow, nth) => flow.sent > sent[nth]!)).toBe(true);
    expect(opened).toEqual([3]);
    expect(link.isSending).toBe(true);
  });

  test.each([
    ['the way is short', { roundTripMs: SUBFLOWS_WORTH_MS - 1 }],
    ['nobody knows how long it is', { roundTripMs: null }],
    ['much is sent to others', { most: 0 }],
  ])('are not opened where %s', async (_, options) => {
    const { sends, opened } = scene(options);
    await sends(20, [600_000]);
    expect(opened).toEqual([]);
  });

  test('are not opened for what is soon sent, or hardly sent at all', async () => {
    const { sends, opened, flows, link, clock } = scene();
    link.send(new Uint8Array(1_000_000), true);
    await clock.advance(100);
    flows[0]!.leaves(1_000_000);
    await clock.advance(5_000);
    await sends(30, [50_000]);
    expect(opened).toEqual([]);
  });

  test('that cannot be had are done without, and asked for again after a while', async () => {
    const { sends, opened } = scene();
    await sends(30, [600_000]);
    expect(opened).toEqual([3]);
    await sends(SUBFLOW_TRIAL_AGAIN_MS / 1_000, [600_000]);
    expect(opened).toEqual([3, 3]);
  });

  test('of which one cannot be had are used without it', async () => {
    const { sends, add, flows } = scene();
    await sends(8, [600_000]);
    add(2);
    await sends(12, [600_000, 600_000, 600_000]);
    expect(flows[2]!.sent).toBeGreaterThan(4_000_000);
  });

  test('that are there already, since the other side wanted them, are tried without asking for more', async () => {
    const { sends, opened, add, flows } = scene();
    add(3);
    await sends(15, [600_000, 600_000, 600_000, 600_000]);
    expect(opened).toEqual([]);
    expect(flows[3]!.sent).toBeGreaterThan(3_000_000);
  });

  test('carry blocks alone: all else goes over the first one, in its order', async () => {
    const { sends, add, flows, link } = scene();
    await sends(8, [600_000]);
    add(3);
    await sends(10, [600_000, 600_000, 600_000, 600_000]);
    const before = flows.map(({ waiting }) => waiting);
    for (let nth = 0; nth < 50; nth++) link.send(new Uint8Array(17));
    expect(flows.map(({ waiting }, nth) => waiting - before[nth]!)).toEqual([850, 0, 0, 0]);
  });

  test('are as many as may be used at the moment', async () => {
    const { sends, add, flows, lets } = scene();
    await sends(8, [600_000]);
    add(3);
    await sends(10, [600_000, 600_000, 600_000, 600_000]);
    lets(1);
    await sends(3, [600_000, 600_000, 600_000, 600_000]);
    const sent = flows.map((flow) => flow.sent);
    await sends(3, [600_000, 600_000, 600_000, 600_000]);
    expect(flows.map((flow, nth) => flow.sent > sent[nth]!)).toEqual([true, true, false, false]);
  });

  test('bring what the other side sends, told of by their number', () => {
    const { add, heard, first } = scene();
    const [one, other] = add(2);
    first.listener.received(Uint8Array.of(0));
    other!.listener.received(Uint8Array.of(2));
    one!.listener.received(Uint8Array.of(1));
    expect(heard.received_.map(([bytes, subflow]) => [bytes[0], subflow ?? 0])).toEqual([
      [0, 0],
      [2, 2],
      [1, 1],
    ]);
  });

  test('one that goes takes what it had not sent with it, and the link goes on', async () => {
    const { sends, add, heard, flows, link } = scene();
    await sends(8, [600_000]);
    add(3);
    await sends(10, [600_000, 600_000, 600_000, 600_000]);
    const [lost] = flows.splice(2, 1);
    const told = heard.sent_;
    expect(lost!.waiting).toBeGreaterThan(0);
    lost!.listener.closed('closed');
    expect([heard.lost, heard.sent_ - told, heard.ends]).toEqual([[[2, true]], lost!.waiting, []]);
    expect(lost!.closed).toBe(true);
    link.remove(lost!);
    expect(heard.lost).toHaveLength(1);
    await sends(3, [600_000, 600_000, 600_000]);
    expect(flows.reduce((sum, { sent, waiting }) => sum + sent + waiting, lost!.sent + lost!.waiting)).toBe(
      heard.sent_ + flows.reduce((sum, { waiting }) => sum + waiting, 0),
    );
  });

  test('that are not used are let go after a while, but for one over which the other side sends', async () => {
    const { sends, add, released, flows, link, heard } = scene();
    await sends(8, [1_000_000]);
    const [first, second, third] = add(3);
    await sends(10, [250_000, 250_000, 250_000, 250_000]);
    for (let nth = 0; nth < 25; nth++) {
      second!.listener.received(Uint8Array.of(nth));
      await sends(1, [1_000_000, 1_000_000, 1_000_000, 1_000_000]);
    }
    expect(new Set(released)).toEqual(new Set([first, third]));
    for (const gone of [first!, third!]) link.remove(gone);
    expect(heard.lost).toEqual([
      [1, false],
      [3, false],
    ]);
    expect(flows[0]!.closed).toBe(false);
  });

  test('[LB14] are not opened where the first one goes through a relay', async () => {
    const { sends, opened } = scene({ path: 'relayed' });
    await sends(20, [600_000]);
    expect(opened).toEqual([]);
  });

  test('end with the first one, and nothing is told of them any more', () => {
    const { add, heard, first, over, link } = scene();
    const further = add(2);
    first.listener.closed('closed');
    expect([heard.ends, over(), further.map(({ closed }) => closed)]).toEqual([['closed'], 1, [true, true]]);
    further[0]!.listener.closed('closed');
    expect([heard.lost, heard.ends.length]).toEqual([[], 1]);
    const late = new Flow();
    link.add(late);
    expect(late.closed).toBe(true);
  });

  test('end when the link is closed', () => {
    const { add, heard, first, over, link } = scene();
    const further = add(2);
    link.close();
    link.close();
    link.send(new Uint8Array(5), true);
    expect([first, ...further].every(({ closed }) => closed)).toBe(true);
    expect([over(), heard.ends, first.waiting]).toEqual([1, [], 0]);
  });

  test('[PN8] that are flooded are as if the first one was', () => {
    const { add, heard, first } = scene();
    const [one, other] = add(2);
    one!.listener.closed('flooded');
    expect([heard.ends, first.closed, other!.closed]).toEqual([['flooded'], true, true]);
  });
});
