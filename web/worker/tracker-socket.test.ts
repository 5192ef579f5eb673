/** The socket to the tracker against a real server that goes away and comes back. Node has no WebSocket of its own. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { trackerSocketRules } from '../../shared/peer/contracts/tracker-socket.ts';
import type { SocketListener } from '../../shared/peer/ports.ts';
import { LocalTracker, until } from '../../shared/peer/testing/local-tracker.ts';
import { WebTrackerSocket } from './tracker-socket.ts';

let server: LocalTracker;
let url: string;
const open: WebTrackerSocket[] = [];

beforeEach(async () => {
  vi.stubGlobal('WebSocket', WebSocket);
  server = new LocalTracker();
  url = await server.listening();
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.close();
  vi.useRealTimers();
  await server.close();
  vi.unstubAllGlobals();
});

function connect(listener: SocketListener): WebTrackerSocket {
  const socket = new WebTrackerSocket(url, listener, () => 0.5);
  open.push(socket);
  return socket;
}

describe('a socket to the tracker in a browser', () => {
  test.each(trackerSocketRules)('[PE1] $name', ({ check }) =>
    check({ connect, server, until: (what, isSo) => until(isSo, what) }),
  );

  test('[PN6] need not wait for a try that is planned when the network is back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const told: string[] = [];
    server.away(true);
    const socket = connect({
      opened: () => told.push('opened'),
      lost: () => told.push('lost'),
      received: (text) => told.push(text),
    });
    // Each try but the first is planned for later, and later still with every one that failed.
    for (let tries = 1; tries <= 4; tries++) {
      await vi.advanceTimersToNextTimerAsync();
      await until(() => server.refusals === tries && told.length === tries, `try ${tries} failed`);
    }
    server.away(false);
    socket.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    await until(() => socket.isOpen, 'it is open');
    expect(told).toEqual(['lost', 'lost', 'lost', 'lost', 'opened']);
    // The try that was planned before is none any more.
    await vi.advanceTimersByTimeAsync(20_000);
    server.say('once');
    await until(() => told.length > 5, 'it hears');
    expect(told.slice(5)).toEqual(['once']);
  });

  test('[PN6] those whose server goes come back to it spread over a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const fractions = [0, 0.25, 0.5, 0.999];
    const losses: number[] = fractions.map(() => 0);
    server.away(true);
    for (const [nth, fraction] of fractions.entries()) {
      const listener = { opened: () => undefined, lost: () => losses[nth]!++, received: () => undefined };
      open.push(new WebTrackerSocket(url, listener, () => fraction));
    }
    // The first try is made at once; the second one waits for 500 ms, half of it less or more.
    await vi.advanceTimersByTimeAsync(0);
    await until(() => losses.every((times) => times === 1), 'all failed once');
    const failed = (): number => losses.reduce((all, times) => all + times);
    for (const [nth, ms] of [249, 1, 125, 125].entries()) {
      await vi.advanceTimersByTimeAsync(ms);
      await until(() => failed() === fractions.length + nth, `${nth} came back`);
      expect(server.refusals).toBe(fractions.length + nth);
    }
  });

  test('[TR1] passes on texts alone', async () => {
    const heard: string[] = [];
    let opened = false;
    connect({
      opened: () => (opened = true),
      lost: () => undefined,
      received: (text) => heard.push(text),
    });
    await until(() => opened, 'it is open');
    server.say(new Uint8Array([123, 125]));
    server.say('{}');
    await until(() => heard.length > 0, 'it hears');
    expect(heard).toEqual(['{}']);
  });
});
