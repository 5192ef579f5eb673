/** A tracker client for tests: what it says goes out at once, what it hears is awaited in order. */
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import { peerId, swarmId } from '../../shared/ids.ts';
import type { PeerId, SwarmId } from '../../shared/ids.ts';
import { clientText, parseServerMessage } from '../../shared/tracker/messages.ts';
import type { ClientMessageDraft, ServerMessage } from '../../shared/tracker/messages.ts';

type Of<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;

export interface TestClient {
  readonly socket: WebSocket;
  say(message: ClientMessageDraft): void;
  raw(frame: string | Buffer): void;
  /** The next message, which must be of that type. */
  hear<T extends ServerMessage['type']>(type: T): Promise<Of<T>>;
  /** Everything that was sent to this client before it asked. */
  heardSoFar(): Promise<ServerMessage[]>;
  closed(): Promise<{ code: number; reason: string }>;
  close(): void;
}

export const hex = (digit: string) => digit.repeat(64);
export const swarmA: SwarmId = must(swarmId(hex('a')));
export const swarmB: SwarmId = must(swarmId(hex('b')));
export const one: PeerId = must(peerId(hex('1')));
export const two: PeerId = must(peerId(hex('2')));
export const three: PeerId = must(peerId(hex('3')));

export function announce(peer: PeerId, change: object = {}): ClientMessageDraft {
  return { type: 'announce', swarm: swarmA, peerId: peer, event: 'started', left: null, ...change };
}

export function connect(port: number, options: ClientOptions = {}, path = '/tracker'): Promise<TestClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
  const heard: ServerMessage[] = [];
  const waiting: ((message: ServerMessage) => void)[] = [];
  socket.on('message', (data) => {
    const text = String(data);
    const message = parseServerMessage(text);
    if (!message) throw new Error(`the server said what is no message: ${text.slice(0, 200)}`);
    const waiter = waiting.shift();
    if (waiter) waiter(message);
    else heard.push(message);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  const next = () =>
    new Promise<ServerMessage>((resolve) => {
      const message = heard.shift();
      if (message) resolve(message);
      else waiting.push(resolve);
    });
  const client: TestClient = {
    socket,
    say: (message) => socket.send(clientText(message)),
    raw: (frame) => socket.send(frame),
    hear: async <T extends ServerMessage['type']>(type: T) => {
      const message = await next();
      if (message.type !== type) throw new Error(`heard ${JSON.stringify(message)} instead of ${type}`);
      return message as Of<T>;
    },
    heardSoFar: async () => {
      // Answers come in order: whatever was sent before comes before the answer to this.
      client.say({ type: 'scrape', swarms: [] });
      const all: ServerMessage[] = [];
      for (let message = await next(); message.type !== 'scrape'; message = await next()) all.push(message);
      return all;
    },
    closed: () => closed,
    close: () => socket.close(),
  };
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(client));
    socket.once('unexpected-response', (_request, response) =>
      reject(new Error(`HTTP ${response.statusCode}`)),
    );
    socket.on('error', reject);
  });
}

function must<T>(value: T | null): T {
  if (value === null) throw new Error('the test made an id that is none');
  return value;
}
