/** Connections that are lent ([WS30]–[WS35]): whole peers in memory, and a server that a test holds. */
import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import type { WebJob } from '../protocol/web-texts.ts';
import type { LendEvent } from './lending.ts';
import { LENDERS_BYTES, LENDERS_SHARE } from './lenders-share.ts';
import { MemorySettings } from './settings.ts';
import { nodeDigest } from './testing/node-ports.ts';
import { sha256Hex } from './digests.ts';
import { refusedFor } from '../url/probe-answer.ts';
import { MemoryOrigin } from './testing/memory-origin.ts';
import { MemoryWeb } from './testing/memory-web.ts';
import { PeerLab, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';

const URL_OF_IT = 'https://mirror.example/film.bin';
const CONTENT = someBytes(600_000);
const JOB = { url: URL_OF_IT, facts: { size: CONTENT.length, etag: '"a"', lastModified: null } };
const TERMS = { dailyBytes: null, hosts: [], mostJobs: 4 };

class LendLab extends PeerLab {
  readonly origin = new MemoryOrigin(this.clock, CONTENT);

  lender(terms: Partial<typeof TERMS> | { dailyBytes?: number; hosts?: string[] } | null = {}): Lender {
    const peer = this.peer({ webRanges: this.origin, urlProbe: this.origin });
    if (terms !== null) peer.peer.lending.lend({ ...TERMS, ...terms });
    return new Lender(peer);
  }

  takers(asker: TestPeer): number {
    return asker.peer.borrowing.lendersOf(URL_OF_IT)?.taken ?? 0;
  }
}

class Lender {
  readonly events: LendEvent[] = [];
  readonly test: TestPeer;

  constructor(test: TestPeer) {
    this.test = test;
    test.peer.lending.watch((event) => this.events.push(event));
  }
}

test('[WS30] what those who lend have in common is what its manifest says', async () => {
  expect(await sha256Hex(nodeDigest, LENDERS_BYTES)).toBe(LENDERS_SHARE.pieces[0]?.sha256);
});

describe('[WS32] a job', () => {
  test('[WS32] is taken by those who lend, of whom no view is told', async () => {
    const lab = new LendLab();
    const [asker, one, other] = [lab.peer(), lab.lender(), lab.lender()];
    const told: number[] = [];
    asker.peer.borrowing.want(JOB, ({ taken }) => told.push(taken));
    await lab.clock.until(() => lab.takers(asker) === 2, 'both take it');
    expect(told).toEqual([1, 2]);
    expect(one.events).toEqual([{ kind: 'began', url: URL_OF_IT, bytes: CONTENT.length }]);
    for (const { test: peer } of [one, other]) expect([peer.snapshots.size, peer.tellings]).toEqual([0, []]);
    expect(await one.test.peer.library()).toEqual([]);
  });

  test('[WS32] of another file, of a host that is not lent or not public, is not taken', async () => {
    const lab = new LendLab();
    const [asker, lender] = [lab.peer(), lab.lender({ hosts: ['mirror.example'] })];
    const jobs: WebJob[] = [
      { ...JOB, facts: { ...JOB.facts, size: 5 } },
      { ...JOB, url: 'https://evil.example/film.bin' },
      { ...JOB, url: 'https://notmirror.example/film.bin' },
      { ...JOB, url: 'http://127.0.0.1/film.bin' },
      { ...JOB, url: 'https://mirror.example/%66ilm.bin' },
      { ...JOB, url: 'https://below.mirror.example/film.bin' },
    ];
    for (const job of jobs) asker.peer.borrowing.want(job);
    await lab.clock.until(() => lender.events.length === 6, 'all are answered');
    const answers = new Map(
      lender.events.map((event) => [event.url, event.kind === 'refused' ? event.answer : event.kind]),
    );
    expect(jobs.map(({ url }) => answers.get(url))).toEqual([
      'other-file',
      ...Array.from({ length: 4 }, () => 'not-this-host'),
      'began',
    ]);
    expect(lab.origin.probed.sort()).toEqual([jobs[5]?.url, jobs[0]?.url]);
  });

  test('[WS35] is not taken where nobody lends, or only by the settings at once', async () => {
    const lab = new LendLab();
    const [asker, lender] = [lab.peer(), lab.lender(null)];
    asker.peer.borrowing.want(JOB);
    await lab.clock.advance(20_000);
    expect(lab.takers(asker)).toBe(0);
    await lender.test.peer.settings.change({ lend: true });
    await lab.clock.until(() => lab.takers(asker) === 1, 'it lends');
    await lender.test.peer.settings.change({ lend: false });
    await lab.clock.until(() => lab.takers(asker) === 0, 'it lends no more');
    expect(lender.events.at(-1)).toMatchObject({ kind: 'ended', why: 'stopped' });
  });

  test('[WS33] ends when nobody is there for it', async () => {
    const lab = new LendLab();
    const [asker, lender] = [lab.peer(), lab.lender()];
    asker.peer.borrowing.want(JOB);
    await lab.clock.until(() => lab.takers(asker) === 1, 'it is taken');
    await lab.clock.advance(70_000);
    expect(lender.events.at(-1)).toMatchObject({ kind: 'ended', why: 'alone' });
    expect(asker.peer.borrowing.lendersOf(URL_OF_IT)).toMatchObject({ taken: 0, refused: { done: 1 } });
  });

  test('[WS32] that nobody is there for any more makes way for another one, and no other does', async () => {
    const lab = new LendLab();
    const [asker, lender] = [lab.peer(), lab.lender()];
    const jobOf = (nth: number): WebJob => ({ ...JOB, url: `https://mirror.example/${nth}.bin` });
    for (const nth of [1, 2, 3, 4]) asker.peer.borrowing.want(jobOf(nth));
    const taken = (nth: number) => asker.peer.borrowing.lendersOf(jobOf(nth).url)?.taken;
    await lab.clock.until(() => [1, 2, 3, 4].every((nth) => taken(nth) === 1), 'four are taken');
    asker.peer.borrowing.want(jobOf(5));
    const other = lab.peer();
    await lab.clock.until(() => lender.events.some(({ kind }) => kind === 'refused'), 'the fifth is not');
    await lab.clock.advance(15_000);
    other.peer.borrowing.want(jobOf(6));
    await lab.clock.until(
      () => other.peer.borrowing.lendersOf(jobOf(6).url)?.taken === 1,
      'the sixth is, later',
    );
    expect(lender.events.slice(-2)).toEqual([
      { kind: 'ended', url: jobOf(1).url, why: 'alone', bytes: 0 },
      { kind: 'began', url: jobOf(6).url, bytes: CONTENT.length },
    ]);
    expect(lender.test.peer.lending.state.jobs).toHaveLength(4);
  });

  test('[WS35] is not taken once the limit of the day is reached, also after a restart, until the next day', async () => {
    const lab = new LendLab();
    const settings = new MemorySettings();
    const asker = lab.peer();
    const day = Math.floor(lab.clock.today() / 86_400_000) * 86_400_000;
    const lender = lab.peer({ webRanges: lab.origin, urlProbe: lab.origin, settings });
    await lender.peer.settings.change({ lend: true, lendDailyBytes: 100, lent: { day, bytes: 100 } });
    asker.peer.borrowing.want(JOB);
    const refused = (): number => asker.peer.borrowing.lendersOf(URL_OF_IT)?.refused.full ?? 0;
    await lab.clock.until(() => refused() === 1, 'it is refused');
    expect(lab.origin.probed).toEqual([]);
    asker.peer.borrowing.unwant(URL_OF_IT);
    await lab.clock.advance(100);
    lab.clock.sleep(86_400_000);
    asker.peer.borrowing.want(JOB);
    await lab.clock.until(() => lab.takers(asker) === 1, 'it is another day', 300_000);
  });
});

test('[WS31] who is killed counts no more among those who fetch', async () => {
  const lab = new LendLab();
  const [asker, lender] = [lab.peer(), lab.lender()];
  asker.peer.borrowing.want(JOB);
  await lab.clock.until(() => lab.takers(asker) === 1, 'it is taken');
  await lender.test.peer.close();
  await lab.clock.until(() => lab.takers(asker) === 0, 'it is gone');
});

describe('[WS33] a file that only others can fetch', () => {
  const BYTES = someBytes(5_000_000, 3);

  function scene() {
    const lab = new LendLab();
    const web = new MemoryWeb(lab.clock);
    web.put(URL_OF_IT, BYTES);
    web.rate = 500_000;
    const lender = (terms: object = {}): Lender => {
      const peer = lab.peer({ urlProbe: web.probe, webRanges: web.ranges });
      peer.peer.lending.lend({ ...TERMS, ...terms });
      return new Lender(peer);
    };
    // It can ask what is there, and fetch nothing.
    return { lab, web, lender, client: lab.peer({ urlProbe: web.probe }) };
  }

  async function begun({ peer }: TestPeer): Promise<InfoHash> {
    const outcome = await peer.webFiles.fetch(URL_OF_IT);
    if (outcome.kind !== 'begun') throw new Error(outcome.kind);
    return outcome.infoHash;
  }

  const receivedBytes = ({ snapshots }: TestPeer): number =>
    Math.max(0, ...[...snapshots.values()].map((snapshot) => snapshot.receivedBytes));

  test('[WS33] [WS34] comes whole by two who lend, also when one of them is killed in the middle', async () => {
    const { lab, lender, client } = scene();
    const [one, other] = [lender(), lender()];
    const file = await begun(client);
    await lab.clock.until(() => receivedBytes(client) > 1_000_000, 'some of it came', 120_000);
    expect(
      Math.min(one.test.peer.lending.state.todayBytes, other.test.peer.lending.state.todayBytes),
    ).not.toBe(0);
    await one.test.peer.close();
    await lab.clock.until(() => receivedBytes(client) === BYTES.length, 'all of it came', 300_000);
    await lab.clock.until(() => client.snapshots.get(file)?.phase === 'complete', 'it is stored', 1_000);
    expect(await client.holds(file, BYTES)).toBe(true);
    await lab.clock.until(() => other.test.peer.lending.state.jobs.length === 0, 'nobody needs it', 300_000);
  });

  test('[WS36] is found out about by those who lend where this peer cannot ask its server, and comes from them', async () => {
    const { lab, web, lender } = scene();
    const [one] = [lender(), lender()];
    // As a page that may not ask it.
    let probes = 0;
    const urlProbe = { probe: async () => (probes++, refusedFor('no-cors')) };
    const page = lab.peer({ urlProbe, webRanges: web.ranges });
    const asked = page.peer.webFiles.fetch(URL_OF_IT);
    await lab.clock.until(() => page.became.length > 0, 'it is a share', 300_000);
    expect(await page.holds(page.became[0]?.[1] as InfoHash, BYTES)).toBe(true);
    expect(await asked).toEqual({ kind: 'begun', infoHash: page.became[0]?.[0] });
    expect(page.manifests.find(([hash]) => hash === page.became[0]?.[1])?.[1].name).toBe('film.bin');
    // Nothing of it came from the server straight to this peer.
    expect(one.test.peer.lending.state.todayBytes).toBeGreaterThan(0);
    expect(page.reports.filter(({ kind }) => kind === 'address-lost')).toEqual([]);
    // It was asked once, when the person said so, and never again.
    expect(probes).toBe(1);
    expect((await page.peer.library())[0]).toMatchObject({ asksWeb: false, cameFrom: { byOthers: true } });
  });

  test('[WS36] where nobody lends that is told, with why it is not asked from here', async () => {
    const { lab } = scene();
    const page = lab.peer({ urlProbe: { probe: async () => refusedFor('not-from-here') } });
    const asked = page.peer.webFiles.fetch(URL_OF_IT);
    await lab.clock.advance(25_000);
    expect(await asked).toMatchObject({ kind: 'nobody-lends', refusal: { why: 'not-from-here' } });
    expect(page.peer.borrowing.lendersOf(URL_OF_IT)).toBeNull();
    expect(await page.peer.library()).toEqual([]);
  });

  test('[WS36] of lenders who say something else of it most are believed, and no name deceives', async () => {
    const { lab, web, lender } = scene();
    lender();
    lender();
    const false_ = lab.peer({
      webRanges: web.ranges,
      urlProbe: {
        probe: async (url) => {
          const found = await web.probe.probe(url);
          if (found.kind !== 'facts') return found;
          return { ...found, facts: { ...found.facts, size: 7, etag: '"9"', name: '../\u202egpj.exe' } };
        },
      },
    });
    false_.peer.lending.lend(TERMS);
    const page = lab.peer({});
    void page.peer.webFiles.fetch(URL_OF_IT);
    await lab.clock.until(() => page.became.length > 0, 'it is a share', 300_000);
    expect(await page.holds(page.became[0]?.[1] as InfoHash, BYTES)).toBe(true);
  });

  test('[WS35] comes to a halt with the limit of the day, and goes on by another', async () => {
    const { lab, lender, client } = scene();
    const limited = lender({ dailyBytes: 1_000_000 });
    await begun(client);
    await lab.clock.until(() => limited.events.some(({ kind }) => kind === 'ended'), 'the limit', 120_000);
    expect(limited.events.at(-1)).toMatchObject({ kind: 'ended', why: 'limit' });
    expect(limited.test.peer.lending.state.todayBytes).toBeLessThan(1_000_000 + 65_536);
    lender();
    await lab.clock.until(() => receivedBytes(client) === BYTES.length, 'all of it came', 300_000);
  });
});
