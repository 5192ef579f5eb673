/**
 * The load, in a process of its own: opens sockets and announces one member on each; told to go, it keeps so many
 * messages of every socket under way (`rate` null), or sends at a given rate however long answers take. Does as little
 * as it can beside: what comes is not parsed, answers are told from pushes by their first characters.
 */
import { eachFrame, maskedFrame, openRaw } from './tracker-client.ts';
import type { RawClient } from './tracker-client.ts';
import { WARM_UP_MS } from './tracker-load-order.ts';
import type { LoadOrder, LoadResult } from './tracker-load-order.ts';

interface Client {
  readonly raw: RawClient;
  /** As many masked messages, one behind the other, as are under way at once. */
  readonly messages: Buffer;
  readonly messageBytes: number;
  sentAt: number;
  waiting: number;
}

const hex = (serial: number) => serial.toString(16).padStart(64, '0');
/** Ids as bittorrent-tracker wants them: 20 bytes, written as 20 characters. */
const binary = (serial: number) => serial.toString(16).padStart(20, '0');

function announcement(order: LoadOrder, place: number, event: string): string {
  const swarm = (order.firstSwarm ?? 0) + Math.floor(place / order.swarmSize);
  const serial = (order.firstSerial ?? 0) + place;
  if (order.subject === 'bittorrent-tracker') {
    return JSON.stringify({
      action: 'announce',
      info_hash: binary(swarm),
      peer_id: binary(serial),
      numwant: order.want,
      uploaded: 0,
      downloaded: 0,
      left: 1000,
      ...(event === 'started' ? { event } : {}),
    });
  }
  return JSON.stringify({
    type: 'announce',
    swarm: hex(swarm + 0x10000000),
    peerId: hex(serial),
    event,
    left: 1000,
    want: order.want,
  });
}

/** `{"type":"peers"…` of Shoal, `{"complete":…` or `{"action":…` of bittorrent-tracker; a push is none of them. */
function isAnswer(order: LoadOrder, bytes: Buffer, payload: number): boolean {
  return order.subject !== 'shoal' || (bytes[payload + 9] === 0x70 && bytes[payload + 10] === 0x65);
}

type Answered = (client: Client, answers: number) => void;

async function openClients(order: LoadOrder, answered: Answered): Promise<Client[]> {
  const clients: Client[] = [];
  for (let from = 0; from < order.sockets; from += 100) {
    const batch = Array.from({ length: Math.min(100, order.sockets - from) }, (_, at) =>
      open(order, from + at, answered),
    );
    clients.push(...(await Promise.all(batch)));
  }
  return clients;
}

/** Settles when the first announce was answered. */
async function open(order: LoadOrder, place: number, answered: Answered): Promise<Client> {
  let client: Client | null = null;
  let begin: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (begin = resolve));
  let answers = 0;
  const raw = await openRaw(order.port, (bytes, length) => {
    answers = 0;
    const whole = eachFrame(bytes, length, (payload) => {
      if (isAnswer(order, bytes, payload)) answers += 1;
    });
    if (client && answers > 0) answered(client, answers);
    else if (answers > 0) begin();
    return whole;
  });
  raw.write(maskedFrame(announcement(order, place, 'started')));
  await first;
  const message = maskedFrame(announcement(order, place, 'update'));
  const messages = Buffer.concat(Array<Buffer>(order.depth).fill(message));
  client = { raw, messages, messageBytes: message.length, sentAt: 0, waiting: 0 };
  return client;
}

class Load {
  readonly #order: LoadOrder;
  #clients: readonly Client[] = [];
  #latencies: number[] = [];
  #answers = 0;
  #ended = false;

  constructor(order: LoadOrder) {
    this.#order = order;
  }

  async open(): Promise<void> {
    const isPaced = this.#order.rate !== null;
    this.#clients = await openClients(this.#order, (client, answers) => {
      client.waiting -= answers;
      this.#answers += answers;
      if (isPaced) this.#latencies.push(performance.now() - client.sentAt);
      else if (!this.#ended) this.#send(client, answers);
    });
  }

  async run(): Promise<LoadResult> {
    const { rate, depth, seconds } = this.#order;
    if (rate === null) for (const client of this.#clients) this.#send(client, depth);
    const endPace = rate === null ? null : this.#pace(rate);
    await passed(WARM_UP_MS);
    const begun = performance.now();
    const processor = process.cpuUsage();
    this.#latencies = [];
    this.#answers = 0;
    await passed(seconds * 1_000);
    const milliseconds = performance.now() - begun;
    const { user, system } = process.cpuUsage(processor);
    this.#ended = true;
    endPace?.();
    return {
      answers: this.#answers,
      seconds: milliseconds / 1_000,
      latencies: this.#latencies,
      processor: (user + system) / 1_000 / milliseconds,
    };
  }

  #send(client: Client, many: number): void {
    client.waiting += many;
    client.raw.write(client.messages.subarray(0, many * client.messageBytes));
  }

  /** Every millisecond what is due by then, round robin, over those whose last message was answered. */
  #pace(rate: number): () => void {
    const begun = performance.now();
    let sent = 0;
    let next = 0;
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - begun) / 1_000) * rate);
      for (let tries = 0; sent < due && tries < this.#clients.length; tries++) {
        const client = this.#clients[next++ % this.#clients.length];
        if (!client || client.waiting > 0) continue;
        client.sentAt = performance.now();
        this.#send(client, 1);
        sent += 1;
      }
    }, 1);
    return () => clearInterval(timer);
  }
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

let load: Load | null = null;

async function obey(order: LoadOrder | 'go'): Promise<object> {
  if (order === 'go') return { result: await load?.run() };
  load = new Load(order);
  await load.open();
  return { ready: true };
}

process.on('message', (order: LoadOrder | 'go') => {
  obey(order).then(
    (reply) => process.send?.(reply),
    (failure: unknown) => process.send?.({ failure: String(failure) }),
  );
});
process.on('disconnect', () => process.exit(0));
