/**
 * `npm run bench -- headless [--size 256MiB] [--runs 3] [--json]`: from one headless peer to another over TCP ([HL62]),
 * verified and stored in memory, beside a bare socket between the same two processes, in turn.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { infoHash as infoHashOf } from '../../shared/ids.ts';
import { TestTracker } from '../../cli/torrentinno/testing/stand-in.ts';
import { TcpLab, testId } from '../../cli/torrentinno/testing/peers.ts';
import type { Source } from './headless-tcp-source.ts';
import { bytesIn } from './sizes.ts';

/** What TorrentInno's clients can load at most, and what a share of this size has by itself. */
const PIECE_BYTES = [1_000_000, 262_144];

export interface TcpFigures {
  readonly pieceBytes: number;
  /** MB/s (10^6 bytes), medians. */
  readonly peers: number;
  readonly bare: number;
  readonly ratio: number;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: 'string', default: '256MiB' },
      runs: { type: 'string', default: '3' },
      receivers: { type: 'string' }, // of the other half of this benchmark
      json: { type: 'boolean', default: false },
    },
  });
  const figures: TcpFigures[] = [];
  for (const pieceBytes of PIECE_BYTES) {
    const one = await measured(bytesIn(values.size), pieceBytes, Number(values.runs));
    figures.push(one);
    if (values.json) continue;
    const { peers, bare, ratio } = one;
    const speeds = `${peers.toFixed(0)} MB/s, a bare socket ${bare.toFixed(0)} MB/s`;
    console.log(`TCP, pieces of ${pieceBytes}: ${speeds}, ratio ${ratio.toFixed(2)}`);
  }
  if (values.json) console.log(JSON.stringify({ tcp: figures }));
}

async function measured(size: number, pieceBytes: number, runs: number): Promise<TcpFigures> {
  const tracker = new TestTracker();
  const url = await tracker.start();
  const { source, child } = await startedSource(url, size, pieceBytes);
  const [peers, bare]: [number[], number[]] = [[], []];
  try {
    for (let turn = 0; turn < runs; turn++) {
      bare.push(size / 1_000 / (await bareMs(source.barePort)));
      peers.push(size / 1_000 / (await peerMs(url, source.infoHash)));
    }
  } finally {
    child.stdin?.end();
    await once(child, 'exit');
    await tracker.stop();
  }
  const [ours, theirs] = [median(peers), median(bare)];
  return { pieceBytes, peers: ours, bare: theirs, ratio: ours / theirs };
}

async function startedSource(
  url: string,
  size: number,
  pieceBytes: number,
): Promise<{ source: Source; child: ChildProcess }> {
  const file = fileURLToPath(new URL('headless-tcp-source.ts', import.meta.url));
  const args = ['--import', 'tsx', file, url, String(size), String(pieceBytes)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    return { source: JSON.parse(line) as Source, child };
  }
  throw new Error('the giving end has ended');
}

async function bareMs(port: number): Promise<number> {
  const started = performance.now();
  const socket = connect({ port, host: '127.0.0.1' });
  socket.resume();
  await once(socket, 'end');
  socket.destroy();
  return performance.now() - started;
}

/** From the link to the last stored piece, with all that is asked and found out before. */
async function peerMs(url: string, text: string): Promise<number> {
  const infoHash = infoHashOf(text);
  if (infoHash === null) throw new Error('no info-hash');
  const lab = new TcpLab();
  const { peer } = await lab.withTcp(testId('20'), url);
  try {
    const started = performance.now();
    await peer.peer.download(infoHash);
    await peer.told(infoHash, ({ phase }) => phase === 'complete');
    return performance.now() - started;
  } finally {
    await lab.close();
  }
}

function median(all: number[]): number {
  return all.sort((one, other) => one - other)[Math.floor(all.length / 2)] ?? 0;
}
