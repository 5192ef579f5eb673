/** The giving end of `headless-tcp.ts`, a process of its own: a share over TorrentInno's port, and the same bytes on a bare socket. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { MemoryFile } from '../../shared/peer/testing/memory-files.ts';
import { infoHashOf, requestOf } from '../../shared/peer/testing/test-peer.ts';
import { seededEntropy } from '../../shared/peer/testing/node-ports.ts';
import { TcpLab, testId } from '../../cli/torrentinno/testing/peers.ts';

export interface Source {
  readonly infoHash: string;
  readonly barePort: number;
}

const [tracker = '', size = '', pieceBytes = ''] = process.argv.slice(2);
const some = seededEntropy(9).bytes(1_048_576);
const content = new Uint8Array(Number(size));
for (let at = 0; at < content.length; at += some.length) {
  content.set(some.subarray(0, Math.min(some.length, content.length - at)), at);
  // No two pieces are the same.
  new DataView(content.buffer).setUint32(at, at);
}

const bare = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.end(content);
});
bare.listen(0, '127.0.0.1', () => void ready());

async function ready(): Promise<void> {
  const { peer } = await new TcpLab().withTcp(testId('50'), tracker);
  const request = requestOf([['bench.bin', new MemoryFile(content)]], { pieceBytes: Number(pieceBytes) });
  const infoHash = infoHashOf(await peer.peer.share(request));
  const { port: barePort } = bare.address() as AddressInfo;
  console.log(JSON.stringify({ infoHash, barePort } satisfies Source));
}

process.stdin.on('end', () => process.exit()).resume();
