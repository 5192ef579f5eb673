/**
 * `npm run bench -- profile`: where the processor time of one transfer goes, by process and thread (from /proc), and by
 * function (DevTools), in ms for each MB.
 */
import { Folder } from '../files.ts';
import { bundled, SCRIPTED_PAGE, servePages } from '../pages/bundle.ts';
import { startShoal } from '../shoal.ts';
import type { ThreadProfile } from './devtools.ts';
import { runPart } from './harness.ts';
import type { Bench, Measured } from './harness.ts';
import { overChannel, overShoal } from './one-to-one.ts';
import type { Took } from './one-to-one.ts';
import { totalOf } from './processor-use.ts';
import { bytesIn } from './sizes.ts';

/** ms for a MB: less is not told. */
const LEAST_TOLD = 0.05;

export function run(args: string[]): Promise<void> {
  return runPart(
    {
      name: 'profile',
      about:
        'What one transfer takes of the processor, beside a bare channel of the same minutes. Times of functions are ' +
        'those of a clock: a thread that waits for a core is counted, too. Nothing is written down.',
      options: { size: '64MB' },
      leastRuns: 1,
      measure,
    },
    args,
  );
}

async function measure({ launch, say }: Bench, values: Readonly<Record<string, string>>): Promise<Measured> {
  const bytes = bytesIn(values['size'] ?? '');
  const folder = await Folder.make();
  const server = await startShoal();
  const script = { type: 'text/javascript', body: await bundled('raw-channel-page.ts') };
  const bare = await servePages({ '/': SCRIPTED_PAGE, '/page.js': script });
  try {
    const file = await folder.file('measured.bin', bytes);
    const perMB = (ms: number): number => ms / (bytes / 1e6);
    const channel = await overChannel(launch, bare.origin, bytes);
    tell('bare channel', channel, perMB, say);
    const shoal = await overShoal(launch, server.url, file);
    tell('Shoal', shoal, perMB, say);
    const watched = { ...launch, args: [...(launch.args ?? []), '--remote-debugging-port=0'] };
    const threads = (await overShoal(watched, server.url, file, true)).threads ?? [];
    for (const thread of threads) tellFunctions(thread, perMB, say);
    const used = ({ sender, receiver }: Took): number => perMB(totalOf(sender) + totalOf(receiver));
    return { figures: [], measured: { channelMs: used(channel), shoalMs: used(shoal) }, partial: true };
  } finally {
    await Promise.all([server.close(), bare.close(), folder.remove()]);
  }
}

function tell(
  who: string,
  { ms, sender, receiver }: Took,
  perMB: (ms: number) => number,
  say: (line: string) => void,
): void {
  say(`\n${who}: ${(1000 / perMB(ms)).toFixed(2)} MB/s, ms of processor for a MB:`);
  for (const [side, use] of [['sender', sender] as const, ['receiver', receiver] as const]) {
    say(`  ${side} ${perMB(totalOf(use)).toFixed(1)}`);
    const threads = Object.entries(use).filter(([place]) => place.includes(': '));
    for (const [place, took] of threads.sort(([, one], [, other]) => other - one)) {
      if (perMB(took) >= 1) say(`    ${perMB(took).toFixed(1).padStart(6)}  ${place}`);
    }
  }
}

function tellFunctions(
  { thread, functions }: ThreadProfile,
  perMB: (ms: number) => number,
  say: (line: string) => void,
): void {
  say(`\nfunctions of ${thread}`);
  for (const { name, ms } of functions) {
    if (perMB(ms) >= LEAST_TOLD && name !== '(idle)') say(`  ${perMB(ms).toFixed(2).padStart(6)}  ${name}`);
  }
}
