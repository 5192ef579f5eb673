/** Files that are fetched for others ([WS33] [WS34]): what becomes of them when something goes wrong in the middle. */
import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import type { LendEvent } from './lending.ts';
import { MemoryWeb } from './testing/memory-web.ts';
import { PeerLab, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';
import { WebLine } from './testing/web-line.ts';

const URL_OF_IT = 'https://mirror.example/film.bin';
const BYTES = someBytes(5_000_000, 3);
const RATE = 500_000;

interface Lender {
  readonly test: TestPeer;
  readonly line: WebLine;
  readonly events: LendEvent[];
}

class Scene {
  readonly lab = new PeerLab();
  readonly web = new MemoryWeb(this.lab.clock);

  constructor() {
    this.web.put(URL_OF_IT, BYTES);
  }

  lender(rate = RATE): Lender {
    const line = new WebLine(this.web, this.lab.clock, rate);
    const test = this.lab.peer({ urlProbe: this.web.probe, webRanges: line });
    const events: LendEvent[] = [];
    test.peer.lending.watch((event) => events.push(event));
    test.peer.lending.lend({ dailyBytes: null, hosts: [], mostJobs: 4 });
    return { test, line, events };
  }

  /** It can ask what is there; `line` null: and fetch nothing. */
  client(line: WebLine | null = null): TestPeer {
    return this.lab.peer({ urlProbe: this.web.probe, ...(line === null ? {} : { webRanges: line }) });
  }

  line(rate = RATE): WebLine {
    return new WebLine(this.web, this.lab.clock, rate);
  }

  async until(what: string, holds: () => boolean, ms = 120_000): Promise<void> {
    await this.lab.clock.until(holds, what, ms);
  }

  /** ms until all of it is a share, which it has to be within so many. */
  async share(client: TestPeer, withinMs = 120_000): Promise<number> {
    const begun = this.lab.clock.now();
    await this.until('it is a share', () => client.became.length > 0, withinMs);
    const [[, share] = []] = client.became;
    if (share === undefined) throw new Error('it is a share');
    expect(await client.holds(share, BYTES)).toBe(true);
    return this.lab.clock.now() - begun;
  }
}

async function begun({ peer }: TestPeer): Promise<InfoHash> {
  const outcome = await peer.webFiles.fetch(URL_OF_IT);
  if (outcome.kind !== 'begun') throw new Error(outcome.kind);
  return outcome.infoHash;
}

const storedBytes = ({ snapshots }: TestPeer): number =>
  Math.max(0, ...[...snapshots.values()].map((snapshot) => snapshot.storedBytes));
const endOf = ({ events }: Lender) => events.findLast(({ kind }) => kind === 'ended');

describe('[WS33] a lender whose own person wants the same file', () => {
  test('[WS33] gives way in the middle: who asked goes on, and both have it', async () => {
    const scene = new Scene();
    const lender = scene.lender();
    const client = scene.client();
    await begun(client);
    await scene.until('some of it came', () => storedBytes(client) > 1_000_000);
    await begun(lender.test);
    expect(endOf(lender)).toMatchObject({ kind: 'ended', why: 'stopped' });
    expect(lender.test.peer.lending.state.jobs).toEqual([]);
    await scene.until('it is told', () => client.peer.borrowing.lendersOf(URL_OF_IT)?.taken === 0);
    await scene.share(lender.test);
    await scene.share(client, 300_000);
  });

  test('[WS33] [WS30] takes no job for it until that is done', async () => {
    const scene = new Scene();
    const lender = scene.lender(100_000);
    await begun(lender.test);
    await begun(scene.client());
    await scene.share(lender.test);
    expect(lender.events.filter(({ kind }) => kind === 'began')).toEqual([]);
  });
});

describe('[WS34] a server that fails in the middle', () => {
  test('[WS34] is asked again after it was busy, and nothing is lost', async () => {
    const scene = new Scene();
    const lender = scene.lender();
    const client = scene.client();
    await begun(client);
    await scene.until('some of it came', () => storedBytes(client) > 1_000_000);
    lender.line.trouble = 'busy';
    await scene.lab.clock.advance(20_000);
    const stored = storedBytes(client);
    await scene.lab.clock.advance(20_000);
    expect(storedBytes(client)).toBe(stored);
    lender.line.trouble = null;
    await scene.share(client);
    expect(endOf(lender)).toBeUndefined();
    expect(lender.line.cameBytes).toBeLessThan(1.2 * BYTES.length);
  });

  test('[WS34] and is away for good: the job ends, and who asked goes on by others who lend', async () => {
    const scene = new Scene();
    const lender = scene.lender();
    const client = scene.client();
    await begun(client);
    await scene.until('some of it came', () => storedBytes(client) > 1_000_000);
    lender.line.trouble = 'unreachable';
    await scene.until('the job ends', () => endOf(lender) !== undefined, 600_000);
    expect(endOf(lender)).toMatchObject({ why: 'unreachable' });
    await scene.until('it is told', () => client.peer.borrowing.lendersOf(URL_OF_IT)?.taken === 0);
    const other = scene.lender();
    await scene.share(client);
    expect(other.line.cameBytes).toBeLessThan(0.95 * BYTES.length);
  });

  test('[WS34] for one of two: what that one was asked for comes from the other one, soon', async () => {
    const scene = new Scene();
    const [away, other] = [scene.lender(), scene.lender()];
    const client = scene.client();
    await begun(client);
    await scene.until('some of it came', () => storedBytes(client) > 1_000_000);
    away.line.trouble = 'unreachable';
    // What is left takes the other one eight seconds.
    expect(await scene.share(client)).toBeLessThan(25_000);
    expect(other.line.cameBytes).toBeGreaterThan(0.5 * BYTES.length);
  });
});

describe('[WS34] lenders of different speed', () => {
  /** ms that it takes two fast ones and, perhaps, more. */
  async function timeOf(slow: (scene: Scene) => void, fetches: boolean): Promise<number> {
    const scene = new Scene();
    const fast = [scene.lender(), scene.lender()];
    slow(scene);
    const client = scene.client(fetches ? scene.line() : null);
    await begun(client);
    const ms = await scene.share(client);
    expect(fast.every(({ line }) => line.cameBytes > 0)).toBe(true);
    return ms;
  }

  test.each([true, false])(
    '[RQ6] [WS22] one at a tenth of the others’ speed costs hardly anything: its rest is taken over (the client fetches: %s)',
    async (fetches) => {
      const without = await timeOf(() => undefined, fetches);
      const withSlow = await timeOf((scene) => void scene.lender(RATE / 10), fetches);
      expect(withSlow).toBeLessThan(without + 1_000);
    },
  );
});

describe('[WS23] a lender that sends something else', () => {
  test('[WS23] is found out among others and banned, and all of it comes again', async () => {
    const scene = new Scene();
    const [liar, ...honest] = [scene.lender(), scene.lender(), scene.lender()];
    liar.line.changes = (bytes, from) => (from % 163_840 < 16_384 ? bytes.fill(7) : bytes);
    const client = scene.client(scene.line(200_000));
    const file = await begun(client);
    let liars = 0;
    void client.told(file, ({ web }) => {
      liars = Math.max(liars, web?.liars ?? 0);
      return false;
    });
    await scene.share(client, 300_000);
    expect(liar.line.cameBytes).toBeGreaterThan(0);
    // Who was asked to say it and said something else goes, too ([WS23]).
    expect(liars).toBeGreaterThan(0);
    expect(liars).toBeLessThan(3);
    expect(client.reports).toContainEqual(
      expect.objectContaining({ kind: 'peer-dropped', peer: liar.test.id }),
    );
    expect(honest.every(({ test }) => test.peer.lending.state.todayBytes > 0)).toBe(true);
  });
});
