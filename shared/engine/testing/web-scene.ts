/** The swarm of one web address ([WS20]) for tests: a file that everybody cuts alike, its server, and a member that loads it. */
import { unhashedManifest } from '../../manifest/unhashed.ts';
import type { WebFacts } from '../../protocol/web-texts.ts';
import { Lab, testPeer } from './lab.ts';
import type { LabMachine, MachineOptions } from './lab-machine.ts';
import { Origin } from './origin.ts';
import type { OriginOptions } from './origin.ts';
import { makeShare } from './share.ts';
import type { TestShare } from './share.ts';

export const URL = 'https://example.org/film.bin';
export const SIZE = 10_000_000;

/** As anybody makes it of the address and the size; the bytes are what the server has. */
export const SHARE: TestShare = (() => {
  const manifest = unhashedManifest({ url: URL, name: 'film.bin', size: SIZE });
  if (manifest === null) throw new Error('a file that a share may hold');
  const share = makeShare({ pieces: manifest.pieces.map(({ size }) => size) });
  return { ...share, manifest };
})();
export const FACTS: WebFacts = { size: SIZE, etag: '"1"', lastModified: null };

export interface Scene {
  readonly lab: Lab;
  readonly machine: LabMachine;
  readonly origin: Origin;
}

export function member(lab: Lab, nth: number, more: Partial<MachineOptions> = {}): LabMachine {
  return lab.machine({ id: testPeer(nth), share: SHARE, as: 'knows', web: { facts: FACTS }, ...more });
}

export function originOf(lab: Lab, machine: LabMachine, options: Partial<OriginOptions> = {}): Origin {
  const files = new Map([[URL, SHARE.bytes]]);
  const origin = new Origin({ now: () => lab.now, random: lab.random, files, rate: 2_000_000, ...options });
  lab.clocked.push(origin);
  machine.origin = origin;
  return origin;
}

export function scene(
  seed = 1,
  options: Partial<OriginOptions> = {},
  more: Partial<MachineOptions> = {},
): Scene {
  const lab = new Lab(seed);
  const machine = member(lab, 5, more);
  return { lab, machine, origin: originOf(lab, machine, options) };
}

export function begin({ machine }: Pick<Scene, 'machine'>, asksServer = true): void {
  machine.tell({ kind: 'web-seeds-allowed', allowed: asksServer });
  machine.tell({ kind: 'download-requested' });
}

export const isDone = (machine: LabMachine): boolean =>
  machine.snapshot.phase === 'complete' && machine.snapshot.web?.pending === 0;
export const isRight = (machine: LabMachine): boolean =>
  machine.content !== null && Buffer.compare(machine.content, SHARE.bytes) === 0;
