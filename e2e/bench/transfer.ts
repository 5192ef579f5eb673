/**
 * `npm run bench -- transfer [--size 16MB,256MB,1GB] [--runs 3] [--only channel,shoal,webTorrent] [--json]`: how fast a
 * file goes from one browser to another, from the press of Download to the saved file, against a bare data channel and
 * against WebTorrent, in the same minutes (they take turns); and what processor time that takes, by process and thread.
 */
import { Folder } from '../files.ts';
import { bundled, SCRIPTED_PAGE, servePages } from '../pages/bundle.ts';
import { startShoal } from '../shoal.ts';
import { median, ratio, series } from './figures.ts';
import type { Figure, Series } from './figures.ts';
import { inTurn, runPart } from './harness.ts';
import type { Bench, Part } from './harness.ts';
import { overChannel, overShoal, overWebTorrent } from './one-to-one.ts';
import type { Took } from './one-to-one.ts';
import { byProcess, totalOf } from './processor-use.ts';
import type { Use } from './processor-use.ts';
import { sizesIn, toldSize } from './sizes.ts';
import { startWebTorrent } from './webtorrent.ts';
import { WrongArgument } from './wrong-argument.ts';

const SUBJECTS = ['channel', 'shoal', 'webTorrent'] as const;
type Subject = (typeof SUBJECTS)[number];
const NAMES: Readonly<Record<Subject, string>> = {
  channel: 'bare channel',
  shoal: 'Shoal',
  webTorrent: 'WebTorrent',
};

/** Of a small file the start is a large part: it has no goals. */
const GOALS_FROM_BYTES = 200e6;
const FIRST_BYTE_GOAL = { most: 100 };
/** Threads that take less, in ms for a MB, are not listed. */
const LISTED_MS = 0.2;

interface Found {
  /** MB/s (10^6 bytes). */
  readonly speed: Series;
  readonly firstByteMs: Series | null;
  /** Milliseconds of processor time a MB, of both browsers. */
  readonly processor: Series;
  /** The same by place, the medians. */
  readonly sender: Use;
  readonly receiver: Use;
}

interface Size {
  readonly bytes: number;
  readonly found: Readonly<Record<Subject, Found | null>>;
}

const PART: Part = {
  name: 'transfer',
  about:
    'How fast a file goes from one browser to another, against a bare data channel and WebTorrent, and what processor time that takes.',
  options: { size: '16MB,256MB,1GB', only: SUBJECTS.join(',') },
  async measure(bench, { size = '', only = '' }) {
    const asked = only.split(',');
    const unknown = asked.find((name) => !SUBJECTS.some((subject) => subject === name));
    if (unknown !== undefined) throw new WrongArgument(`--only takes ${SUBJECTS.join(', ')}, not ${unknown}`);
    const sizes = await measured(bench, sizesIn(size), new Set(asked));
    return { figures: figuresOf(sizes), measured: { sizes }, partial: asked.length < SUBJECTS.length };
  },
};

export const run = (args: string[]): Promise<void> => runPart(PART, args);

async function measured(bench: Bench, bytes: readonly number[], asked: ReadonlySet<string>): Promise<Size[]> {
  const folder = await Folder.make();
  const server = await startShoal();
  const page = { type: 'text/javascript', body: await bundled('raw-channel-page.ts') };
  const bare = await servePages({ '/': SCRIPTED_PAGE, '/page.js': page });
  const webTorrent = asked.has('webTorrent') ? await startWebTorrent(bench.say) : null;
  try {
    const sizes: Size[] = [];
    for (const size of bytes) {
      const file = await folder.largeFile(`${toldSize(size)}.bin`, size);
      const ways: Record<Subject, (() => Promise<Took>) | null> = {
        channel: () => overChannel(bench.launch, bare.origin, size),
        shoal: () => overShoal(bench.launch, server.url, file),
        webTorrent: webTorrent === null ? null : () => overWebTorrent(bench.launch, webTorrent, file),
      };
      for (const subject of SUBJECTS) if (!asked.has(subject)) ways[subject] = null;
      const took = await inTurn(bench.runs, ways, (turn, subject, { ms }) =>
        bench.say(`${toldSize(size)}, run ${turn}: ${NAMES[subject]} ${(size / ms / 1e3).toFixed(1)} MB/s`),
      );
      const found = { channel: null, shoal: null, webTorrent: null } as Record<Subject, Found | null>;
      for (const subject of SUBJECTS) found[subject] = foundIn(took[subject], size);
      for (const subject of SUBJECTS) tell(subject, found[subject], bench.say);
      sizes.push({ bytes: size, found });
    }
    return sizes;
  } finally {
    await Promise.all([server.close(), bare.close(), webTorrent?.close(), folder.remove()]);
  }
}

