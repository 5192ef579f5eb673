/**
 * The connection to Redis (the only import of ioredis): runs scripts, carries the bus, and knows whether Redis can
 * be relied on. It can while commands succeed and our own channel is subscribed; one failure and it cannot, until
 * a beat succeeds again. Nothing waits for a Redis that is away, and nothing here rejects.
 */
import { Redis } from 'ioredis';
import * as v from 'valibot';
import { busText, parseBusText } from './bus.ts';
import type { Bus, BusListener, BusMessage } from './bus.ts';
import type { Log } from './log.ts';
import { SCRIPTS } from './redis-scripts.ts';
import type { Script } from './redis-scripts.ts';
import type { InstanceId } from './swarms.ts';

/** What a command may take; a Redis that is slower than that is away. */
const COMMAND_WITHIN_MS = 2_000;
/** Also how soon a loss of Redis' keys is noticed. */
const BEAT_EVERY_MS = 1_000;
/** Beats after a loss in which the others may not have been heard of yet. */
const BEATS_OF_GRACE = 5;
/** What may be under way to Redis at once; what is more is not asked, so that a slow Redis costs no memory. */
export const MAX_COMMANDS = 20_000;
export const MAX_COMMAND_UNITS = 16_777_216;
/** What a script takes: five keys with their swarm, a member, and what stands around them. */
const COMMAND_UNITS = 800;
/** An instance that has not beaten for that long is dead. */
const INSTANCE_LIFE_MS = 25_000;
const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 10_000;
const INSTANCES_KEY = 'shoal:{instances}';

const instanceList = v.array(v.pipe(v.string(), v.maxLength(64)));

export interface RedisEvents {
  /** Redis can be relied on (again); tell it what it missed. */
  reached(others: readonly InstanceId[]): Promise<void>;
  /** Redis is there, but has lost what it was told. */
  lost(): Promise<void>;
  /** The other instances that are alive now. */
  alive(others: readonly InstanceId[]): void;
}

