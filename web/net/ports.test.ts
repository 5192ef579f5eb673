/**
 * The browser's connections, from simple-peer on the page to the worker's ports, keep what every implementation of
 * `Link` and `Dialler` keeps.
 */
import { afterEach, beforeEach, describe, test, vi } from 'vitest';
import { diallerRules } from '../../shared/peer/contracts/dialler.ts';
import { concatenated, linkRules } from '../../shared/peer/contracts/link.ts';
import type { LinkPath } from '../../shared/peer/ports.ts';
import { PageDialler } from '../worker/page-dialler.ts';
import { PortLink } from '../worker/port-link.ts';
import { PageLinks } from './links.ts';
import { MessageBudget } from '../../shared/peer/message-budget.ts';
import { PeerLink } from './peer-link.ts';
import { delivered, FakePeer, MeetingPeer } from './simple-peer.fixture.ts';

vi.mock('simple-peer/simplepeer.min.js', async () => ({
  default: (await import('./simple-peer.fixture.ts')).MeetingPeer,
}));

const ports: MessagePort[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  FakePeer.made.length = 0;
});
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
  vi.useRealTimers();
});

/** Longer than signals and small frames wait for more of their kind. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) {
    await delivered();
    await vi.advanceTimersByTimeAsync(20);
  }
  await delivered();
}

async function openedLink(): Promise<{ link: PortLink; far: MeetingPeer; near: FakePeer }> {
  const opened = new Promise<PortLink>((resolve) => {
    new PeerLink('dialler', {}, new MessageBudget(), {
      signals: () => undefined,
      opened: (port: MessagePort, path: LinkPath) => resolve(new PortLink(port, path)),
      interrupted: () => undefined,
      ended: () => undefined,
    });
  });
  const [near] = FakePeer.made;
  if (!(near instanceof MeetingPeer)) throw new Error('nothing was made');
  const far = new MeetingPeer({ initiator: false, trickle: true, config: { iceServers: [] } });
  near.meet(far);
  return { link: await opened, far, near };
}

describe('a connection, from the network to the worker', () => {
  test.each(linkRules)('[PE1] $name', async ({ check }) => {
    const { link, far, near } = await openedLink();
    await check({
      link,
      far: {
        send: (bytes) => far.channel.send(bytes.buffer),
        close: () => far.destroy(),
        received: () => concatenated(near.channel.messages),
        closed: () => far.destroyed,
      },
      settle,
    });
  });
});

function pageDialler(): PageDialler {
  const links = new PageLinks(
    {
      attemptSignalled: (attempt, signals) => dialler.signalled(attempt, signals),
      attemptOpened: (attempt, port, path) => {
        ports.push(port);
        dialler.opened(attempt, port, path);
      },
      attemptInterrupted: (attempt) => dialler.interrupted(attempt),
      attemptEnded: (attempt) => dialler.ended(attempt),
    },
    async (role, listener) => new PeerLink(role, {}, new MessageBudget(), listener),
  );
  const dialler: PageDialler = new PageDialler(links, async () => false);
  return dialler;
}

describe('connections that the worker has the page make', () => {
  test.each(diallerRules)('[PE1] $name', ({ check }) =>
    check({ here: pageDialler(), there: pageDialler(), settle }),
  );
});
