/**
 * As much of a Redis as the link to it needs, on a port of its own (RESP2: redis.io/docs/reference/protocol-spec), for
 * what a real one cannot be told to do: answer nonsense, fall silent, forget a script. Knows no swarms.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export type Reply = string | number | null | Error | readonly Reply[];

/** Not answered before `wake`, nor is anything that comes behind it: answers keep their order. */
export const SILENCE = Symbol('silence');

export class FakeRedis {
  /** Everything that was asked, with its name in capitals. */
  readonly commands: string[][] = [];
  /** Answers a script; the instances that are alive are what the heartbeat asks for. */
  script: (command: 'EVALSHA' | 'EVAL', args: readonly string[]) => Reply | typeof SILENCE = () => [];
  /** A Redis that does not pass on what is published. */
  deaf = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #subscribed = new Map<string, Set<Socket>>();
  readonly #held: (() => void)[] = [];
  #asleep = false;

  private constructor() {
    this.#server = createServer((socket) => this.#connected(socket));
  }

  static async open(): Promise<FakeRedis> {
    const redis = new FakeRedis();
    await new Promise<void>((resolve) => redis.#server.listen(0, '127.0.0.1', resolve));
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  asked(name: string): string[][] {
    return this.commands.filter(([command]) => command === name);
  }

  /** How many heard it. */
  publish(channel: string, text: string): number {
    const hearers = this.deaf ? [] : [...(this.#subscribed.get(channel) ?? [])];
    for (const socket of hearers) socket.write(encoded(['smessage', channel, text]));
    return hearers.length;
  }

  /** Answers everything that was asked in the meantime; what it was silent about with an error. */
  wake(): void {
    this.#asleep = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  /** Cuts everybody off; they may come back. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#subscribed.clear();
  }

  close(): Promise<void> {
    this.cutAll();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let waiting = '';
    socket.on('data', (data) => {
      waiting += data.toString('latin1');
      for (let read = commandIn(waiting); read !== null; read = commandIn(waiting)) {
        waiting = waiting.slice(read.length);
        this.#hear(socket, read.command);
      }
    });
  }

  #hear(socket: Socket, command: string[]): void {
    const answer = this.#answer(socket, command);
    this.#asleep ||= answer === SILENCE;
    const text = encoded(answer === SILENCE ? new Error('ERR too late') : answer);
    if (this.#asleep) this.#held.push(() => socket.write(text));
    else socket.write(text);
  }

  #answer(socket: Socket, [name = '', ...args]: string[]): Reply | typeof SILENCE {
    const command = name.toUpperCase();
    this.commands.push([command, ...args]);
    const [first = '', second = ''] = args;
    switch (command) {
      case 'INFO':
        return 'redis_version:7.0.0\r\nloading:0\r\n';
      case 'SSUBSCRIBE':
        this.#subscribed.set(first, (this.#subscribed.get(first) ?? new Set()).add(socket));
        return ['ssubscribe', first, 1];
      case 'SPUBLISH':
        return this.publish(first, second);
      case 'EVALSHA':
      case 'EVAL':
        return this.script(command, args);
      case 'ZREM':
        return 1;
      default:
        return 'OK';
    }
  }
}

/** The first whole command: an array of bulk strings. Null: it is not all here yet. */
function commandIn(text: string): { command: string[]; length: number } | null {
  const line = (at: number): [value: number, next: number] | null => {
    const end = text.indexOf('\r\n', at);
    return end < 0 ? null : [Number(text.slice(at + 1, end)), end + 2];
  };
  const head = line(0);
  if (head === null) return null;
  let [count, at] = head;
  const command: string[] = [];
  for (; count > 0; count--) {
    const size = line(at);
    if (size === null || text.length < size[1] + size[0] + 2) return null;
    command.push(Buffer.from(text.slice(size[1], size[1] + size[0]), 'latin1').toString());
    at = size[1] + size[0] + 2;
  }
  return { command, length: at };
}

function encoded(reply: Reply): string {
  if (reply === null) return '$-1\r\n';
  if (reply instanceof Error) return `-${reply.message}\r\n`;
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  return `*${reply.length}\r\n${reply.map(encoded).join('')}`;
}
