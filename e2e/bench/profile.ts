/**
 * `npm run bench -- profile [--size 64MB] [--json]`: where the processor time of one transfer goes, by process and
 * thread (from /proc) and by function (DevTools), in ms for each MB; beside it the bare data channel of the same minutes.
 * The page is built without shortened names for it.
 */
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { findChromium } from '../../scripts/browsers.ts';
import { Folder, sha256Of } from '../files.ts';
import { chromiumOptions } from '../launch.ts';
import { bundled, SCRIPTED_PAGE, servePages } from '../pages/bundle.ts';
import type { RawChannelPage } from '../pages/raw-channel-page.ts';
import { newPerson } from '../person.ts';
import { startShoal } from '../shoal.ts';
import { Profiler } from './devtools.ts';
import type { ThreadProfile } from './devtools.ts';
import { bytesIn } from './sizes.ts';
import { threadTimes, usedSince } from './thread-times.ts';
import { withTwoBrowsers } from './two-browsers.ts';

declare const raw: RawChannelPage;
void chromium;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: 'string', default: '64MB' },
      functions: { type: 'boolean', default: false },
      bare: { type: 'boolean', default: false },
    },
  });
  const bytes = bytesIn(values.size);
  const found = await findChromium();
  if (found.kind === 'absent') throw new Error(found.sentence);
  const plain = chromiumOptions(found.path, found.sandbox);
  const launch = { ...plain, args: [...(plain.args ?? []), '--remote-debugging-port=0'] };
  const folder = await Folder.make();
  const server = await startShoal();
  const MB = bytes / 1e6;
  try {
    if (values.bare) {
      const page = { type: 'text/javascript', body: await bundled('raw-channel-page.ts') };
      const bare = await servePages({ '/': SCRIPTED_PAGE, '/page.js': page });
      await withTwoBrowsers(plain, async (one, other, marks) => {
        const [sender, receiver] = [await one.newPage(), await other.newPage()];
        await Promise.all([sender.goto(bare.origin), receiver.goto(bare.origin)]);
        const offer = await sender.evaluate(() => raw.offer());
        const answer = await receiver.evaluate((theirs) => raw.answer(theirs), offer);
        await sender.evaluate((theirs) => (raw.serve(), raw.accept(theirs)), answer);
        const before = marks.map(threadTimes);
        const ms = await receiver.evaluate((wanted) => raw.fetchBytes(wanted), bytes);
        tell('bare', MB, ms, marks.map((mark, nth) => usedSince(before[nth]!, threadTimes(mark))));
      });
      await bare.close();
    }
    const file = await folder.file('measured.bin', bytes);
    await withTwoBrowsers(launch, async (one, other, marks) => {
      for (const context of [one, other]) await context.addInitScript(() => {
        const log: number[][] = [];
        Object.assign(globalThis, { sends: log });
        const send = RTCDataChannel.prototype.send;
        RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: never) {
          log.push([performance.now(), this.bufferedAmount, (data as ArrayBuffer).byteLength]);
          return send.call(this, data);
        };
      });
      const [sender, receiver] = [await newPerson(one), await newPerson(other)];
      await receiver.open(await sender.share(server.url, file.path));
      await receiver.button('Download').waitFor();
      await new Promise((done) => setTimeout(done, 12000));
      const profilers = values.functions ? await Promise.all(marks.map((mark) => Profiler.connect(mark))) : [];
      for (const profiler of profilers) await profiler.start();
      const before = marks.map(threadTimes);
      const pressed = performance.now();
      const saved = await (await receiver.download()).path();
      const ms = performance.now() - pressed;
      const used = marks.map((mark, nth) => usedSince(before[nth]!, threadTimes(mark)));
      tell('shoal', MB, ms, used);
      for (const [nth, profiler] of profilers.entries()) {
        console.log(nth === 0 ? '== sender' : '== receiver');
        for (const { thread, functions } of (await profiler.stop()) as ThreadProfile[]) {
          console.log(`-- ${thread}`);
          for (const { name, ms: own } of functions.slice(0, 40)) {
            if (own / MB > 0.02) console.log(`${(own / MB).toFixed(2).padStart(8)}  ${name}`);
          }
        }
        profiler.close();
      }
      for (const person of [sender, receiver]) {
        const log = await person.page.evaluate(() => (globalThis as unknown as { sends: number[][] }).sends);
        const big = log.filter((row) => (row[2] ?? 0) > 10000);
        const span = (big.at(-1)?.[0] ?? 0) - (big[0]?.[0] ?? 0);
        const dry = big.filter((row) => row[1] === 0).length;
        let gaps = 0, longGaps = 0, worst = 0;
        for (let i = 1; i < big.length; i++) { const gap = big[i]![0]! - big[i - 1]![0]!; if (big[i]![1] === 0) gaps += gap; if (gap > 100) longGaps += gap; worst = Math.max(worst, gap); }
        console.log(`sends: ${log.length}, big ${big.length}, over ${span.toFixed(0)} ms of ${ms.toFixed(0)}, buffer was empty at ${dry}, gaps before these ${gaps.toFixed(0)} ms, gaps over 100 ms ${longGaps.toFixed(0)}, worst ${worst.toFixed(0)}`);
      }
      if ((await sha256Of(saved)) !== file.sha256) throw new Error('the saved file differs');
    });
  } finally {
    await Promise.all([server.close(), folder.remove()]);
  }
}

function tell(who: string, MB: number, ms: number, used: (readonly [string, number])[][]): void {
  const total = used.flat().reduce((sum, [, own]) => sum + own, 0);
  console.log(`${who}: ${(MB / (ms / 1000)).toFixed(2)} MB/s, ${(total / MB).toFixed(1)} ms/MB`);
  used.forEach((threads, nth) => {
    const sum = threads.reduce((all, [, own]) => all + own, 0);
    console.log(`${nth === 0 ? 'sender' : 'receiver'} ${(sum / MB).toFixed(1)}`);
    for (const [name, own] of threads.slice(0, 14)) console.log(`${(own / MB).toFixed(2).padStart(9)}  ${name}`);
  });
}