export class RedisLink implements Bus {
  readonly #instance: InstanceId;
  readonly #log: Log;
  readonly #commands: Redis;
  readonly #subscriber: Redis;
  #events: RedisEvents = {
    reached: () => Promise.resolve(),
    lost: () => Promise.resolve(),
    alive: () => undefined,
  };
  #listener: BusListener = () => undefined;
  #up = false;
  #everUp = false;
  #closed = false;
  #beating = false;
  #everBeaten = false;
  #retryMs = RETRY_FIRST_MS;
  #commandsUnderWay = 0;
  #unitsUnderWay = 0;
  /** What is asked waits for the end of this turn. */
  #gathering = false;
  #known: readonly InstanceId[] = [];
  #grace = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(url: string, instance: InstanceId, log: Log, commandWithinMs = COMMAND_WITHIN_MS) {
    this.#instance = instance;
    this.#log = log;
    const options = {
      protocol: 2 as const,
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      connectTimeout: commandWithinMs,
      commandTimeout: commandWithinMs,
      retryStrategy: (attempt: number) => Math.min(attempt * 100, 2_000),
    };
    this.#commands = new Redis(url, options);
    this.#subscriber = new Redis(url, { ...options, autoResubscribe: false });
    for (const client of [this.#commands, this.#subscriber]) {
      client.on('error', (failure) => this.#lost(failure));
      client.on('close', () => this.#lost(new Error('the connection closed')));
    }
    this.#subscriber.on('smessageBuffer', (_channel: Buffer, text: Buffer) => this.#heard(text.toString()));
  }

  get up(): boolean {
    return this.#up;
  }

  /** Connects; settles when Redis was reached or found away. */
  async start(events: RedisEvents): Promise<void> {
    this.#events = events;
    // A connection that fails says so by an event too, and the client goes on trying by itself.
    await Promise.allSettled([this.#commands.connect(), this.#subscriber.connect()]);
    await this.#beat();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#up)
      await this.#commands.zrem(INSTANCES_KEY, this.#instance).catch((failure) => this.#lost(failure));
    this.#up = false;
    this.#commands.disconnect();
    this.#subscriber.disconnect();
  }

  listen(listener: BusListener): void {
    this.#listener = listener;
  }

  async send(to: InstanceId, message: BusMessage): Promise<boolean> {
    if (!this.#up) return false;
    const text = busText(this.#instance, message);
    try {
      return (await this.#bounded(text.length, () => this.#receivers(to, text), 0)) > 0;
    } catch (failure) {
      this.#lost(failure);
      return false;
    }
  }

  /** What the script answered, read by the schema; null: Redis is away or has too much to do, or answered what it never should. */
  run<T>(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
    schema: v.GenericSchema<unknown, T>,
  ): Promise<T | null> {
    if (!this.#up) return Promise.resolve(null);
    return this.#bounded(COMMAND_UNITS, () => this.#run(script, keys, args, schema), null);
  }

  /** Asks, unless so much is under way that it is better not to. */
  async #bounded<T>(units: number, ask: () => Promise<T>, otherwise: T): Promise<T> {
    if (this.#commandsUnderWay >= MAX_COMMANDS || this.#unitsUnderWay + units > MAX_COMMAND_UNITS)
      return otherwise;
    this.#commandsUnderWay += 1;
    this.#unitsUnderWay += units;
    try {
      return await ask();
    } finally {
      this.#commandsUnderWay -= 1;
      this.#unitsUnderWay -= units;
    }
  }

  async #run<T>(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
    schema: v.GenericSchema<unknown, T>,
  ): Promise<T | null> {
    try {
      this.#gather();
      const reply = await this.#commands
        .evalsha(script.sha1, keys.length, ...keys, ...args)
        .catch((failure: unknown) => this.#evaluateWhole(failure, script, keys, args));
      const parsed = v.safeParse(schema, reply);
      if (parsed.success) return parsed.output;
      this.#lost(new Error('Redis answered something that our script does not'));
    } catch (failure) {
      this.#lost(failure);
    }
    return null;
  }

  /** Redis may have forgotten the script; any other failure is one. */
  #evaluateWhole(
    failure: unknown,
    { lua }: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    if (!(failure instanceof Error) || !failure.message.startsWith('NOSCRIPT')) throw failure;
    return this.#commands.eval(lua, keys.length, ...keys, ...args);
  }

  /**
   * What is asked in one turn of the event loop is written at once. (The client's own way, automatic pipelines, has one
   * of them under way at a time and makes two promises for each command.)
   */
  #gather(): void {
    if (this.#gathering || this.#commands.status !== 'ready') return;
    const { stream } = this.#commands;
    this.#gathering = true;
    stream.cork();
    setImmediate(() => {
      this.#gathering = false;
      stream.uncork();
    });
  }

  /** Says that we live, learns who else does, and makes sure that our channel reaches us. */
  async #beat(): Promise<void> {
    if (this.#beating || this.#closed) return;
    this.#beating = true;
    const alive = (await this.#subscribed()) ? await this.#announceInstance() : null;
    if (alive && !this.#closed) await this.#beaten(alive);
    if (alive) this.#retryMs = RETRY_FIRST_MS;
    else this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MOST_MS);
    this.#beating = false;
    this.#beatAfter(this.#up ? BEAT_EVERY_MS : this.#retryMs);
  }

  #beatAfter(ms: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = this.#closed ? null : setTimeout(() => void this.#beat(), ms);
  }

  /** Who was alive before this beat. */
  #announceInstance(): Promise<InstanceId[] | null> {
    const args = [INSTANCE_LIFE_MS, '', this.#instance];
    return this.#run(SCRIPTS.beat, [INSTANCES_KEY], args, instanceList);
  }

  async #beaten(alive: readonly InstanceId[]): Promise<void> {
    const forgotten = this.#everBeaten && !alive.includes(this.#instance);
    this.#grace = forgotten ? BEATS_OF_GRACE : Math.max(0, this.#grace - 1);
    const others = alive.filter((instance) => instance !== this.#instance);
    // Those that Redis forgot as well are as alive as we are, until they had time to say so.
    this.#known = this.#grace > 0 ? [...new Set([...this.#known, ...others])] : others;
    this.#everBeaten = true;
    if (!this.#up) return this.#found(this.#known);
    if (forgotten) {
      this.#log.info({}, 'Redis has lost who is here: it is told again');
      await this.#events.lost();
    }
    this.#events.alive(this.#known);
  }

  /** A published message counts its receivers: our own must be among them. */
  async #subscribed(): Promise<boolean> {
    if (this.#commands.status !== 'ready' || this.#subscriber.status !== 'ready') return false;
    try {
      if ((await this.#receivers(this.#instance, '')) > 0) return true;
      await this.#subscriber.ssubscribe(channel(this.#instance));
      return (await this.#receivers(this.#instance, '')) > 0;
    } catch (failure) {
      this.#lost(failure);
      return false;
    }
  }

  async #receivers(instance: InstanceId, text: string): Promise<number> {
    this.#gather();
    return Number(await this.#commands.spublish(channel(instance), text));
  }

  async #found(others: readonly InstanceId[]): Promise<void> {
    this.#up = true;
    if (this.#everUp) this.#log.info({}, 'Redis is back: members here and elsewhere find each other again');
    this.#everUp = true;
    await this.#events.reached(others);
  }

  #lost(failure: unknown): void {
    if (this.#closed) return;
    if (this.#up || !this.#everUp) {
      this.#everUp = true;
      this.#log.warn(
        { failure: failure instanceof Error ? failure.message : String(failure) },
        'Redis is away: this instance serves its own members alone until it is back',
      );
    }
    if (!this.#up) return;
    this.#up = false;
    this.#beatAfter(this.#retryMs);
  }

  #heard(text: string): void {
    if (text === '') return;
    const parsed = parseBusText(text);
    if (parsed) this.#listener(parsed.from, parsed.message);
    else this.#log.warn({ bytes: text.length }, 'a message from another instance was not understood');
  }
}

function channel(instance: InstanceId): string {
  return `shoal:bus:${instance}`;
}
