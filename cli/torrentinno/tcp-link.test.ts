/** A TCP connection keeps the contract of a link, and the kernel is not given more of it than leaves. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { concatenated, linkRules } from '../../shared/peer/contracts/link.ts';
import type { LinkSubject } from '../../shared/peer/contracts/link.ts';
import { nodeClock } from '../../shared/peer/testing/node-ports.ts';
import { KernelQueues } from './kernel-queues.ts';
import type { ReadTables } from './kernel-queues.ts';
import { TcpLink } from './tcp-link.ts';
import { tcpPair } from './testing/sockets.ts';

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

interface Ends {
  readonly link: TcpLink;
  readonly far: Socket;
  readonly ends: boolean[];
}

async function linked({ host, tables }: { host?: string; tables?: ReadTables } = {}): Promise<Ends> {
  const { near, far } = await tcpPair(host);
  open.push(near, far);
  const ends: boolean[] = [];
  const link = new TcpLink({
    socket: near,
    early: new Uint8Array(),
    path: 'lan',
    clock: nodeClock,
    queues: new KernelQueues(nodeClock, tables),
    ended: (ours) => ends.push(ours),
  });
  return { link, far, ends };
}

/**
 * Until the kernel has nothing of the link any more and nothing has come or gone on either side for some turns of the event
 * loop. How soon the kernel is asked is up to how long its tables are and who else wants the processor.
 */
async function settled(link: TcpLink, quiet: () => number): Promise<void> {
  for (let still = 0, last = -1; still < 30;) {
    await new Promise((resolve) => nodeClock.after(2, () => resolve(null)));
    still = quiet() === last && !link.isWaiting ? still + 1 : 0;
    last = quiet();
  }
}

async function subject(end: (far: Socket) => void, tables?: ReadTables): Promise<LinkSubject> {
  const { link, far } = await linked(tables === undefined ? {} : { tables });
  const parts: Uint8Array[] = [];
  let closed = false;
  far.on('data', (bytes) => parts.push(bytes));
  far.on('close', () => (closed = true));
  far.resume();
  return {
    link,
    far: {
      send: (bytes) => far.write(bytes),
      close: () => end(far),
      received: () => concatenated(parts),
      closed: () => closed,
    },
    settle: () =>
      settled(
        link,
        () => parts.reduce((sum, { length }) => sum + length, 0) + far.bytesWritten + (closed ? 1 : 0),
      ),
  };
}

describe('a TCP connection whose other side ends it in order', () => {
  test.each(linkRules)('[HL59] $name', async ({ check }) => check(await subject((far) => far.end())));
});

describe('a TCP connection of which the kernel tells nothing', () => {
  test.each(linkRules)('[HL59] $name', async ({ check }) =>
    check(
      await subject(
        (far) => far.end(),
        () => null,
      ),
    ),
  );
});

describe('[HL60] the end', () => {
  test('[HL60] is a reset, also where something waits to be sent', async () => {
    const { link, far, ends } = await linked();
    link.listen({
      received: () => undefined,
      sent: () => undefined,
      closed: () => expect.fail('it was ours'),
    });
    link.send(new Uint8Array(50_000_000));
    const over = new Promise((resolve) => far.once('end', resolve).once('close', resolve));
    link.close();
    far.resume();
    await over;
    // After an orderly end of this side it could go on writing.
    const gone = far.destroyed || new Promise((resolve) => far.once('error', () => resolve(true)));
    if (!far.destroyed) far.write('x');
    expect(await gone).toBe(true);
    expect(ends).toEqual([true]);
  });

  test.each(['end', 'resetAndDestroy'] as const)(
    '[HL60] by the other side (%s) is answered by a reset',
    async (how) => {
      const { link, far, ends } = await linked();
      const closed = new Promise((resolve) =>
        link.listen({ received: () => undefined, sent: () => undefined, closed: resolve }),
      );
      const gone = once(far, 'close').catch(() => undefined);
      far[how]();
      far.resume();
      expect(await closed).toBe('closed');
      await gone;
      expect(ends).toEqual([false]);
    },
  );
});

describe('[HL59] what runs ahead of a slow reader', () => {
  /** Takes so many bytes each 20 ms. */
  function readSlowly(far: Socket, each: number, took: (bytes: number) => void): () => void {
    const timer = setInterval(() => {
      const chunk = far.read(Math.min(each, far.readableLength)) as Buffer | null;
      if (chunk !== null) took(chunk.length);
    }, 20);
    far.on('readable', () => undefined);
    return () => clearInterval(timer);
  }

  test.each(['127.0.0.1', '::1'])('[HL59] at 500 kB/s over %s less than a piece', async (host) => {
    const { link, far } = await linked({ host });
    let [sent, read, most] = [0, 0, 0];
    const isEnough = new Promise<void>((resolve) => {
      const end = readSlowly(far, 10_000, (bytes) => {
        read += bytes;
        // What is on its way through Node's own buffers at the far end is not read yet.
        most = Math.max(most, sent - read);
        if (read < 1_000_000) return;
        end();
        resolve();
      });
    });
    link.listen({ received: () => undefined, sent: (bytes) => (sent += bytes), closed: () => undefined });
    for (let nth = 0; nth < 8; nth++) link.send(new Uint8Array(1_000_000));
    await isEnough;
    // Node alone would run 4 MB ahead; on a machine that does nothing else it is some 250 KB, half of it at the far end.
    expect(most).toBeLessThan(1_000_000);
    link.close();
  });

  test('[HL59] one that reads as fast as it can is not held back', async () => {
    const { link, far } = await linked();
    let read = 0;
    const total = 200_000_000;
    const all = new Promise<void>((resolve) =>
      far.on('data', (bytes) => {
        read += bytes.length;
        if (read === total) resolve();
      }),
    );
    let sent = 0;
    link.listen({ received: () => undefined, sent: (bytes) => (sent += bytes), closed: () => undefined });
    for (let nth = 0; nth < 200; nth++) link.send(new Uint8Array(1_000_000));
    far.resume();
    await all;
    expect(sent).toBe(total);
    link.close();
  });
});
