/** For tests: TorrentInno clients in processes of their own, and a tracker of TorrentInno's kind in this one. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ClientEvent } from './torrentinno-client.ts';
import type { ProcessOptions } from './torrentinno-main.ts';

const MAIN = fileURLToPath(new URL('torrentinno-main.ts', import.meta.url));

export interface StandIn {
  readonly events: readonly ClientEvent[];
  /** Settles as soon as it has told of such an event, the `nth` of them. */
  told<Kind extends ClientEvent['kind']>(kind: Kind, nth?: number): Promise<ClientEvent & { kind: Kind }>;
  /** It loses its connections without a word. */
  forget(): void;
  stop(): Promise<void>;
}

export function standIn(options: ProcessOptions): StandIn {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const events: ClientEvent[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    events.push(JSON.parse(line) as ClientEvent);
    for (const look of waiting) look();
  });
  const of = <Kind extends ClientEvent['kind']>(kind: Kind) =>
    events.filter((event): event is ClientEvent & { kind: Kind } => event.kind === kind);
  return {
    events,
    told: (kind, nth = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = of(kind)[nth - 1];
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    forget: () => child.stdin.write('forget\n'),
    stop: async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}

type Announced = Readonly<Record<'peerId' | 'infoHash' | 'publicIp' | 'publicPort', string>>;

/** A tracker that answers as TorrentInno's does, or as a test says. */
export class TestTracker {
  readonly announces: Announced[] = [];
  /** What it answers instead; null: nothing at all. */
  answer: { status?: number; body: string } | null | undefined = undefined;
  readonly #server = createServer();
  readonly #peers = new Map<string, Announced>();
  readonly #waiting = new Set<() => void>();

  async start(port = 0): Promise<string> {
    this.#server.on('request', (request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', () => {
        const announced = JSON.parse(text) as Announced;
        this.announces.push(announced);
        this.#peers.set(`${announced.infoHash} ${announced.peerId}`, announced);
        const peers = [...this.#peers.values()].filter(({ infoHash }) => infoHash === announced.infoHash);
        if (this.answer !== null) {
          response.statusCode = this.answer?.status ?? 200;
          response.end(this.answer?.body ?? JSON.stringify({ infoHash: announced.infoHash, peers }));
        }
        for (const look of this.#waiting) look();
      });
    });
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Settles when so many announces have come. */
  heard(count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.announces.length < count) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Whoever is named to everybody who announces that share. */
  name(announced: Announced): void {
    this.#peers.set(`${announced.infoHash} ${announced.peerId}`, announced);
  }

  forget(peerId: string): void {
    for (const [key, peer] of this.#peers) if (peer.peerId === peerId) this.#peers.delete(key);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
