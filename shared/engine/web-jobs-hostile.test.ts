/** [WS31] Lenders that are none, through the only door of the machine. */
import { expect, test } from 'vitest';
import { Lab, testPeer } from './testing/lab.ts';
import { ScriptedPeer, bitsOf } from './testing/scripted-peer.ts';
import { evenPieces, makeShare } from './testing/share.ts';

const SHARE = makeShare({ pieces: evenPieces(1, 13) });
const JOB = { url: 'https://mirror.example/1', facts: { size: 1_000, etag: null, lastModified: null } };

test.each([true, false])(
  '[WS31] sixteen that only pretend to lend keep nobody from being asked (they say taken: %s)',
  (says) => {
    const lab = new Lab(1);
    const asker = lab.machine({ id: testPeer(1), share: SHARE, as: 'knows', lending: 'asks' });
    asker.tell({ kind: 'web-jobs-wanted', jobs: [JOB] });
    for (let nth = 0; nth < 16; nth++)
      lab.join(
        asker,
        new ScriptedPeer(testPeer(100 + nth), SHARE.infoHash, (heard, self) => {
          if (heard.kind === 'handshake')
            self.say({ kind: 'capability' }, { kind: 'bitfield', bits: bitsOf(1, [0]) });
          if (heard.kind === 'web-job' && says)
            self.say({ kind: 'web-job-answer', job: 0, answer: 'taken', found: new Uint8Array() });
        }),
      );
    lab.advance(1_000);
    const lender = lab.machine({ id: testPeer(2), share: SHARE, as: 'seed', lending: 'lends' });
    lab.join(asker, lender);
    lab.advance(600_000);
    expect(lender.reports.filter(({ kind }) => kind === 'web-job-asked')).toHaveLength(1);
  },
);
