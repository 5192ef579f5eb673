/** What an attacker's sockets are made of: TCP connections from an address of its own, and frames as it likes them. */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';

export interface Victim {
  readonly port: number;
  /** Where the attacker comes from. */
  readonly address: string;
  readonly signal: AbortSignal;
}

/** Never rejects: a connection that is refused is one more thing that an attacker sees. */
export function tcp({ port, address, signal }: Victim): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: address });
    signal.addEventListener('abort', () => socket.destroy());
    socket.once('connect', () => resolve(socket));
    socket.on('error', () => resolve(null));
    socket.on('close', () => resolve(null));
  });
}

export function upgrade(path: string): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`
  );
}

/** A raw socket after the server agreed to speak WebSocket on it; null: it did not. */
export async function rawTracker(victim: Victim): Promise<Socket | null> {
  const socket = await tcp(victim);
  if (socket === null) return null;
  socket.write(upgrade('/tracker'));
  const answer = await new Promise<string>((resolve) => {
    socket.once('data', (data) => resolve(data.toString()));
    socket.once('close', () => resolve(''));
  });
  return answer.startsWith('HTTP/1.1 101') ? socket : null;
}

/** RFC 6455, section 5.2: a client's frame, masked with zeros. */
export function frame(opcode: number, final: boolean, payload: Buffer): Buffer {
  const first = (final ? 0x80 : 0) | opcode;
  if (payload.length < 126)
    return Buffer.concat([Buffer.of(first, 0x80 | payload.length, 0, 0, 0, 0), payload]);
  const header = Buffer.alloc(14);
  header[0] = first;
  header[1] = 0x80 | 127;
  header.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([header, payload]);
}

/** A well-behaved socket; null: refused. */
export function tracker({ port, address, signal }: Victim): Promise<WebSocket | null> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/tracker`, { localAddress: address });
    signal.addEventListener('abort', () => socket.terminate());
    socket.on('error', () => undefined);
    socket.once('open', () => resolve(socket));
    socket.once('close', () => resolve(null));
  });
}

/** Writes as long as the other side reads, and waits where it does not. */
export async function flood(
  socket: Socket | WebSocket,
  make: () => Buffer | string,
  victim: Victim,
): Promise<void> {
  const write = (data: Buffer | string): Promise<void> =>
    new Promise((resolve) => {
      if (socket instanceof WebSocket) socket.send(data, () => resolve());
      else socket.write(data, () => resolve());
    });
  const open = (): boolean =>
    socket instanceof WebSocket ? socket.readyState === WebSocket.OPEN : !socket.destroyed;
  while (open() && !victim.signal.aborted) await write(make());
}
