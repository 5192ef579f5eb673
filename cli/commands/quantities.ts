/** Numbers as they are typed ([HL2]): sizes, rates, times, counts, ports and the server's address. Pure. */
import { MAX_PIECE_BYTES, BLOCK_GRID_BYTES } from '../../shared/limits.ts';
import { MOST_LIMIT } from '../../shared/peer/limits.ts';
import { counted, formatBytes } from '../../shared/words/format.ts';
import { wrongCall } from './exit.ts';

/** Decimal, as the page has them, and binary. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
/** ms that a timer of Node's can wait: some 24 days. */
export const MOST_TIMER_MS = 2_147_483_647;
const MOST_SECONDS = 3_650 * 86_400;

/** `500k`, `1.5 MB`, `64KiB`; null: none. */
function bytesIn(text: string): number | null {
  const [, digits = '', unit = ''] =
    /^(\d{1,16}(?:\.\d{1,6})?)\s?([kmgt]i?)?b?(?:\/s)?$/i.exec(text.trim()) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  if (digits === '' || factor === undefined) return null;
  const bytes = Math.round(Number(digits) * factor);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** Bytes of a piece; null: automatic. */
export function pieceBytesOf(text: string | null): number | null {
  if (text === null || text === 'auto') return null;
  const bytes = bytesIn(text);
  if (bytes === null || bytes < BLOCK_GRID_BYTES || bytes > MAX_PIECE_BYTES) {
    throw wrongCall(
      `--piece-size takes a size from 16KiB to 64MiB, such as 256KiB or 1MB: ${JSON.stringify(text)} is none.`,
    );
  }
  return bytes;
}

/** Bytes a second; null: no limit. */
export function rateOf(option: string, text: string | null): number | null {
  if (text === null) return null;
  const rate = bytesIn(text);
  if (rate === null || rate < 1 || rate > MOST_LIMIT) {
    throw wrongCall(
      `--${option} takes bytes a second, such as 500k or 2MB: ${JSON.stringify(text)} is none. For no limit leave it out.`,
    );
  }
  return rate;
}

/** Bytes, at least 1; null: not said. */
export function sizeOf(option: string, text: string | null): number | null {
  if (text === null) return null;
  const bytes = bytesIn(text);
  if (bytes === null || bytes < 1 || !Number.isSafeInteger(bytes))
    throw wrongCall(`--${option} takes a size, such as 500MB or 10GB: ${JSON.stringify(text)} is none.`);
  return bytes;
}

/** ms; `Infinity`: for ever. */
export function timeOf(option: string, text: string): number {
  if (/^(?:forever|for-ever)$/i.test(text)) return Infinity;
  const [, digits = '', unit = 's'] = /^(\d{1,9}(?:\.\d{1,3})?)\s?([smhd])?$/i.exec(text.trim()) ?? [];
  const seconds = Number(digits) * (SECONDS[unit.toLowerCase()] ?? 1);
  if (digits === '' || seconds > MOST_SECONDS) {
    throw wrongCall(
      `--${option} takes a time, such as 30s, 10m, 2h or forever: ${JSON.stringify(text)} is none.`,
    );
  }
  return seconds * 1_000;
}

const MOST_RECEIVERS = 1_000_000;

/** From 1 on; null: not said. */
export function countOf(option: string, text: string | null): number | null {
  if (text === null) return null;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MOST_RECEIVERS) {
    throw wrongCall(`--${option} takes a whole number from 1 on: ${JSON.stringify(text)} is none.`);
  }
  return count;
}

export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** `9100`, `0.0.0.0:9100`, `[::]:9100`; by itself it is for this machine alone. */
export function listenOf(option: string, text: string): Listen {
  const [, bracketed, plain, digits = ''] =
    /^(?:(?:\[([\da-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(text.trim()) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) {
    throw wrongCall(
      `--${option} takes a port, such as 9100, or an address and a port, such as 0.0.0.0:9100: ${JSON.stringify(text)} is none.`,
    );
  }
  return { host: bracketed ?? plain ?? '127.0.0.1', port };
}

/** An address of a server, ending in a slash; `from`: who said so, for the sentence. */
export function serverUrlOf(text: string, from: string): string {
  // As it is said aloud: this machine has no certificate, the others have.
  const isLocal = /^(?:localhost|127\.|\[::1\])/i.test(text);
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `${isLocal ? 'http' : 'https'}://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw wrongCall(
      `${from} takes the address of a Shoal page, such as https://share.example.org/: ${JSON.stringify(text)} is none.`,
    );
  }
  if (url.username !== '' || url.password !== '')
    throw wrongCall(`${from} takes an address without a password in it.`);
  url.hash = '';
  url.search = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url.href;
}

/** `3 files, 12.0 MB`. */
export function filesAndBytes(files: number, bytes: number): string {
  return `${counted(files, 'file', 'files')}, ${formatBytes(bytes)}`;
}
