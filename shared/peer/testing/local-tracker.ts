/** A real server for sockets to a tracker, which goes away and comes back as a test says. Knows no messages. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { WebSocketServer } from 'ws';

export class LocalTracker {
  readonly heard: string[] = [];
  refusals = 0;
  #away = false;
  readonly #http: Server = createServer();
  readonly #sockets = new WebSocketServer({ noServer: true });

  async listening(): Promise<string> {
    this.#http.on('upgrade', (request, stream, head) => {
      if (this.#away) {
        this.refusals += 1;
        stream.destroy();
        return;
      }
      this.#sockets.handleUpgrade(request, stream, head, (socket) => {
        socket.on('message', (data) => this.heard.push(String(data)));
      });
    });
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return `ws://127.0.0.1:${this.port}/tracker`;
  }

  get port(): number {
    const address = this.#http.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  say(message: string | Uint8Array): void {
    for (const socket of this.#sockets.clients) socket.send(message);
  }

  drop(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  away(away: boolean): void {
    this.#away = away;
  }

  async close(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

/** Leaves timers alone, so that it can be used where they stand still. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  const started = performance.now();
  while (!isSo()) {
    if (performance.now() - started > 10_000) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
