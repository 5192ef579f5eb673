/** The contract of `OwnTabs`: who is one person with us. */
import { peerId } from '../../ids.ts';
import type { PeerId } from '../../ids.ts';
import type { OwnTabs, PeerPorts } from '../ports.ts';
import { same } from './rule.ts';
import type { Rule } from './rule.ts';

export interface OwnTabsUnderTest {
  /** For each call one more tab of the same browser. */
  readonly ownTabs: PeerPorts['ownTabs'];
  /** Of another browser, or another Shoal in this one. */
  readonly elsewhere: PeerPorts['ownTabs'];
  /** What is under way has come. */
  readonly settle: () => Promise<void>;
}

interface Tab {
  readonly tabs: OwnTabs;
  readonly met: Set<string>;
}

function idOf(digit: string): PeerId {
  const id = peerId(digit.repeat(64));
  if (id === null) throw new Error('a hex digit');
  return id;
}

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

function open(ownTabs: PeerPorts['ownTabs'], id: PeerId): Tab {
  const met = new Set<string>();
  const tabs = ownTabs((other) => met.add(other));
  tabs.here(id);
  return { tabs, met };
}

function closeAll(...opened: Tab[]): void {
  for (const { tabs } of opened) tabs.close();
}

export const ownTabsRules: readonly Rule<OwnTabsUnderTest>[] = [
  {
    name: 'tabs learn of each other, whoever came first, and of nobody elsewhere',
    check: async ({ ownTabs, elsewhere, settle }) => {
      const stranger = open(elsewhere, THREE);
      const one = open(ownTabs, ONE);
      await settle();
      const two = open(ownTabs, TWO);
      await settle();
      same([[...one.met], [...two.met], [...stranger.met]], [[TWO], [ONE], []], 'whom they met');
      closeAll(stranger, one, two);
    },
  },
  {
    name: 'another name is told of',
    check: async ({ ownTabs, settle }) => {
      const [one, two] = [open(ownTabs, ONE), open(ownTabs, TWO)];
      await settle();
      one.tabs.here(THREE);
      await settle();
      same([...two.met].sort(), [ONE, THREE], 'whom the other met');
      closeAll(one, two);
    },
  },
  {
    name: 'after its end a tab is told nothing and tells nobody',
    check: async ({ ownTabs, settle }) => {
      const one = open(ownTabs, ONE);
      await settle();
      one.tabs.close();
      const two = open(ownTabs, TWO);
      await settle();
      same([[...one.met], [...two.met]], [[], []], 'whom they met');
      closeAll(two);
    },
  },
];
