/** Sizes as people write them in arguments. */
import { WrongArgument } from './wrong-argument.ts';

const UNITS: Readonly<Record<string, number>> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  MB: 1e6,
  GB: 1e9,
};

/** Bytes of `--size`. Throws a sentence where that cannot be read. */
export function bytesIn(size: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([KMG]i?B)$/.exec(size) ?? [];
  const bytes = Math.round(Number(amount) * (UNITS[unit] ?? Number.NaN));
  if (!(bytes > 0)) throw new WrongArgument(`--size must be a size like 256MiB, not ${size}`);
  return bytes;
}

const RATES: Readonly<Record<string, number>> = { kbit: 1e3, Mbit: 1e6, Gbit: 1e9 };

/** Bits a second of an option. Throws a sentence where that cannot be read. */
export function bitsIn(option: string, rate: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([kMG]bit)$/.exec(rate) ?? [];
  const bits = Math.round(Number(amount) * (RATES[unit] ?? Number.NaN));
  if (!(bits > 0)) throw new WrongArgument(`${option} must be a rate like 16Mbit, not ${rate}`);
  return bits;
}

/** Bytes of each, where commas stand between them. */
export function sizesIn(sizes: string): number[] {
  return sizes.split(',').map(bytesIn);
}

/** In decimal units, as people write it. */
export function toldSize(bytes: number): string {
  return bytes < 1e9 ? `${Number((bytes / 1e6).toFixed(1))} MB` : `${Number((bytes / 1e9).toFixed(2))} GB`;
}
