/**
 * What every part of `npm run bench` has in common: its arguments, the browser, the turns, and what is told and written
 * down. A part says what it measures and knows nothing of that.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { chromium } from 'playwright';
import type { LaunchOptions } from 'playwright';
import { findChromium } from '../../scripts/browsers.ts';
import { buildPage } from '../../scripts/build.ts';
import { chromiumOptions } from '../launch.ts';
import { resultJson, toldFigure } from './figures.ts';
import type { Figure, Result } from './figures.ts';
import { writeDown } from './results.ts';
import { WrongArgument } from './wrong-argument.ts';

/** Of what is measured in turn: fewer have no median. */
const LEAST_RUNS = 3;

type Options = NonNullable<ParseArgsConfig['options']>;

export interface Bench {
  readonly launch: LaunchOptions;
  readonly runs: number;
  /** What people read while it runs. */
  readonly say: (line: string) => void;
}

export interface Measured {
  readonly figures: readonly Figure[];
  /** Everything they were made of. */
  readonly measured: object;
  /** What was asked for is less than what is worth writing down. */
  readonly partial?: boolean;
}

export interface Part {
  readonly name: string;
  /** For `--help`: what it measures, and what somebody should know first. */
  readonly about: string;
  /** Its own, with what they are where nobody says anything. */
  readonly options: Readonly<Record<string, string>>;
  /** It measures no browser. */
  readonly browserless?: boolean;
  /** Fewer are told, and not written down. */
  readonly leastRuns?: number;
  /** `values`: of its own options. */
  measure(bench: Bench, values: Readonly<Record<string, string>>): Promise<Measured>;
}

export async function runPart(part: Part, args: string[]): Promise<void> {
  const { name, leastRuns = LEAST_RUNS, browserless = false } = part;
  const options = { runs: String(leastRuns), ...part.options };
  const { help, json, runs, values } = orderIn(args, options);
  if (help) return console.log(helpOf(part, options));
  const say = json ? (line: string) => console.error(line) : (line: string) => console.log(line);
  const launch = browserless ? {} : await pageAndBrowser();
  const { figures, measured, partial = false } = await part.measure({ launch, runs, say }, values);
  const result: Result = {
    part: name,
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run bench --', name, ...args.filter((arg) => arg !== '--json')].join(' '),
    browser: browserless ? 'none' : await versionOf(launch),
    node: process.version,
    cores: availableParallelism(),
    figures: [...figures],
    measured: { runs, ...measured },
  };
  for (const figure of figures) say(toldFigure(figure));
  // Where something could not be measured here, what was written down before says more.
  if (partial || runs < leastRuns || figures.some(({ value }) => value === null))
    say(`Not written down: that needs everything, ${leastRuns} times at least.`);
  else await writeDown(result);
  if (json) console.log(resultJson(result));
}

async function pageAndBrowser(): Promise<LaunchOptions> {
  const found = await findChromium();
  if (found.kind === 'absent') throw new Error(found.sentence);
  await buildPage();
  return chromiumOptions(found.path, found.sandbox);
}

/** Throws a sentence about arguments that cannot be read. */
function orderIn(
  args: string[],
  own: Readonly<Record<string, string>>,
): { help: boolean; json: boolean; runs: number; values: Record<string, string> } {
  const options: Options = {
    help: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  };
  for (const [name, usual] of Object.entries(own)) options[name] = { type: 'string', default: usual };
  const values = valuesIn(args, options);
  const { help, json, ...texts } = values;
  const runs = Number(texts['runs']);
  if (!(Number.isInteger(runs) && runs > 0))
    throw new WrongArgument(`--runs must be a whole number, not ${texts['runs']}`);
  const asked = Object.entries(texts).map(([name, value]) => [name, String(value)] as const);
  return { help: help === true, json: json === true, runs, values: Object.fromEntries(asked) };
}

function valuesIn(args: string[], options: Options): Readonly<Record<string, unknown>> {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new WrongArgument(error instanceof Error ? error.message : String(error));
  }
}

function helpOf({ name, about }: Part, options: Readonly<Record<string, string>>): string {
  const usual = Object.entries(options).map(([option, value]) => `[--${option} ${value}]`);
  return `npm run bench -- ${[name, ...usual, '[--json]'].join(' ')}\n${about}`;
}

/**
 * Each subject once, then each once more: what else the machine does comes over all of them alike. `null`: it cannot be
 * measured here.
 */
export async function inTurn<Subject extends string, Found>(
  runs: number,
  subjects: Readonly<Record<Subject, (() => Promise<Found>) | null>>,
  heard: (run: number, subject: Subject, found: Found) => void,
): Promise<Readonly<Record<Subject, Found[]>>> {
  const all = Object.entries(subjects) as [Subject, (() => Promise<Found>) | null][];
  const found = Object.fromEntries(all.map(([subject]) => [subject, []])) as unknown as Record<
    Subject,
    Found[]
  >;
  for (let run = 1; run <= runs; run++) {
    for (const [subject, measure] of all) {
      if (measure === null) continue;
      const one = await measure();
      found[subject].push(one);
      heard(run, subject, one);
    }
  }
  return found;
}

async function versionOf(launch: LaunchOptions): Promise<string> {
  const browser = await chromium.launch(launch);
  try {
    return `Chromium ${browser.version()}`;
  } finally {
    await browser.close();
  }
}
