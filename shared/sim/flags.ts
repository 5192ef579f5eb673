/**
 * The words of `npm run sim` ([SM7]): flags with units become a scenario, or a sentence about what is wrong with
 * them. Prints nothing.
 */
import { MAX_FILES, MAX_PIECE_BYTES, TARGET_MAX_PIECES } from '../limits.ts';
import { DEFAULT_SCENARIO } from './scenario.ts';
import type { Scenario } from './scenario.ts';

export interface SimOrder {
  readonly kind: 'order';
  readonly scenario: Scenario;
  readonly json: boolean;
  /** Virtual seconds between rows; null: no trace. */
  readonly trace: number | null;
}

export type SimWords = SimOrder | { kind: 'help' } | { kind: 'wrong'; sentence: string };

const BYTE_UNITS = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, KB: 1e3, MB: 1e6, GB: 1e9 };
const RATE_UNITS = { bit: 1, kbit: 1e3, Kbit: 1e3, Mbit: 1e6, Gbit: 1e9 };
const MOST_PEERS = 10_000;
const MOST_BYTES = MAX_PIECE_BYTES * TARGET_MAX_PIECES;

type Reading = { value: number } | { wrong: string };
type Reader = (text: string) => Reading;

/** A number, with one of the units or without. */
function quantity(
  units: Readonly<Record<string, number>>,
  least: number,
  most: number,
  example: string,
): Reader {
  return (text) => {
    const match = /^([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([A-Za-z]*)$/.exec(text);
    const unit = match?.[2] ?? '';
    const factor = unit === '' ? 1 : units[unit];
    const value = match === null || factor === undefined ? NaN : Number(match[1]) * factor;
    if (value >= least && value <= most) return { value };
    return { wrong: `must be a number from ${least} to ${most}, like ${example}` };
  };
}

function whole(least: number, most: number, example: string): Reader {
  const read = quantity({}, least, most, example);
  return (text) => {
    const reading = read(text);
    if ('value' in reading && Number.isInteger(reading.value)) return reading;
    return { wrong: `must be a whole number from ${least} to ${most}, like ${example}` };
  };
}

function bytes(least: number): Reader {
  const read = quantity(BYTE_UNITS, least, MOST_BYTES, '96MiB');
  return (text) => {
    const reading = read(text);
    return 'value' in reading
      ? { value: Math.round(reading.value) }
      : { wrong: 'must be a size like 96MiB, 2GiB or 700MB' };
  };
}

const bitRate: Reader = (text) => {
  const reading = quantity(RATE_UNITS, 1e3, 1e12, '20Mbit')(text);
  return 'value' in reading ? reading : { wrong: 'must be a rate of at least 1kbit like 20Mbit' };
};
const share = quantity({}, 0, 1, '0.2');

type NumberKey = {
  [Key in keyof Scenario]-?: number extends Scenario[Key] ? Key : never;
}[keyof Scenario];

interface Flag {
  readonly key: NumberKey;
  readonly read: Reader;
  readonly help: string;
}

const FLAGS: Readonly<Record<string, Flag>> = {
  '--peers': { key: 'peers', read: whole(1, MOST_PEERS, '60'), help: 'leechers (60)' },
  '--size': { key: 'bytes', read: bytes(1), help: 'size of the share (96MiB)' },
  '--seed-up': { key: 'seedUp', read: bitRate, help: "the seed's uplink (20Mbit)" },
  '--peer-up': { key: 'peerUp', read: bitRate, help: "a leecher's uplink (20Mbit)" },
  '--peer-down': { key: 'peerDown', read: bitRate, help: 'a downlink (100Mbit)' },
  '--latency': { key: 'latency', read: quantity({}, 0, 10_000, '40'), help: 'ms, one way (40)' },
  '--churn': { key: 'churn', read: share, help: 'share of the leechers that leave at their own 50 % (0)' },
  '--loss-of-seed-after-copies': {
    key: 'seedLeavesAfter',
    read: quantity({}, 0.01, 1e6, '1.3'),
    help: 'the seed leaves after so many copies (never)',
  },
  '--hostile': { key: 'hostile', read: share, help: 'share of the leechers that send wrong bytes (0)' },
  '--wrong-blocks': { key: 'wrongBlocks', read: share, help: 'share of their blocks that are wrong (1)' },
  '--slow': { key: 'slow', read: share, help: 'share of the leechers at a tenth of the speed (0)' },
  '--boasting': { key: 'boasting', read: share, help: 'share that claims to have everything (0)' },
  '--mute': { key: 'mute', read: share, help: 'share that never sends a block (0)' },
  '--files': { key: 'files', read: whole(1, MAX_FILES, '12'), help: 'files of the share (1)' },
  '--partial': { key: 'partial', read: share, help: 'share that wants some of the files only (0)' },
  '--origin': {
    key: 'originDown',
    read: bitRate,
    help: 'what a server on the web gives each; no seed then, and no hashes (0)',
  },
  '--join': {
    key: 'join',
    read: quantity({}, 0, 86_400, '30'),
    help: 'seconds over which they arrive (0)',
  },
  '--piece': { key: 'pieceBytes', read: bytes(16_384), help: 'bytes of a piece (by the manifest rule)' },
  '--rng': { key: 'rng', read: whole(0, 2 ** 32 - 1, '7'), help: 'the number that the run follows from (1)' },
};

export function readSimFlags(words: readonly string[]): SimWords {
  const given: Partial<Record<NumberKey, number>> = {};
  let [json, trace, manifestKnown]: [boolean, number | null, boolean] = [false, null, false];
  for (let at = 0; at < words.length; at++) {
    const [name = '', inline] = splitWord(words[at] ?? '');
    if (name === '--help' || name === '-h') return { kind: 'help' };
    if (name === '--json' && inline === null) json = true;
    else if (name === '--trace') trace = Number(inline ?? '1');
    else if (name === '--manifest-known' && inline === null) manifestKnown = true;
    else {
      const flag = FLAGS[name];
      if (flag === undefined) return wrong(`There is no flag ${name}; --help lists them.`);
      const text = inline ?? words[++at];
      if (text === undefined) return wrong(`${name} needs a value.`);
      const reading = flag.read(text);
      if ('wrong' in reading) return wrong(`${name} ${reading.wrong}; "${text}" is not.`);
      given[flag.key] = reading.value;
    }
  }
  if (trace !== null && !(trace > 0))
    return wrong('--trace needs the virtual seconds of a row, like --trace=1.');
  return { kind: 'order', scenario: { ...DEFAULT_SCENARIO, ...given, manifestKnown }, json, trace };
}

/** `--flag=value` or `--flag`. */
function splitWord(word: string): [string, string | null] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word, null] : [word.slice(0, equals), word.slice(equals + 1)];
}

function wrong(sentence: string): SimWords {
  return { kind: 'wrong', sentence };
}

export function simHelp(): string {
  const lines = Object.entries(FLAGS).map(([name, flag]) => `  ${name.padEnd(28)} ${flag.help}`);
  return [
    'npm run sim -- [flags]: one seed and many leechers on a virtual clock.',
    ...lines,
    `  ${'--manifest-known'.padEnd(28)} everybody has the manifest from the start`,
    `  ${'--trace[=SECONDS]'.padEnd(28)} a row every so many virtual seconds`,
    `  ${'--json'.padEnd(28)} the last line is one JSON object`,
  ].join('\n');
}
