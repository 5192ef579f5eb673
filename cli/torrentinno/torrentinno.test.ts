/** Strangers on TorrentInno's port, over real TCP: what they can do, and how it ends for them. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeHandshake } from '../../shared/protocol/codec.ts';
import { hexToBytes } from '../../shared/hex.ts';
import type { InfoHash, PeerId } from '../../shared/ids.ts';
import { FakeClock } from '../../shared/peer/testing/fake-clock.ts';
import { nodeClock, seededEntropy } from '../../shared/peer/testing/node-ports.ts';
import { GREETING_TIMEOUT_MS, MAX_HALF_OPEN_OF_AN_ADDRESS } from './limits.ts';
import { openTorrentInno } from './torrentinno.ts';
import type { TorrentInno } from './torrentinno.ts';
import { opened, resourceOf, TcpLab, testId } from './testing/peers.ts';
import { TestTracker } from './testing/stand-in.ts';

const OURS = testId('50');
const THEIRS = testId('10');
const bytes = new Uint8Array(300_000).map((_, at) => (at * 13) & 255);
const made = resourceOf(bytes, 100_000);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function seeding(tracker: string | null = null) {
  const lab = new TcpLab();
  ends.push(() => lab.close());
  const { peer, swarms } = await lab.withTcp(OURS, tracker);
  const infoHash = await opened(peer, made, bytes);
  await peer.peer.download(infoHash);
  return { lab, peer, swarms, infoHash };
}

interface Stranger {
  readonly socket: Socket;
  /** All that came, when the other side has ended it. */
  readonly over: Promise<Buffer>;
  /** Settles when so many bytes have come. */
  came(count: number): Promise<Buffer>;
}

async function stranger(port: number): Promise<Stranger> {
  const socket = connect({ port, host: '127.0.0.1' });
  ends.push(() => socket.destroy());
  const parts: Buffer[] = [];
  let look = (): void => undefined;
  socket.on('data', (part) => {
    parts.push(part);
    look();
  });
  socket.on('error', () => undefined);
  const over = new Promise<Buffer>((resolve) => socket.on('close', () => resolve(Buffer.concat(parts))));
  // Who is refused may be reset before it knows that it was connected.
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  const came = (count: number): Promise<Buffer> =>
    new Promise((resolve) => {
      look = () => {
        const all = Buffer.concat(parts);
        if (all.length >= count) resolve(all);
      };
      look();
    });
  return { socket, over, came };
}

const hello = (infoHash: InfoHash, id: PeerId = THEIRS): Uint8Array => encodeHandshake(id, infoHash);

describe('[HL53] what does not begin as it should is reset without a word', () => {
  test.each([
    ['a web browser', () => Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['another first letter', () => Buffer.from('t')],
    ['an unknown share', () => hello('cd'.repeat(32) as InfoHash)],
    ['a greater id', (infoHash: InfoHash) => hello(infoHash, testId('90'))],
    ['our own id', (infoHash: InfoHash) => hello(infoHash, OURS)],
  ])('[HL53] %s', async (_, says) => {
    const { swarms, infoHash } = await seeding();
    const { socket, over } = await stranger(swarms.port);
    socket.write(says(infoHash));
    expect(await over).toHaveLength(0);
  });

  test('[HL53] who says nothing, or half, is let go after 10 s, and of too many of one address no more come', async () => {
    const clock = new FakeClock();
    const swarms = await network(clock);
    const some: Stranger[] = [];
    for (let nth = 0; nth < MAX_HALF_OPEN_OF_AN_ADDRESS; nth++) some.push(await stranger(swarms.port));
    some[0]!.socket.write('TorrentInn');
    const oneMore = await stranger(swarms.port);
    expect(await oneMore.over).toHaveLength(0);
    await clock.advance(GREETING_TIMEOUT_MS);
    for (const { over } of some) expect(await over).toHaveLength(0);
  });

  async function network(clock: FakeClock): Promise<TorrentInno> {
    const made = await openTorrentInno({
      port: 0,
      tracker: null,
      publicIp: '127.0.0.1',
      clock,
      entropy: seededEntropy(1),
      told: { tracker: () => undefined },
    });
    if (made.kind === 'refused') throw new Error(made.sentence);
    ends.push(() => made.swarms.close());
    return made.swarms;
  }
});

describe('[HL53] behind the handshake', () => {
  async function greeted() {
    const stage = await seeding();
    const one = await stranger(stage.swarms.port);
    one.socket.write(hello(stage.infoHash));
    // Our handshake, the capability, the bitfield.
    const said = await one.came(75 + 5 + 6);
    return { ...stage, one, said };
  }

  test('[HL53] it is answered by our handshake, the capability and a bitfield', async () => {
    const { said, infoHash } = await greeted();
    expect(said.subarray(0, 75).equals(hello(infoHash, OURS))).toBe(true);
    expect(said.subarray(75).toString('hex')).toBe('000000017f' + '0000000203e0');
  });

  test.each([
    ['garbage', 'deadbeef0102030405'],
    ['a frame of 4 GiB', 'ffffffff02'],
    ['a piece of a gigabyte', '4000000d02'],
    ['what nobody asked for', '00000012020000000100000000000000050102030405'],
  ])('[HL53] %s ends it, and the same one does not come again', async (_, hex) => {
    const { one, swarms, infoHash } = await greeted();
    one.socket.write(hexToBytes(hex)!);
    await one.over;
    const again = await stranger(swarms.port);
    again.socket.write(hello(infoHash));
    expect(await again.over).toHaveLength(0);
    // Who takes another id may, as long as it keeps to the rules.
    const other = await stranger(swarms.port);
    other.socket.write(hello(infoHash, testId('11')));
    await other.came(86);
  });

  test('[HL53] a flood of small frames ends it', async () => {
    const { one } = await greeted();
    const flood = Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.from('0000000203e0', 'hex')));
    one.socket.write(flood);
    await one.over;
  });

  test('[HL59] who asks and never reads holds no more than a few of its pieces', async () => {
    const { one, peer, infoHash } = await greeted();
    one.socket.pause();
    const request = Buffer.from('0000000d010000000000000000000186a0', 'hex');
    for (let nth = 0; nth < 400; nth++) one.socket.write(request);
    await peer.told(infoHash, ({ uploadedBytes }) => uploadedBytes > 0);
    // Each is one of a piece that is on its way already ([UP6]).
    expect(peer.of(infoHash).uploadedBytes).toBeLessThanOrEqual(300_000);
  });

  test('[HL51] whose id was taken by a stranger is not harmed', async () => {
    const { one, peer, infoHash, lab } = await greeted();
    // A browser of that id is linked by our own tracker; the stranger breaks the rules under its name.
    const browser = lab.peer(THEIRS);
    one.socket.write(hexToBytes('ffffffff02')!);
    await one.over;
    await browser.peer.download(infoHash);
    await browser.told(infoHash, ({ phase }) => phase === 'complete');
    expect(peer.of(infoHash).peers.map(({ id }) => id)).toContain(THEIRS);
  });
});

