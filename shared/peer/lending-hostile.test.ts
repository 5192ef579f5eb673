/** [WS32] [WS35] What those try who ask lenders. */
import { describe, expect, test } from 'vitest';
import type { UrlProbe } from '../url/probe.ts';
import type { WebJob } from '../protocol/web-texts.ts';
import { MemoryOrigin } from './testing/memory-origin.ts';
import { PeerLab, someBytes } from './testing/test-peer.ts';

const CONTENT = someBytes(600_000);
const URL_OF_IT = 'https://mirror.example/film.bin';
const JOB: WebJob = { url: URL_OF_IT, facts: { size: CONTENT.length, etag: '"a"', lastModified: null } };

describe('[WS32] servers that never answer', () => {
  test('[WS32] keep no lender from what others ask for', async () => {
    const lab = new PeerLab();
    const origin = new MemoryOrigin(lab.clock, CONTENT);
    const urlProbe: UrlProbe = {
      probe: (url) => (url.includes('tarpit') ? new Promise(() => undefined) : origin.probe(url)),
    };
    const lender = lab.peer({ webRanges: origin, urlProbe });
    lender.peer.lending.lend({ dailyBytes: null, hosts: [], mostJobs: 4 });
    const [attacker, asker] = [lab.peer(), lab.peer()];
    for (const nth of [1, 2, 3, 4])
      attacker.peer.borrowing.want({ ...JOB, url: `https://tarpit.example/${nth}` });
    await lab.clock.advance(5_000);
    asker.peer.borrowing.want(JOB);
    await lab.clock.advance(10_000);
    expect(asker.peer.borrowing.lendersOf(URL_OF_IT)).toMatchObject({ taken: 1, refused: {} });
  });
});

describe('[WS35] a host that is lent', () => {
  test('[WS35] and leads to one that is not: nothing is fetched there', async () => {
    const lab = new PeerLab();
    const origin = new MemoryOrigin(lab.clock, CONTENT);
    origin.facts = { finalUrl: 'https://elsewhere.example/film.bin' };
    const lender = lab.peer({ webRanges: origin, urlProbe: origin });
    lender.peer.lending.lend({ dailyBytes: null, hosts: ['mirror.example'], mostJobs: 4 });
    const asker = lab.peer();
    asker.peer.borrowing.want(JOB);
    await lab.clock.advance(10_000);
    expect(asker.peer.borrowing.lendersOf(URL_OF_IT)).toMatchObject({
      taken: 0,
      refused: { 'not-this-host': 1 },
    });
  });
});

describe('[WS32] who keeps a lender and asks nothing of it', () => {
  test('[WS32] has to make way after a minute', async () => {
    const lab = new PeerLab();
    const origin = new MemoryOrigin(lab.clock, CONTENT);
    const lender = lab.peer({ webRanges: origin, urlProbe: origin });
    lender.peer.lending.lend({ dailyBytes: null, hosts: [], mostJobs: 4 });
    const squatter = lab.peer({ urlProbe: origin });
    for (const nth of [1, 2, 3, 4]) {
      const begun = await squatter.peer.webFiles.fetch(`https://mirror.example/${nth}`);
      if (begun.kind !== 'begun') throw new Error(begun.kind);
      await squatter.peer.pause(begun.infoHash);
    }
    await lab.clock.until(() => lender.peer.lending.state.jobs.length === 4, 'it has its jobs', 60_000);
    await lab.clock.advance(90_000);
    expect(lender.peer.lending.state.jobs.map(({ peers }) => peers)).toEqual([1, 1, 1, 1]);
    const asker = lab.peer();
    asker.peer.borrowing.want(JOB);
    await lab.clock.advance(10_000);
    expect(asker.peer.borrowing.lendersOf(URL_OF_IT)).toMatchObject({ taken: 1, refused: {} });
  });
});
