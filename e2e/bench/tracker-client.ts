/**
 * A WebSocket client that costs as little as one can in this language, so that a load process fills a server and not
 * itself: a bare TCP socket that reads into one buffer for all sockets, frames that were masked beforehand, and
 * nothing parsed but the lengths of the frames that come (RFC 6455, section 5.2: a server's are not masked). It asks
 * for no extension, and fragments, pings and closes do not come in the seconds of a benchmark.
 */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** FIN and the opcode of text. */
const TEXT = 0x81;
const MASKED = 0x80;
const READ_BYTES = 65_536;
const END_OF_HEADERS = '\r\n\r\n';

export interface RawClient {
  write(bytes: Buffer): void;
}

/** A client's text frame. */
export function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  for (const [at, byte] of payload.entries()) payload[at] = byte ^ (mask[at & 3] ?? 0);
  const length = Buffer.alloc(payload.length < 126 ? 1 : 3);
  length[0] = MASKED | Math.min(payload.length, 126);
  if (payload.length >= 126) length.writeUInt16BE(payload.length, 1);
  return Buffer.concat([Buffer.from([TEXT]), length, mask, payload]);
}

/**
 * Calls `each` with where the payload of every whole frame begins; answers where the first frame begins that is not
 * whole.
 */
export function eachFrame(bytes: Buffer, length: number, each: (payload: number) => void): number {
  let at = 0;
  while (at + 2 <= length) {
    const short = bytes[at + 1] ?? 0;
    if (short === 127) throw new Error('A server of this benchmark sends no frames as long as that.');
    const payload = at + (short === 126 ? 4 : 2);
    if (payload > length) break;
    const end = payload + (short === 126 ? bytes.readUInt16BE(at + 2) : short);
    if (end > length) break;
    each(payload);
    at = end;
  }
  return at;
}

/** All sockets read into this one: what came is looked at before anything else comes. */
const readBuffer = Buffer.alloc(READ_BYTES);

/**
 * Settles when the server agreed to speak WebSocket. `received` is called for each chunk that came, with what was left
 * of the one before in front of it, and answers how many bytes of it were whole frames.
 */
export function openRaw(
  port: number,
  received: (bytes: Buffer, length: number) => number,
  host = '127.0.0.1',
): Promise<RawClient> {
  return new Promise((resolve, reject) => {
    let rest = Buffer.alloc(0);
    let agreed = false;
    const read = (many: number, buffer: Uint8Array): boolean => {
      const bytes = rest.length === 0 ? readBuffer : Buffer.concat([rest, buffer.subarray(0, many)]);
      const length = rest.length + many;
      if (agreed) {
        const whole = received(bytes, length);
        rest = whole === length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(whole, length));
        return true;
      }
      const end = bytes.subarray(0, length).indexOf(END_OF_HEADERS);
      rest = Buffer.from(bytes.subarray(end < 0 ? 0 : end + END_OF_HEADERS.length, length));
      if (end >= 0) {
        agreed = true;
        resolve({ write: (frame) => void socket.write(frame) });
      }
      return true;
    };
    const socket: Socket = connect({ port, host, onread: { buffer: readBuffer, callback: read } });
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('connect', () => socket.write(upgrade(host, port)));
  });
}

function upgrade(host: string, port: number): string {
  const lines = [
    'GET /tracker HTTP/1.1',
    `Host: ${host}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
  ];
  return lines.join('\r\n') + END_OF_HEADERS;
}