function foundIn(runs: readonly Took[], bytes: number): Found | null {
  if (runs.length === 0) return null;
  const megabytes = bytes / 1e6;
  const firsts = runs.flatMap(({ firstByteMs }) => firstByteMs ?? []);
  return {
    speed: series(runs.map(({ ms }) => (megabytes / ms) * 1_000)),
    firstByteMs: firsts.length === 0 ? null : series(firsts),
    processor: series(runs.map(({ sender, receiver }) => (totalOf(sender) + totalOf(receiver)) / megabytes)),
    sender: mediansOf(
      runs.map(({ sender }) => sender),
      megabytes,
    ),
    receiver: mediansOf(
      runs.map(({ receiver }) => receiver),
      megabytes,
    ),
  };
}

/** By place, the largest first, for a MB. */
function mediansOf(uses: readonly Use[], megabytes: number): Use {
  const places = new Set(uses.flatMap((use) => Object.keys(use)));
  const medians = [...places].map(
    (place) => [place, median(uses.map((use) => (use[place] ?? 0) / megabytes))] as const,
  );
  return Object.fromEntries(
    medians.filter(([, ms]) => ms >= LISTED_MS).sort(([, one], [, other]) => other - one),
  );
}

function tell(subject: Subject, found: Found | null, say: (line: string) => void): void {
  if (found === null) return;
  const { speed, processor } = found;
  say(
    `${NAMES[subject]}: ${speed.median.toFixed(1)} MB/s, ${processor.median.toFixed(1)} ms of processor time a MB`,
  );
  for (const side of ['sender', 'receiver'] as const) {
    const processes = Object.entries(byProcess(found[side])).map(([kind, ms]) => `${kind} ${ms.toFixed(1)}`);
    say(`  ${side}: ${processes.join(', ')}`);
    for (const [place, ms] of Object.entries(found[side]))
      if (place.includes(': ')) say(`    ${place} ${ms.toFixed(1)}`);
  }
}

function figuresOf(sizes: readonly Size[]): Figure[] {
  const firsts = sizes.flatMap(({ found }) => found.shoal?.firstByteMs?.all ?? []);
  return [
    ...sizes.flatMap(({ bytes, found: { channel, shoal, webTorrent } }): Figure[] => {
      const size = toldSize(bytes);
      const judged = bytes >= GOALS_FROM_BYTES;
      const [above, below] = [shoal?.processor.median ?? null, channel?.processor.median ?? null];
      return [
        {
          what: `${size}, one to one: speed, of a bare data channel’s`,
          value: ratio(shoal?.speed ?? null, channel?.speed ?? null),
          unit: 'ratio',
          ...(judged ? { goal: { least: 0.75 } } : {}),
        },
        {
          what: `${size}, one to one: speed, of WebTorrent’s`,
          value: ratio(shoal?.speed ?? null, webTorrent?.speed ?? null),
          unit: 'ratio',
          ...(judged ? { goal: { least: 1.4 } } : {}),
        },
        {
          what: `${size}, one to one: processor time above the bare channel’s`,
          value: above === null || below === null ? null : above - below,
          unit: 'ms/MB',
          ...(judged ? { goal: { most: 16 } } : {}),
        },
      ];
    }),
    {
      what: 'First byte after Download',
      value: firsts.length === 0 ? null : median(firsts),
      unit: 'ms',
      goal: FIRST_BYTE_GOAL,
    },
  ];
}
