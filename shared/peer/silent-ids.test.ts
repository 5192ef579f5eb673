/** Ids that somebody announces and that never answer: they cost a newcomer a few seconds at most ([SW8] [MX4]). */
import { expect, test } from 'vitest';
import type { PeerId } from '../ids.ts';
import { swarmOf } from '../manifest/link.ts';
import { serverText } from '../tracker/messages.ts';
import { infoHashOf, PeerLab, requestOf, someBytes } from './testing/test-peer.ts';

const SILENT = 400;
const MARK = 'dead0000';

function silentId(nth: number): string {
  return `8${nth.toString(16).padStart(15, '0')}${MARK}`.padEnd(64, '0');
}

function idOf(beginning: string): PeerId {
  return beginning.padEnd(64, '0') as PeerId;
}

test.each([
  ['dials', '10', 'f0'],
  ['is dialled by', 'f0', '10'],
])(
  '[SW8] a newcomer that %s the one sharer among 400 silent ids has the list of files within 5 s',
  async (_, newcomer, sharer) => {
    const lab = new PeerLab();
    // What is said to them is lost.
    const heard = lab.tracker.heard.bind(lab.tracker);
    lab.tracker.heard = (socket, text) => (text.includes(MARK) ? undefined : heard(socket, text));
    const sharing = lab.peer({ id: idOf(sharer) });
    const outcome = await sharing.peer.share(requestOf([['film.bin', someBytes(100_000)]]));
    const infoHash = infoHashOf(outcome);
    const swarm = await swarmOf(infoHash);
    const name = async (): Promise<void> => {
      for (let nth = 0; nth < SILENT; nth++)
        lab.tracker.say(
          serverText({ type: 'joined', swarm, peerId: silentId(nth) as never, seed: nth % 2 === 0 }),
        );
      await lab.clock.advance(10);
    };
    await lab.clock.advance(10);
    await name();
    await lab.clock.advance(20_000);
    const receiver = lab.peer({ id: idOf(newcomer) });
    const opened = receiver.peer.open(infoHash);
    await lab.clock.advance(10);
    await opened;
    await name();
    await lab.clock.until(
      () => receiver.snapshots.get(infoHash)?.phase === 'ready',
      'the list of files is here',
      5_000,
    );
    expect(receiver.broken).toEqual([]);
  },
  60_000,
);
