/** What leaves browsers in network namespaces while something goes on, and how busy this machine is, from /proc (Linux). */
import { readFileSync } from 'node:fs';
import type { PlacedBrowser } from './placed-browsers.ts';

const EVERY_MS = 250;

export interface UplinkSample {
  /** Since the watch began. */
  readonly ms: number;
  /** What each has sent since then, in bytes with all headers. */
  readonly sent: readonly number[];
}

export interface Watched {
  readonly samples: readonly UplinkSample[];
  /** The part of the processors' time in which they had nothing to do. */
  readonly idle: number;
}

export class UplinkWatch {
  readonly #browsers: readonly PlacedBrowser[];
  readonly #began = performance.now();
  readonly #before: readonly number[];
  readonly #processorBefore = processorTicks();
  readonly #samples: UplinkSample[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(browsers: readonly PlacedBrowser[]) {
    this.#browsers = browsers;
    this.#before = browsers.map(({ pid }) => sentBy(pid));
    this.#timer = setInterval(() => this.#sample(), EVERY_MS);
  }

  end(): Watched {
    clearInterval(this.#timer);
    this.#sample();
    const after = processorTicks();
    const all = after.all - this.#processorBefore.all;
    return { samples: this.#samples, idle: (after.idle - this.#processorBefore.idle) / Math.max(1, all) };
  }

  #sample(): void {
    const sent = this.#browsers.map(({ pid }, at) => sentBy(pid) - (this.#before[at] ?? 0));
    this.#samples.push({ ms: performance.now() - this.#began, sent });
  }
}

/** Each second's use of the uplinks (bits a second), as lines of whole percents. */
export function usePerSecond({ samples }: Watched, uplink: number): string[] {
  const rows: string[] = [];
  let from: UplinkSample = { ms: 0, sent: samples[0]?.sent.map(() => 0) ?? [] };
  for (const sample of samples) {
    const ms = sample.ms - from.ms;
    if (ms < 1000 - EVERY_MS / 2 && sample !== samples.at(-1)) continue;
    const uses = sample.sent.map((bytes, at) => ((bytes - (from.sent[at] ?? 0)) * 8000) / ms / uplink);
    const percents = uses.map((use) => `${Math.round(use * 100)} %`.padStart(6)).join('');
    rows.push(`${(sample.ms / 1000).toFixed(1).padStart(6)} s ${percents}`);
    from = sample;
  }
  return rows;
}

/** Of all interfaces but the loopback, by a process of the namespace. */
function sentBy(pid: number): number {
  const lines = readFileSync(`/proc/${pid}/net/dev`, 'utf8').split('\n');
  const fields = lines.map((line) => line.trim().split(/[:\s]+/));
  const links = fields.filter(([name, bytes]) => name !== 'lo' && /^\d+$/.test(bytes ?? ''));
  return links.reduce((sum, values) => sum + Number(values[9]), 0);
}

function processorTicks(): { all: number; idle: number } {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const ticks = first.split(/\s+/).slice(1, 9).map(Number);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return { all: sum(ticks), idle: sum(ticks.slice(3, 5)) };
}
