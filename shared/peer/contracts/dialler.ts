/** The contract of `Dialler`: two of them whose signals are carried by hand. */
import type { LinkRole } from '../../engine/io.ts';
import type { Attempt, Dialler, Link } from '../ports.ts';
import type { Signal } from '../signals.ts';
import { same } from './rule.ts';
import type { Rule } from './rule.ts';

export interface DiallerSubject {
  readonly here: Dialler;
  readonly there: Dialler;
  /** Until all that is under way has come. */
  settle(): Promise<void>;
}

export const diallerRules: readonly Rule<DiallerSubject>[] = [
  {
    name: '[PN1] the dialler speaks first, and each side gets a link that carries',
    check: async ({ here, there, settle }) => {
      const [dialler, acceptor] = await connected(here, there, settle);
      same(dialler.signals[0]?.type, 'offer', 'the first signal');
      same(acceptor.signals[0]?.type, 'answer', 'the first signal of the other side');
      same(
        [dialler.links.length, acceptor.links.length, dialler.ends, acceptor.ends],
        [1, 1, 0, 0],
        'links, ends',
      );
      const heard: number[] = [];
      acceptor.links[0]?.listen({
        received: (bytes) => heard.push(...bytes),
        sent: () => undefined,
        closed: () => undefined,
      });
      dialler.links[0]?.listen({ received: () => undefined, sent: () => undefined, closed: () => undefined });
      dialler.links[0]?.send(new Uint8Array([1, 2, 3]));
      await settle();
      same(heard, [1, 2, 3], 'bytes that came');
    },
  },
  {
    name: '[PN5] an attempt that is given up ends, once, and never opens',
    check: async ({ here, there, settle }) => {
      const dialler = await begun(here, 'dialler');
      await settle();
      dialler.attempt?.close();
      dialler.attempt?.close();
      const acceptor = await begun(there, 'acceptor');
      acceptor.attempt?.signal(dialler.signals);
      await settle();
      dialler.attempt?.signal(acceptor.signals);
      await settle();
      same([dialler.ends, dialler.links.length], [1, 0], 'ends and links');
    },
  },
  {
    name: '[PN5] the end of an open connection is told at both sides, once',
    check: async ({ here, there, settle }) => {
      const [dialler, acceptor] = await connected(here, there, settle);
      acceptor.attempt?.close();
      await settle();
      dialler.attempt?.close();
      await settle();
      same([dialler.ends, acceptor.ends], [1, 1], 'ends');
    },
  },
  {
    name: '[PN5] who closes the link ends the connection',
    check: async ({ here, there, settle }) => {
      const [dialler, acceptor] = await connected(here, there, settle);
      dialler.links[0]?.listen({ received: () => undefined, sent: () => undefined, closed: () => undefined });
      dialler.links[0]?.close();
      await settle();
      same([dialler.ends, acceptor.ends], [1, 1], 'ends');
    },
  },
  {
    name: '[PN5] several attempts at a time do not mix',
    check: async ({ here, there, settle }) => {
      const first = await begun(here, 'dialler');
      const second = await begun(here, 'dialler');
      await settle();
      const acceptor = await begun(there, 'acceptor');
      acceptor.attempt?.signal(second.signals);
      await settle();
      second.attempt?.signal(acceptor.signals);
      await settle();
      same([first.links.length, second.links.length, acceptor.links.length], [0, 1, 1], 'links');
    },
  },
];

interface Told {
  attempt: Attempt | null;
  readonly signals: Signal[];
  readonly links: Link[];
  ends: number;
}

async function begun(dialler: Dialler, role: LinkRole): Promise<Told> {
  const told: Told = { attempt: null, signals: [], links: [], ends: 0 };
  told.attempt = await dialler.begin(role, {
    signalled: (signals) => told.signals.push(...(signals as Signal[])),
    opened: (link) => told.links.push(link),
    interrupted: () => undefined,
    ended: () => (told.ends += 1),
  });
  return told;
}

async function connected(here: Dialler, there: Dialler, settle: () => Promise<void>): Promise<[Told, Told]> {
  const dialler = await begun(here, 'dialler');
  await settle();
  const acceptor = await begun(there, 'acceptor');
  acceptor.attempt?.signal(dialler.signals);
  await settle();
  dialler.attempt?.signal(acceptor.signals);
  await settle();
  return [dialler, acceptor];
}
