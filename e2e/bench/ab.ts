import { readFileSync } from 'node:fs';
import { findChromium } from '../../scripts/browsers.ts';
import { Folder, sha256Of } from '../files.ts';
import { chromiumOptions } from '../launch.ts';
import { bundled, SCRIPTED_PAGE, servePages } from '../pages/bundle.ts';
import type { RawChannelPage } from '../pages/raw-channel-page.ts';
import { newPerson } from '../person.ts';
import { startShoal } from '../shoal.ts';
import { bytesIn } from './sizes.ts';
import { threadTimes, usedSince } from './thread-times.ts';
import { withTwoBrowsers } from './two-browsers.ts';
declare const raw: RawChannelPage;
const udp = () => { const rows = readFileSync('/proc/net/snmp', 'utf8').split('\n').filter((l) => l.startsWith('Udp:')); const [h, v] = rows.map((r) => r.split(' ')); return { err: Number(v![h!.indexOf('RcvbufErrors')]), in: Number(v![h!.indexOf('InDatagrams')]) }; };
const busy = () => { const f = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/).slice(1).map(Number); const all = f.slice(0, 8).reduce((a, b) => a + b, 0); return { all, idle: f[3]! + f[4]! }; };
const [size = '24MB', runs = '2', ...pages] = process.argv.slice(2);
const bytes = bytesIn(size); const MB = bytes / 1e6;
const found = await findChromium(); if (found.kind === 'absent') throw new Error(found.sentence);
const plain = chromiumOptions(found.path, found.sandbox);
const folder = await Folder.make();
const results = new Map<string, { rate: number; cpu: number }[]>();
const threads = new Map<string, Map<string, number[]>>();
for (let run = 0; run < Number(runs); run++) for (const name of pages) {
  const note = (ms: number, u0: ReturnType<typeof udp>, b0: ReturnType<typeof busy>, used: (readonly [string, number])[][]) => {
    const u = udp(), b = busy();
    const cpu = used.flat().reduce((s, [, m]) => s + m, 0) / MB;
    const all = ((b.all - b0.all - (b.idle - b0.idle)) * 10) / MB;
    (results.get(name) ?? results.set(name, []).get(name)!).push({ rate: MB / (ms / 1000), cpu });
    console.log(`${name}: ${(MB / (ms / 1000)).toFixed(2)} MB/s, ${cpu.toFixed(0)} ms/MB (machine ${all.toFixed(0)}), lost ${(100 * (u.err - u0.err) / (u.in - u0.in + u.err - u0.err)).toFixed(2)} % of ${u.in - u0.in}`);
    const mine = threads.get(name) ?? new Map<string, number[]>(); threads.set(name, mine);
    used.forEach((list, nth) => { for (const [k, m] of list) { const key = `${nth ? 'R' : 'S'} ${k}`; mine.set(key, [...(mine.get(key) ?? []), m / MB]); } });
  };
  if (name === 'bare') {
    const page = { type: 'text/javascript', body: await bundled('raw-channel-page.ts') };
    const bare = await servePages({ '/': SCRIPTED_PAGE, '/page.js': page });
    await withTwoBrowsers(plain, async (one, other, marks) => {
      const [sender, receiver] = [await one.newPage(), await other.newPage()];
      await Promise.all([sender.goto(bare.origin), receiver.goto(bare.origin)]);
      const offer = await sender.evaluate(() => raw.offer());
      const answer = await receiver.evaluate((theirs) => raw.answer(theirs), offer);
      await sender.evaluate((theirs) => (raw.serve(), raw.accept(theirs)), answer);
      const before = marks.map(threadTimes), u0 = udp(), b0 = busy();
      const ms = await receiver.evaluate((wanted) => raw.fetchBytes(wanted), bytes);
      note(ms, u0, b0, marks.map((mark, nth) => usedSince(before[nth]!, threadTimes(mark))));
    });
    await bare.close();
    continue;
  }
  const server = await startShoal({ pageFolder: name.includes('/') ? name : `/tmp/hot/${name}` });
  const file = await folder.file('measured.bin', bytes);
  await withTwoBrowsers(plain, async (one, other, marks) => {
    const [sender, receiver] = [await newPerson(one), await newPerson(other)];
    await receiver.open(await sender.share(server.url, file.path));
    await receiver.button('Download').waitFor();
    for (const p of [sender, receiver]) { await p.touch(); await p.page.evaluate(async () => { for (let n = 0; n < 100 && !navigator.serviceWorker.controller; n++) await new Promise((d) => setTimeout(d, 100)); }); }
    await new Promise((d) => setTimeout(d, 1500));
    const before = marks.map(threadTimes), u0 = udp(), b0 = busy();
    const pressed = performance.now();
    const saved = await (await receiver.download()).path();
    const ms = performance.now() - pressed;
    note(ms, u0, b0, marks.map((mark, nth) => usedSince(before[nth]!, threadTimes(mark))));
    if ((await sha256Of(saved)) !== file.sha256) throw new Error('the saved file differs');
  });
  await server.close();
}
await folder.remove();
const med = (v: number[]) => { const s = [...v].sort((a, b) => a - b); return s[s.length >> 1]!; };
const keys = [...new Set([...threads.values()].flatMap((m) => [...m.keys()]))].map((k) => [k, Math.max(...[...threads.values()].map((m) => med(m.get(k) ?? [0])))] as const).filter(([, m]) => m > 2).sort((a, b) => b[1] - a[1]);
for (const [k] of keys) console.log(k.padEnd(34), pages.map((p) => med(threads.get(p)!.get(k) ?? [0]).toFixed(1).padStart(8)).join(''));
for (const p of pages) console.log(p, 'median', med(results.get(p)!.map((r) => r.rate)).toFixed(2), 'MB/s', med(results.get(p)!.map((r) => r.cpu)).toFixed(0), 'ms/MB');
