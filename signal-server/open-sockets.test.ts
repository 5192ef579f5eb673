import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { OpenSockets } from './open-sockets.ts';

/** A socket whose reader is the test. */
class FakeStream extends EventEmitter {
  readonly remoteAddress: string;
  bytesWritten = 0;
  writableLength = 0;
  destroyed = false;

  constructor(remoteAddress = '203.0.113.1') {
    super();
    this.remoteAddress = remoteAddress;
  }

  write(bytes: number): void {
    this.bytesWritten += bytes;
    this.writableLength += bytes;
  }

  take(bytes: number): void {
    this.writableLength -= bytes;
  }

  resetAndDestroy(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }

  get socket(): Socket {
    return this as unknown as Socket;
  }
}

function house({ mostPerAddress = 3, mostNewPerAddress = 1_000 } = {}) {
  const time = { now: 0 };
  const rejected: string[] = [];
  const open = new OpenSockets({
    mostPerAddress,
    mostNewPerAddress,
    keyOf: (remote) => (remote === 'proxy' ? null : remote),
    clock: () => time.now,
    rejected: (why) => void rejected.push(why),
  });
  return { open, time, rejected };
}

describe('[SV5] connections of one address', () => {
  test('have a bound, and one that closes makes room', () => {
    const { open, rejected } = house();
    const streams = Array.from({ length: 4 }, () => new FakeStream());
    for (const { socket } of streams) open.accept(socket);
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([false, false, false, true]);
    expect([open.size, rejected]).toEqual([3, ['connections']]);
    const other = new FakeStream('203.0.113.2');
    open.accept(other.socket);
    streams[0]!.destroy();
    const next = new FakeStream();
    open.accept(next.socket);
    expect([other.destroyed, next.destroyed]).toEqual([false, false]);
  });

  test('that come one after the other have a bound for each 30 s', () => {
    const { open, time } = house({ mostNewPerAddress: 2 });
    const comeAndGo = (address?: string): boolean => {
      const stream = new FakeStream(address);
      open.accept(stream.socket);
      const refused = stream.destroyed;
      stream.destroy();
      return !refused;
    };
    expect([1, 2, 3].map(() => comeAndGo())).toEqual([true, true, false]);
    expect(comeAndGo('203.0.113.2')).toBe(true);
    time.now = 29_999;
    expect(comeAndGo()).toBe(false);
    time.now = 30_000;
    expect([1, 2, 3].map(() => comeAndGo())).toEqual([true, true, false]);
    expect(open.size).toBe(0);
  });

  test('a proxy of ours has as many as it needs', () => {
    const { open } = house({ mostNewPerAddress: 1 });
    for (let many = 0; many < 100; many++) open.accept(new FakeStream('proxy').socket);
    expect(open.size).toBe(100);
  });

  test('an error of a socket that nobody has taken up destroys it, and nothing else', () => {
    const { open } = house();
    const stream = new FakeStream();
    open.accept(stream.socket);
    stream.emit('error', new Error('reset'));
    expect([stream.destroyed, open.size]).toEqual([true, 0]);
  });

  test('[SV11] all of them go together', () => {
    const { open } = house();
    const streams = [new FakeStream(), new FakeStream('proxy')];
    for (const { socket } of streams) open.accept(socket);
    open.destroyAll();
    expect(streams.every(({ destroyed }) => destroyed)).toBe(true);
    expect(open.size).toBe(0);
  });
});

describe('[SV4] readers', () => {
  test('who takes nothing for 10 s, and a second for each 16 KiB that wait, is cut off', () => {
    const { open, time, rejected } = house();
    const [slow, idle] = [new FakeStream(), new FakeStream()];
    for (const { socket } of [slow, idle]) open.watch(socket);
    slow.write(163_840);
    open.tick();
    time.now = 20_000;
    open.tick();
    expect(slow.destroyed).toBe(false);
    time.now = 20_001;
    open.tick();
    expect([slow.destroyed, idle.destroyed, rejected]).toEqual([true, false, ['slow-reader']]);
  });

  test('who takes something has its time again, however much is written meanwhile', () => {
    const { open, time } = house();
    const stream = new FakeStream();
    open.watch(stream.socket);
    stream.write(2_000);
    for (let turn = 0; turn < 50; turn++) {
      open.tick();
      time.now += 9_000;
      stream.write(1_000);
      stream.take(1_000);
    }
    expect(stream.destroyed).toBe(false);
    for (let turn = 0; turn < 3; turn++) {
      open.tick();
      time.now += 9_000;
      stream.write(1_000);
    }
    expect(stream.destroyed).toBe(true);
  });
});
