/**
 * [LB11]–[LB13] [HL42] What went on, as a file of lines that is added to: what is written together is one line, so all of
 * it is there or nothing. In memory is what the lines come to; when they are many more than that, it is written anew.
 */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { infoHash as readInfoHash } from '../../shared/ids.ts';
import type { InfoHash } from '../../shared/ids.ts';
import { historyBeyond, NO_TOTALS, pageAsked, totalsWith } from '../../shared/peer/activity-store.ts';
import type {
  ActivityBatch,
  ActivityStore,
  HistoryRow,
  KeptHistoryRow,
  LoggedTransfer,
  LogPage,
  Totals,
} from '../../shared/peer/activity-store.ts';
import { MOST_LOGGED_ROWS } from '../../shared/peer/limits.ts';
import { Queue } from './at-once.ts';
import { writeWhole } from './json-file.ts';
import { MOST_ACTIVITY_LINES } from './limits.ts';
import type { Notices } from './notices.ts';
import { tellTrouble } from './tell-trouble.ts';
import { isWorlds, orNull } from './trouble.ts';

/** What is there before a line is added to it. */
interface Known {
  readonly history: readonly KeptHistoryRow[];
  readonly transfers: readonly LoggedTransfer[];
  readonly totals: Totals;
  readonly ids: number;
}

const NOTHING: Known = { history: [], transfers: [], totals: NO_TOTALS, ids: 0 };

export class DiskActivity implements ActivityStore {
  readonly #path: string;
  readonly #notices: Notices;
  readonly #changes = new Queue();
  #known = NOTHING;
  #lines = 0;

  private constructor(path: string, notices: Notices) {
    this.#path = path;
    this.#notices = notices;
  }

  static async open(path: string, notices: Notices): Promise<DiskActivity> {
    const activity = new DiskActivity(path, notices);
    const text = (await orNull(readFile(path, 'utf8'))) ?? '';
    for (const line of text.split('\n')) {
      if (line === '') continue;
      activity.#lines += 1;
      activity.#known = afterLine(activity.#known, line);
    }
    return activity;
  }

  write(batch: ActivityBatch): Promise<readonly number[] | null> {
    return this.#changes.run(async () => {
      const { known, ids } = withBatch(this.#known, batch);
      if (!(await this.#added({ batch }))) return null;
      this.#known = known;
      if (this.#lines > MOST_ACTIVITY_LINES) await this.#writeAnew();
      return ids;
    });
  }

  async history(): Promise<KeptHistoryRow[]> {
    await this.#changes.idle();
    return [...this.#known.history].sort((one, other) => other.id - one.id);
  }

  clearHistory(): Promise<void> {
    return this.#changes.run(async () => {
      this.#known = { ...this.#known, history: this.#known.history.filter(({ end }) => end === null) };
      await this.#writeAnew();
    });
  }

  async transfers(page: LogPage): Promise<LoggedTransfer[]> {
    await this.#changes.idle();
    const { before, limit } = pageAsked(page);
    return this.#known.transfers
      .filter(({ id }) => id < before)
      .slice(-limit)
      .reverse();
  }

  async totals(): Promise<Totals> {
    await this.#changes.idle();
    return this.#known.totals;
  }

  forget(): Promise<void> {
    return this.#changes.run(async () => {
      this.#known = { ...NOTHING, ids: this.#known.ids };
      await this.#writeAnew();
    });
  }

  #added(line: { batch: ActivityBatch }): Promise<boolean> {
    return this.#tried(async () => {
      await mkdir(dirname(this.#path), { recursive: true });
      await appendFile(this.#path, `\n${JSON.stringify(line)}\n`);
      this.#lines += 1;
    });
  }

  async #writeAnew(): Promise<void> {
    const isWritten = await this.#tried(() =>
      writeWhole(this.#path, `${JSON.stringify({ known: this.#known })}\n`),
    );
    if (isWritten) this.#lines = 1;
  }

  async #tried(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!isWorlds(error)) throw error;
      tellTrouble(this.#notices, this.#path, error);
      return false;
    }
  }
}

function withBatch(known: Known, batch: ActivityBatch): { known: Known; ids: readonly number[] } {
  let count = known.ids;
  const transfers = batch.transfers.map((row): LoggedTransfer => ({ ...row, id: ++count }));
  const history = new Map(known.history.map((row) => [row.id, row]));
  const ids = batch.history.map(({ id, row }) => {
    if (id === null || history.has(id)) history.set(id ?? ++count, { ...row, id: id ?? count });
    return id ?? count;
  });
  for (const id of historyBeyond([...history.values()])) history.delete(id);
  return {
    ids,
    known: {
      history: [...history.values()],
      transfers: [...known.transfers, ...transfers].slice(-MOST_LOGGED_ROWS),
      totals: batch.traffic.length > 0 ? totalsWith(known.totals, batch.traffic) : known.totals,
      ids: count,
    },
  };
}

const Hash = v.custom<InfoHash>((value) => typeof value === 'string' && readInfoHash(value) !== null);
const End = v.nullable(
  v.variant('kind', [
    v.object({ kind: v.literal('finished') }),
    v.object({ kind: v.literal('cancelled') }),
    v.object({ kind: v.literal('failed'), why: v.picklist(['store', 'source', 'broken', 'other-file']) }),
  ]),
);
const historyRow = {
  ...{ infoHash: Hash, role: v.picklist(['sharing', 'receiving']), name: v.string(), totalBytes: v.number() },
  ...{ begunAt: v.number(), end: End, endedAt: v.nullable(v.number()), receivedBytes: v.number() },
  ...{ sentBytes: v.number(), movedMs: v.number() },
};
const transferRow = {
  ...{ at: v.number(), direction: v.picklist(['down', 'up']), peer: v.string(), infoHash: Hash },
  ...{ name: v.string(), piece: v.number(), bytes: v.number(), isRight: v.boolean() },
};
const Traffic = v.object({ day: v.number(), down: v.number(), up: v.number() });
const row: v.GenericSchema<unknown, HistoryRow> = v.object(historyRow);
const Line = v.union([
  v.object({
    batch: v.object({
      transfers: v.array(v.object(transferRow)),
      history: v.array(v.object({ id: v.nullable(v.number()), row })),
      traffic: v.array(Traffic),
    }),
  }),
  v.object({
    known: v.object({
      history: v.array(v.object({ ...historyRow, id: v.number() })),
      transfers: v.array(v.object({ ...transferRow, id: v.number() })),
      totals: v.object({ down: v.number(), up: v.number(), days: v.array(Traffic) }),
      ids: v.number(),
    }),
  }),
]);

/** A line that was cut off, or makes no sense, says nothing. */
function afterLine(known: Known, line: string): Known {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), Line), line);
  if (!read.success) return known;
  return 'known' in read.output ? read.output.known : withBatch(known, read.output.batch).known;
}
