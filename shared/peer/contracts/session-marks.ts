/** The promises of `SessionMarks` ([LB8]), for every implementation. */
import type { SessionMarks } from '../session-marks.ts';
import { ONE, TWO } from './filled-piece.ts';
import { same } from './rule.ts';
import type { Rule } from './rule.ts';

/** Opens the rule's marks, again if they were opened before. */
export type OpenMarks = () => Promise<SessionMarks>;

export interface MarksRule extends Rule<OpenMarks> {
  /** Only for those that keep what is in them when they are opened anew. */
  readonly lastingOnly?: boolean;
}

async function unchecked(marks: SessionMarks): Promise<boolean[]> {
  return Promise.all([ONE, TWO].map((infoHash) => marks.isUnchecked(infoHash)));
}

export const marksRules: readonly MarksRule[] = [
  {
    name: '[LB8] after a session that ended nothing is unchecked',
    check: async (open) => {
      const marks = await open();
      same(await unchecked(marks), [false, false], 'before any session');
      await marks.begun([ONE, TWO]);
      same(await unchecked(marks), [false, false], 'in the first session');
      await marks.ended();
      await marks.begun([ONE, TWO]);
      same(await unchecked(marks), [false, false], 'in the second one');
    },
  },
  {
    name: '[LB8] after one that did not, every share is unchecked until it was checked, however many sessions later',
    check: async (open) => {
      const marks = await open();
      await marks.begun([]);
      await marks.begun([ONE, TWO]);
      same(await unchecked(marks), [true, true], 'after the first');
      await marks.checked(ONE);
      await marks.ended();
      await marks.begun([ONE, TWO]);
      same(await unchecked(marks), [false, true], 'after one that ended');
      await marks.begun([ONE]);
      same(await unchecked(marks), [true, true], 'after another that did not');
      for (const infoHash of [ONE, TWO, ONE]) await marks.checked(infoHash);
      same(await unchecked(marks), [false, false], 'when all were checked');
    },
  },
  {
    name: '[LB8] a session that is killed leaves its mark',
    lastingOnly: true,
    check: async (open) => {
      await (await open()).begun([]);
      await (await open()).begun([TWO]);
      same(await unchecked(await open()), [false, true], 'unchecked');
    },
  },
];
