/**
 * WebSockets (the only import of `ws`): within which bounds they are read, what of them a connection hears, and how
 * the tracker's texts are written to them ([SV4]).
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import { MAX_TRACKER_FRAME_BYTES } from '../shared/tracker/limits.ts';
import type { Connection } from './connection.ts';
import { FlushQueue, FrameWriter } from './outbox.ts';
import { PlainFrames } from './plain-frames.ts';
import type { Wire } from './wire.ts';

/** Frames of one message. Browsers send one; a proxy may cut a long one up. */
const MAX_FRAGMENTS = 64;
/** Pieces in which the network may bring one frame: 131,072 bytes in the smallest packets, of 536, are 245. */
const MAX_CHUNKS = 512;

export interface WebSocketEvents {
  opened(wire: Wire): Connection;
  ended(connection: Connection): void;
  /** A frame that is too long, bad UTF-8: `ws` closes the socket with 1009 or 1007. */
  failed(): void;
}

export class WebSockets {
  readonly #server: WebSocketServer;
  readonly #flushes = new FlushQueue();

  /** `closingMs`: what the other end has to close a socket that either end wants closed. */
  constructor(closingMs: number) {
    // A constant, since the types know no `closeTimeout` yet.
    const options = {
      noServer: true,
      maxPayload: MAX_TRACKER_FRAME_BYTES,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_CHUNKS,
      closeTimeout: closingMs,
      perMessageDeflate: false,
      clientTracking: false,
    };
    this.#server = new WebSocketServer(options);
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer, events: WebSocketEvents): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = events.opened(wireOf(webSocket, socket, this.#flushes));
      const bytes = readThrough(connection, webSocket, socket);
      webSocket.on('message', (data, isBinary) => connection.received(bytesOf(data), isBinary));
      webSocket.on('pong', () => connection.ponged());
      webSocket.on('ping', () => void connection.pinged());
      // Without a listener the process would end.
      webSocket.on('error', () => {
        bytes.end();
        events.failed();
      });
      webSocket.once('close', () => events.ended(connection));
    });
  }
}

/**
 * Lets `ws` see of what comes as much as the connection says, and first the connection, which counts it before the
 * message that it makes up is handled. `ws` itself reads whatever one chunk brings in one go, also of a socket that is
 * paused, and of one that is closed. Plain frames between messages are taken out before `ws` sees them.
 */
function readThrough(connection: Connection, webSocket: WebSocket, socket: Duplex): { end(): void } {
  const readers = socket.listeners('data') as ((chunk: Buffer) => void)[];
  let ended = false;
  /** Whether `ws` has been given whole messages. */
  let between = true;
  socket.removeAllListeners('data');
  socket.on('data', (chunk: Buffer) => {
    const read = connection.came(chunk);
    if (connection.closed || ended) return;
    const came = read < chunk.length ? chunk.subarray(0, read) : chunk;
    const rest = between ? readPlain(connection, webSocket, came) : came;
    between = connection.isBetweenMessages;
    if (rest.length > 0) for (const reader of readers) reader.call(socket, rest);
    // Behind the readers: what comes again at once would be read before them.
    if (read < chunk.length && !connection.closed) socket.unshift(chunk.subarray(read));
  });
  socket.prependListener('close', () => discard(socket));
  return { end: () => (ended = true) };
}

/** Of all sockets: each frame is handled before the next one is read. */
const plainFrames = new PlainFrames();

/** Hands over the plain frames at the beginning; answers what follows them. */
function readPlain(connection: Connection, webSocket: WebSocket, came: Buffer): Buffer {
  let at = 0;
  while (at < came.length && webSocket.readyState === webSocket.OPEN && plainFrames.read(came, at)) {
    at = plainFrames.end;
    connection.received(plainFrames.text, false);
  }
  return at === 0 ? came : came.subarray(at);
}

/** What was not read of a socket that nobody reads any more. */
function discard(socket: Duplex): void {
  while (socket.read() !== null);
}

function wireOf(webSocket: WebSocket, socket: Duplex, flushes: FlushQueue): Wire {
  const isOpen = () => webSocket.readyState === webSocket.OPEN;
  const frames = new FrameWriter(socket, flushes, isOpen);
  return {
    get bufferedAmount() {
      return frames.bufferedBytes;
    },
    get unreadBytes() {
      return socket.readableLength;
    },
    send: (text, isAscii) => frames.send(text, isAscii),
    flush: () => frames.flush(),
    ping: () => isOpen() && webSocket.ping(),
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    close: (code, reason) => {
      frames.flush();
      webSocket.close(code, reason);
    },
    terminate: () => webSocket.terminate(),
  };
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
