/** The contract of `Clock`. Real ones are waited for, others are moved on. */
import type { Clock } from '../ports.ts';
import { same } from './rule.ts';
import type { Rule } from './rule.ts';

export interface ClockSubject {
  readonly clock: Clock;
  /** Until at least so many ms have gone by and what was due then has run. */
  wait(ms: number): Promise<void>;
}

export const clockRules: readonly Rule<ClockSubject>[] = [
  {
    name: 'time goes on and never back',
    check: async ({ clock, wait }) => {
      const [before, day] = [clock.now(), clock.today()];
      await wait(20);
      // Clocks are read in steps of their own.
      same(clock.now() - before >= 15, true, 'so much time has passed');
      same(clock.today() >= day, true, 'the date has not gone back');
      same(day > Date.UTC(2020, 0, 1) && Number.isFinite(day), true, 'the date is one in ms since 1970');
    },
  },
  {
    name: 'a task runs once, not before its time, and not within the call',
    check: async ({ clock, wait }) => {
      const asked = clock.now();
      const ran: number[] = [];
      clock.after(0, () => ran.push(0));
      clock.after(30, () => ran.push(clock.now() - asked));
      same(ran, [], 'what ran within the call');
      await wait(60);
      same(ran.length, 2, 'tasks that ran');
      same((ran[1] ?? 0) >= 29, true, 'the second came in time');
      await wait(40);
      same(ran.length, 2, 'tasks that ran, later');
    },
  },
  {
    name: 'tasks run in the order in which they are due',
    check: async ({ clock, wait }) => {
      const ran: string[] = [];
      clock.after(40, () => ran.push('late'));
      clock.after(5, () => ran.push('early'));
      clock.after(5, () => ran.push('early too'));
      await wait(80);
      same(ran, ['early', 'early too', 'late'], 'the order');
    },
  },
  {
    name: 'a task that is cancelled does not run, and may be cancelled again',
    check: async ({ clock, wait }) => {
      const ran: string[] = [];
      const cancel = clock.after(5, () => ran.push('cancelled'));
      const done = clock.after(5, () => ran.push('done'));
      cancel();
      cancel();
      await wait(30);
      done();
      same(ran, ['done'], 'what ran');
    },
  },
];
