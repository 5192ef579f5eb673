/**
 * One file from one browser to another, in three ways that are compared: a bare data channel, Shoal, WebTorrent. Fresh
 * browsers for each, what they took of time and of the processor.
 */
import type { BrowserContext, LaunchOptions } from 'playwright';
import type { MadeFile } from '../files.ts';
import { sha256Of } from '../files.ts';
import type { RawChannelPage } from '../pages/raw-channel-page.ts';
import { newPerson } from '../person.ts';
import { TrafficWatch } from '../traffic.ts';
import { withTwoBrowsers } from './browsers.ts';
import { Profiler } from './devtools.ts';
import type { ThreadProfile } from './devtools.ts';
import { ProcessorUse } from './processor-use.ts';
import type { Use } from './processor-use.ts';
import type { WebTorrentService } from './webtorrent.ts';

declare const raw: RawChannelPage;

/** For a gigabyte on a busy machine. */
const PATIENCE = { timeout: 1_800_000 };

export interface Took {
  readonly ms: number;
  /** From the press to the first content; of Shoal alone. */
  readonly firstByteMs: number | null;
  /** Of the whole browsers, in that time. */
  readonly sender: Use;
  readonly receiver: Use;
  /** What each thread did, where that was to be watched. */
  readonly threads?: readonly ThreadProfile[];
}

/** From the receiver's asking to its last byte. */
export function overChannel(launch: LaunchOptions, address: string, bytes: number): Promise<Took> {
  return between(launch, async (one, other, watched) => {
    const [sender, receiver] = [await one.newPage(), await other.newPage()];
    await Promise.all([sender.goto(address), receiver.goto(address)]);
    const offer = await sender.evaluate(() => raw.offer());
    const answer = await receiver.evaluate((theirs) => raw.answer(theirs), offer);
    await sender.evaluate((theirs) => (raw.serve(), raw.accept(theirs)), answer);
    return watched(() => receiver.evaluate((wanted) => raw.fetchBytes(wanted), bytes));
  });
}

/** From the press of Download to the saved file, which is compared afterwards. */
export function overShoal(
  launch: LaunchOptions,
  address: string,
  file: MadeFile,
  profiled = false,
): Promise<Took> {
  return between(launch, async (one, other, watched, marks) => {
    const [sender, receiver] = [await newPerson(one), await newPerson(other)];
    const traffic = await TrafficWatch.of(receiver.page);
    await receiver.open(await sender.share(address, file.path));
    await receiver.installed();
    let saved = '';
    const profilers = await Promise.all(profiled ? marks.map((mark) => Profiler.start(mark)) : []);
    const took = await watched(async () => {
      const [download] = await Promise.all([
        receiver.page.waitForEvent('download', PATIENCE),
        receiver.button('Download').click(),
      ]);
      saved = await download.path();
      // What moves the mouse to the button is no part of it.
      return Date.now() - (await traffic.pressedAt());
    });
    const firstByteMs = await traffic.firstContentMs();
    if ((await sha256Of(saved)) !== file.sha256)
      throw new Error('the saved file is not the one that was sent');
    const threads = (await Promise.all(profilers.map((profiler) => profiler.stop()))).flat();
    return { ...took, firstByteMs, threads };
  });
}

/** From the adding of the link until the package says that everything is here. */
export function overWebTorrent(
  launch: LaunchOptions,
  service: WebTorrentService,
  file: MadeFile,
): Promise<Took> {
  return between(launch, async (one, other, watched) => {
    const [sender, receiver] = [await one.newPage(), await other.newPage()];
    await Promise.all([service.open(sender), service.open(receiver)]);
    const magnet = await service.seed(sender, file.path);
    return watched(() => service.fetchAll(receiver, magnet));
  });
}

type Watched = (measured: () => Promise<number>) => Promise<Took>;

function between(
  launch: LaunchOptions,
  work: (
    one: BrowserContext,
    other: BrowserContext,
    watched: Watched,
    marks: readonly string[],
  ) => Promise<Took>,
): Promise<Took> {
  return withTwoBrowsers(launch, (one, other) =>
    work(
      one.context,
      other.context,
      async (measured) => {
        const [sending, receiving] = [new ProcessorUse(one.mark), new ProcessorUse(other.mark)];
        const ms = await measured();
        return { ms, firstByteMs: null, sender: sending.sofar(), receiver: receiving.sofar() };
      },
      [one.mark, other.mark],
    ),
  );
}
