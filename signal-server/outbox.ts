/**
 * Text frames to one socket (RFC 6455, section 5.2: a server's are not masked), gathered over one turn of the event
 * loop and written at once: an answer and the pushes that other members' announces caused meanwhile cost one system
 * call. This is the tracker's hot path; every other frame (ping, pong, close) is `ws`'s, which writes whole frames
 * to the same socket, so the two never cut into each other.
 */
import type { Duplex } from 'node:stream';

/** FIN and the opcode of text. */
const TEXT = 0x81;
const LENGTH_IN_2_BYTES = 126;
const LENGTH_IN_8_BYTES = 127;

/** The writers that have something to write at the end of this turn. */
export class FlushQueue {
  #writers: FrameWriter[] = [];

  add(writer: FrameWriter): void {
    if (this.#writers.length === 0) setImmediate(() => this.#end());
    this.#writers.push(writer);
  }

  #end(): void {
    const writers = this.#writers;
    this.#writers = [];
    for (const writer of writers) writer.flush();
  }
}

export class FrameWriter {
  readonly #socket: Duplex;
  readonly #queue: FlushQueue;
  readonly #isOpen: () => boolean;
  /** Bytes as characters below 256. */
  #pending = '';

  constructor(socket: Duplex, queue: FlushQueue, isOpen: () => boolean) {
    this.#socket = socket;
    this.#queue = queue;
    this.#isOpen = isOpen;
  }

  /** Bytes that the other end has not taken yet, as far as this process knows. */
  get bufferedBytes(): number {
    return this.#pending.length + this.#socket.writableLength;
  }

  send(text: string, isAscii = false): void {
    if (this.#pending === '') this.#queue.add(this);
    this.#pending += frameOf(text, isAscii);
  }

  flush(): void {
    const bytes = this.#pending;
    this.#pending = '';
    if (bytes !== '' && this.#isOpen()) this.#socket.write(bytes, 'latin1');
  }
}

/**
 * The frame's bytes as characters below 256. Plain ASCII, as nearly every message is, passes uncopied; where it is known
 * to be that, it is not looked at either.
 */
export function frameOf(text: string, isAscii = false): string {
  const plain = isAscii || Buffer.byteLength(text) === text.length;
  const bytes = plain ? text : Buffer.from(text).toString('latin1');
  const length = bytes.length;
  if (length < LENGTH_IN_2_BYTES) return String.fromCharCode(TEXT, length) + bytes;
  if (length < 0x1_0000)
    return String.fromCharCode(TEXT, LENGTH_IN_2_BYTES, length >> 8, length & 255) + bytes;
  const header = Buffer.alloc(10);
  header.writeUInt8(TEXT, 0);
  header.writeUInt8(LENGTH_IN_8_BYTES, 1);
  header.writeBigUInt64BE(BigInt(length), 2);
  return header.toString('latin1') + bytes;
}
