/** Whole peers whose network goes, who sleep, and whose tracker is away: what runs goes on. */
import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { clientText } from '../tracker/messages.ts';
import type { SocketListener, TrackerSocket } from './ports.ts';
import { infoHashOf, PeerLab, requestOf, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';

const SECOND = 1_000;

async function shared(sharer: TestPeer, content: Uint8Array<ArrayBuffer>): Promise<InfoHash> {
  return infoHashOf(await sharer.peer.share(requestOf([['film.bin', content]])));
}

function complete(lab: PeerLab, peer: TestPeer, infoHash: InfoHash, withinMs: number): Promise<void> {
  const whole = (): boolean => peer.snapshots.get(infoHash)?.phase === 'complete';
  return lab.clock.until(whole, 'the download is complete', withinMs);
}

/** A download at so many bytes a second, in the middle. */
async function halfWay(bytes: number, rate: number) {
  const lab = new PeerLab();
  const [sharer, receiver] = [lab.peer(), lab.peer()];
  const content = someBytes(bytes);
  const infoHash = await shared(sharer, content);
  receiver.peer.preferences.limit({ up: null, down: rate, peerUp: null, peerDown: null });
  await receiver.peer.download(infoHash);
  const half = (): boolean => (receiver.snapshots.get(infoHash)?.receivedBytes ?? 0) > bytes / 2;
  await lab.clock.until(half, 'half of it is here', (2_000 * bytes) / rate);
  return { lab, sharer, receiver, infoHash, content };
}

/** A socket that can be dead without knowing it: nothing comes and goes until it is replaced. */
function mortal(tracker: (listener: SocketListener) => TrackerSocket) {
  let dead = false;
  const port = (listener: SocketListener): TrackerSocket => {
    const socket = tracker({ ...listener, received: (text) => dead || listener.received(text) });
    return {
      get isOpen() {
        return socket.isOpen;
      },
      send: (text) => dead || socket.send(text),
      retryNow: () => socket.retryNow(),
      replace: () => {
        dead = false;
        socket.replace();
      },
      close: () => socket.close(),
    };
  };
  return { port, dies: () => (dead = true) };
}

describe('[PN10] a connection that is interrupted in the middle', () => {
  test('[PN10] [EN4] is replaced by another one, and the download goes on', async () => {
    const { lab, receiver, infoHash, content } = await halfWay(1_000_000, 100_000);
    lab.network.interrupt();
    await complete(lab, receiver, infoHash, 10 * SECOND);
    expect(await receiver.holds(infoHash, content)).toBe(true);
    expect(lab.network.pipes).toHaveLength(2);
    expect(receiver.of(infoHash).peers).toHaveLength(1);
  });

  test('[PN10] while the tracker is away is replaced when it is back', async () => {
    const { lab, receiver, infoHash, content } = await halfWay(1_000_000, 100_000);
    lab.tracker.away = true;
    await lab.clock.advance(SECOND);
    lab.network.interrupt();
    await lab.clock.advance(40 * SECOND);
    expect(lab.network.pipes).toHaveLength(1);
    lab.tracker.away = false;
    await complete(lab, receiver, infoHash, 10 * SECOND);
    expect(await receiver.holds(infoHash, content)).toBe(true);
  });
});

describe('[PN11] a sleep', () => {
  test('[PN11] in which the connections died: new ones are made at once', async () => {
    const { lab, receiver, infoHash, content } = await halfWay(1_000_000, 100_000);
    lab.network.interrupt(false);
    lab.clock.sleep(60 * SECOND);
    await complete(lab, receiver, infoHash, 10 * SECOND);
    expect(await receiver.holds(infoHash, content)).toBe(true);
    expect(lab.network.pipes).toHaveLength(2);
  });

  test('[PN11] in which the socket to the tracker died unnoticed: it is found out, and others find us', async () => {
    const lab = new PeerLab();
    const { port, dies } = mortal(lab.tracker.socket);
    const sharer = lab.peer({ tracker: port });
    const content = someBytes(300_000);
    const infoHash = await shared(sharer, content);
    await lab.clock.advance(SECOND);
    dies();
    lab.tracker.drop();
    lab.clock.sleep(60 * SECOND);
    await lab.clock.advance(2 * SECOND);
    const receiver = lab.peer();
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash, 5 * SECOND);
    expect(await receiver.holds(infoHash, content)).toBe(true);
  });

  test('[PN11] nothing stands still for longer than an announce where the socket dies and nobody sleeps', async () => {
    const lab = new PeerLab();
    const { port, dies } = mortal(lab.tracker.socket);
    const sharer = lab.peer({ tracker: port });
    const infoHash = await shared(sharer, someBytes(300_000));
    await lab.clock.advance(SECOND);
    dies();
    const receiver = lab.peer();
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash, 60 * SECOND);
  });

  test('[PN11] is told to the tracker by an announce of each share, and by nothing twice', async () => {
    const lab = new PeerLab();
    const sharer = lab.peer();
    for (const salt of [1, 2, 3]) await shared(sharer, someBytes(10, salt));
    await lab.clock.advance(SECOND);
    lab.tracker.texts.length = 0;
    lab.clock.sleep(20 * SECOND);
    await lab.clock.advance(SECOND);
    const challenge = clientText({ type: 'challenge' });
    const announces = lab.tracker.messages.filter(({ type }) => type === 'announce');
    expect(announces.map((message) => 'event' in message && message.event)).toEqual([
      'update',
      'update',
      'update',
    ]);
    expect(lab.tracker.texts.filter((text) => text === challenge)).toHaveLength(1);
    expect(lab.tracker.texts).toHaveLength(4);
  });
});

test('[AN1] [PN6] the tracker is away for an hour: what runs comes to its end, and nobody storms when it is back', async () => {
  const { lab, sharer, receiver, infoHash, content } = await halfWay(600_000, 200);
  lab.tracker.away = true;
  lab.tracker.texts.length = 0;
  await lab.clock.advance(3_600 * SECOND);
  expect(receiver.of(infoHash).phase).toBe('complete');
  expect(await receiver.holds(infoHash, content)).toBe(true);
  expect(lab.network.pipes).toHaveLength(1);
  expect(lab.tracker.texts).toEqual([]);
  lab.tracker.away = false;
  await lab.clock.advance(10 * SECOND);
  const announced = lab.tracker.messages.flatMap((message) =>
    message.type === 'announce'
      ? [`${message.peerId === sharer.id ? 'sharer' : 'receiver'} ${message.event}`]
      : [],
  );
  expect(announced.sort()).toEqual(['receiver completed', 'receiver started', 'sharer started']);
  // Challenges and proofs of both, and nothing beside.
  expect(lab.tracker.texts).toHaveLength(7);
  expect(sharer.of(infoHash).trackerOnline).toBe(true);
});
