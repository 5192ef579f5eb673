/**
 * `npm run bench -- url [--size 32MiB] [--rate 2MB] [--runs 3] [--lenders 3] [--json]`: how much sooner a file at a web address
 * is here when others lend their connection, where its server gives each address no more than `--rate` a second. A headless
 * peer loads it alone, with all ranges that it asks for side by side, and with lenders that connect from addresses of their
 * own, in turn. Everything is on this machine, in one process.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { TestHost } from '../../cli/testing/test-host.ts';
import { anyAddress } from '../../cli/web/address-policy.ts';
import { anyHost } from '../../shared/url/literal-address.ts';
import { startShoal } from '../shoal.ts';
import { MadeContent } from './made-content.ts';
import { bytesIn } from './sizes.ts';

/** Of each address the server gives so much at once. */
const PART_MS = 20;
const MOST_JOBS = 4;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: 'string', default: '32MiB' },
      rate: { type: 'string', default: '2MB' },
      runs: { type: 'string', default: '3' },
      lenders: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  const rate = bytesIn(values.rate);
  const bytes = await madeBytes(bytesIn(values.size));
  const say = values.json ? () => undefined : (line: string) => console.log(line);
  const origin = await Origin.start(bytes, rate);
  const shoal = await startShoal();
  const lenders = await Promise.all(
    Array.from({ length: Number(values.lenders) }, (_, nth) => lender(shoal.url, `127.0.0.${nth + 2}`)),
  );
  const [alone, together]: [number[], number[]] = [[], []];
  try {
    for (let nth = 0; nth < Number(values.runs); nth++) {
      alone.push(await loaded(shoal.url, origin, `alone-${nth}`, false));
      say(`alone: ${seconds(alone.at(-1))} s`);
      together.push(await loaded(shoal.url, origin, `together-${nth}`, true));
      say(`with ${values.lenders} who lend: ${seconds(together.at(-1))} s, ${origin.said()}`);
    }
  } finally {
    await Promise.all(lenders.map(({ host }) => host.close()));
    await shoal.close();
    await origin.close();
  }
  const ratio = median(together) / median(alone);
  if (values.json) return console.log(JSON.stringify({ bytes: bytes.length, rate, alone, together, ratio }));
  say(`with others: ${ratio.toFixed(2)} of the time alone (goal 0.35 with three)`);
}

/** A server that gives each address so many bytes a second, and counts what it sent to whom. */
class Origin {
  readonly #bytes: Uint8Array;
  readonly #rate: number;
  readonly #server = createServer((request, response) => this.#answer(request, response));
  /** When each address may have the next part, in ms. */
  readonly #freeAt = new Map<string, number>();
  #sent = new Map<string, number>();

  private constructor(bytes: Uint8Array, rate: number) {
    this.#bytes = bytes;
    this.#rate = rate;
  }

  static async start(bytes: Uint8Array, rate: number): Promise<Origin> {
    const origin = new Origin(bytes, rate);
    await new Promise<void>((listening) => origin.#server.listen(0, '127.0.0.1', listening));
    return origin;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get sha256(): string {
    return createHash('sha256').update(this.#bytes).digest('hex');
  }

  /** What went to each address since this was asked last. */
  said(): string {
    const sent = [...this.#sent].map(([to, bytes]) => `${to} ${(bytes / this.#bytes.length).toFixed(2)}`);
    this.#sent = new Map();
    return `of the file to ${sent.join(', ')}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((closed) => this.#server.close(() => closed()));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const [, first = '0', last = `${this.#bytes.length - 1}`] =
      /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const [from, to] = [Number(first), Math.min(Number(last) + 1, this.#bytes.length)];
    response.writeHead(206, {
      'content-range': `bytes ${from}-${to - 1}/${this.#bytes.length}`,
      'content-length': to - from,
      etag: '"1"',
    });
    void this.#send(response, request.socket.remoteAddress ?? '', from, to);
  }

  async #send(response: ServerResponse, address: string, from: number, to: number): Promise<void> {
    const part = Math.ceil((this.#rate * PART_MS) / 1000);
    for (let at = from; at < to && !response.destroyed; at += part) {
      const now = performance.now();
      const due = Math.max(now, this.#freeAt.get(address) ?? 0);
      const bytes = this.#bytes.subarray(at, Math.min(at + part, to));
      this.#freeAt.set(address, due + (bytes.length / this.#rate) * 1000);
      await new Promise((waited) => setTimeout(waited, due - now));
      if (response.destroyed) return;
      this.#sent.set(address, (this.#sent.get(address) ?? 0) + bytes.length);
      response.write(bytes);
    }
    response.end();
  }
}

async function lender(serverUrl: string, localAddress: string): Promise<TestHost> {
  const one = await TestHost.start(serverUrl, { mayConnect: anyAddress, mayAskHost: anyHost, localAddress });
  one.host.peer.lending.lend({ dailyBytes: null, hosts: [], mostJobs: MOST_JOBS });
  return one;
}

async function madeBytes(size: number): Promise<Uint8Array> {
  const read = await new MadeContent(size).read(0, size);
  if (read.kind !== 'read') throw new Error('made content can be read');
  return read.bytes;
}

/** ms until all of it is a share. */
async function loaded(serverUrl: string, origin: Origin, name: string, borrows: boolean): Promise<number> {
  let share: ((infoHash: string) => void) | null = null;
  const became = new Promise<string>((resolve) => (share = resolve));
  const client = await TestHost.start(serverUrl, { mayConnect: anyAddress, mayAskHost: anyHost });
  client.becameShare = (_file, infoHash) => share?.(infoHash);
  if (!borrows) client.host.peer.borrowing.want = () => undefined;
  try {
    const begun = performance.now();
    const outcome = await client.host.peer.webFiles.fetch(`${origin.url}/${name}`);
    if (outcome.kind !== 'begun') throw new Error(`not begun: ${outcome.kind}`);
    const infoHash = (await became) as typeof outcome.infoHash;
    const ms = performance.now() - begun;
    if ((await client.sha256(infoHash)) !== origin.sha256) throw new Error('what came is wrong');
    return ms;
  } finally {
    await client.host.close();
  }
}

function seconds(ms = Number.NaN): string {
  return (ms / 1000).toFixed(1);
}

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? Number.NaN;
}
