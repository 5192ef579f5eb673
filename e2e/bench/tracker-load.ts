/**
 * The load, in a process of its own: opens sockets, announces one member on each, and then keeps every socket busy
 * with one message under way (`closed`), or sends at a given rate however long answers take (`paced`). Does as
 * little as it can beside: answers are told from pushes by their first characters and not parsed.
 */
import { WebSocket } from 'ws';

export interface LoadOrder {
  readonly port: number;
  readonly subject: 'echo' | 'shoal' | 'bittorrent-tracker';
  readonly sockets: number;
  /** Members of one swarm. */
  readonly swarmSize: number;
  readonly want: number;
  readonly seconds: number;
  /** Messages a second over all sockets; null: as fast as answers come. */
  readonly rate: number | null;
  /** Only open, announce once and hold. */
  readonly hold?: boolean;
  /** Where the peers' numbers begin; different loads on one server need different ones. */
  readonly firstSerial?: number;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly unanswered: number;
  /** Answers from the first message to the last. */
  readonly total: number;
}

interface Client {
  readonly socket: WebSocket;
  readonly text: string;
  sentAt: number;
  waiting: boolean;
}

const hex = (serial: number) => serial.toString(16).padStart(64, '0');
/** Ids as bittorrent-tracker wants them: 20 bytes, written as 20 characters. */
const binary = (serial: number) => serial.toString(16).padStart(20, '0');

function announcement(order: LoadOrder, place: number, event: string): string {
  const swarm = Math.floor(place / order.swarmSize);
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

async function openClients(
  order: LoadOrder,
  received: (client: Client, data: Buffer) => void,
): Promise<Client[]> {
  const clients: Client[] = [];
  for (let from = 0; from < order.sockets; from += 100) {
    const batch = Array.from({ length: Math.min(100, order.sockets - from) }, (_, at) =>
      open(order, from + at, received),
    );
    clients.push(...(await Promise.all(batch)));
  }
  return clients;
}

/** Settles when the first announce was answered. */
function open(
  order: LoadOrder,
  serial: number,
  received: (client: Client, data: Buffer) => void,
): Promise<Client> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${order.port}/tracker`, { perMessageDeflate: false });
    const client: Client = { socket, text: announcement(order, serial, 'update'), sentAt: 0, waiting: false };
    socket.once('open', () => socket.send(announcement(order, serial, 'started')));
    socket.once('error', reject);
    socket.once('message', () => {
      resolve(client);
      socket.on('message', (data: Buffer) => received(client, data));
    });
  });
}

/** `{"type":"peers"…` of Shoal, `{"complete":…` or `{"action":…` of bittorrent-tracker; a push is none of them. */
function isAnswer(order: LoadOrder, data: Buffer): boolean {
  return order.subject !== 'shoal' || (data[9] === 0x70 && data[10] === 0x65);
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const latencies: number[] = [];
  let ended = false;
  let total = 0;
  const send = (client: Client) => {
    client.sentAt = performance.now();
    client.waiting = true;
    client.socket.send(client.text);
  };
  const clients = await openClients(order, (client, data) => {
    if (!client.waiting || !isAnswer(order, data)) return;
    client.waiting = false;
    total += 1;
    latencies.push(performance.now() - client.sentAt);
    if (order.rate === null && !ended) send(client);
  });
  if (order.hold) return { perSecond: 0, p50: 0, p99: 0, unanswered: 0, total: 0 };
  const begin = () => {
    latencies.length = 0;
    return performance.now();
  };
  if (order.rate === null) clients.forEach(send);
  const pace = order.rate === null ? null : paced(order.rate, clients, send);
  await passed(1_000);
  const begun = begin();
  await passed(order.seconds * 1_000);
  const seconds = (performance.now() - begun) / 1_000;
  const measured = [...latencies].sort((a, b) => a - b);
  ended = true;
  pace?.();
  const at = (part: number) =>
    measured[Math.min(measured.length - 1, Math.floor(measured.length * part))] ?? Number.NaN;
  return {
    perSecond: measured.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    unanswered: clients.filter((client) => client.waiting).length,
    total,
  };
}

/** Every millisecond what is due by then, round robin, over those whose last message was answered. */
function paced(rate: number, clients: readonly Client[], send: (client: Client) => void): () => void {
  const begun = performance.now();
  let sent = 0;
  let next = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1_000) * rate);
    for (let tries = 0; sent < due && tries < clients.length; tries++) {
      const client = clients[next++ % clients.length];
      if (!client || client.waiting) continue;
      send(client);
      sent += 1;
    }
  }, 1);
  return () => clearInterval(timer);
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

process.on('message', (order: LoadOrder) => {
  void run(order).then(
    (result) => process.send?.({ result }),
    (failure: unknown) => process.send?.({ failure: String(failure) }),
  );
});
process.on('disconnect', () => process.exit(0));