describe('[HL52] the port', () => {
  test('[HL52] one that is taken is said, with what to do', async () => {
    const { swarms } = await seeding();
    const again = await openTorrentInno({
      port: swarms.port,
      tracker: null,
      publicIp: null,
      clock: nodeClock,
      entropy: seededEntropy(1),
      told: { tracker: () => undefined },
    });
    expect(again).toEqual({
      kind: 'refused',
      sentence: `Port ${swarms.port} is taken by another program. Choose another one with --torrentinno PORT, or leave the number out to take any that is free.`,
    });
  });

  test('[HL50] a share that is stopped is not found there any more, and again when it goes on', async () => {
    const { swarms, peer, infoHash } = await seeding();
    await peer.peer.stop(infoHash);
    const refused = await stranger(swarms.port);
    refused.socket.write(hello(infoHash));
    expect(await refused.over).toHaveLength(0);
    await peer.peer.open(infoHash);
    const one = await stranger(swarms.port);
    one.socket.write(hello(infoHash));
    await one.came(86);
  });
});

describe('[HL54] whom the tracker names', () => {
  async function listener(): Promise<{ server: Server; port: number; sockets: Socket[] }> {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { server, port: (server.address() as AddressInfo).port, sockets };
  }

  async function tracked() {
    const tracker = new TestTracker();
    const url = await tracker.start();
    ends.push(() => tracker.stop());
    return { tracker, url };
  }

  const announced = (peerId: string, infoHash: string, port: number) => ({
    peerId,
    infoHash,
    publicIp: '127.0.0.1',
    publicPort: String(port),
  });

  test('[HL54] is not ourselves, under whatever id', async () => {
    const { tracker, url } = await tracked();
    const { server, port } = await listener();
    const lab = new TcpLab();
    ends.push(() => lab.close());
    const infoHash = await opened(lab.peer(testId('01')), made);
    const { peer, swarms } = await lab.withTcp(OURS, url);
    tracker.name(announced(testId('90'), infoHash, swarms.port));
    tracker.name(announced(testId('91'), infoHash, port));
    const dialled = once(server, 'connection');
    await opened(peer, made, bytes);
    await peer.peer.download(infoHash);
    const [socket] = (await dialled) as [Socket];
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    expect(greeting.equals(hello(infoHash, OURS))).toBe(true);
    // Another id than the tracker gave is nobody whom we wanted.
    const over = new Promise((resolve) => socket.once('close', resolve));
    socket.write(hello(infoHash, testId('92')));
    await over;
    expect(peer.of(infoHash).peers).toEqual([]);
  });
});
