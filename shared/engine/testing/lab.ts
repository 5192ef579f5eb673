/**
 * A laboratory for engines: machines with stores in memory, joined by pipes, on a clock that the test owns. All that
 * can happen next is chosen by a seeded chance, so that every run is an order of events of its own, and repeatable.
 */
import { dials, peerId } from '../../ids.ts';
import type { PeerId } from '../../ids.ts';
import { seededRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import { LabMachine } from './lab-machine.ts';
import type { MachineOptions } from './lab-machine.ts';
import { anywhere, Pipe } from './pipe.ts';
import type { Cut, Party } from './pipe.ts';

/** Somebody besides the machines who has something to do at a time. */
export interface Clocked {
  nextWakeup(): number | null;
  wake(now: number): void;
}

/** More steps than any test needs: whoever takes them goes round in circles. */
const MOST_STEPS = 2_000_000;

/** The nth id of a test, in ascending order: 1 → 0001…, so that the smaller number dials. */
export function testPeer(nth: number): PeerId {
  const id = peerId(nth.toString(16).padStart(4, '0').repeat(16));
  if (id === null) throw new Error('an id of a test');
  return id;
}

export class Lab {
  now = 1_000_000;
  readonly seed: number;
  readonly random: Random;
  readonly machines: LabMachine[] = [];
  readonly pipes: Pipe[] = [];
  readonly clocked: Clocked[] = [];
  cut: Cut = anywhere;

  constructor(seed: number) {
    this.seed = seed;
    this.random = seededRandom(seed);
  }

  machine(options: MachineOptions): LabMachine {
    const machine = new LabMachine(options, this.random, () => this.now);
    this.machines.push(machine);
    return machine;
  }

  /** Joins two parties; the smaller id dials, unless the test wants it otherwise. */
  join(
    one: Party,
    other: Party,
    how: { dialler?: Party; diallerExpects?: boolean; acceptorExpects?: boolean } = {},
  ): Pipe {
    const dialler = how.dialler ?? (dials(one.id, other.id) ? one : other);
    const acceptor = dialler === one ? other : one;
    const pipe = new Pipe(dialler, acceptor, how.diallerExpects ?? true, how.acceptorExpects ?? true);
    this.pipes.push(pipe);
    return pipe;
  }

  /** Lets everything happen that needs no time, in an order made by chance. */
  settle(): void {
    for (let steps = 0; steps < MOST_STEPS; steps++) if (!this.#step()) return;
    throw new Error(`seed ${this.seed}: it never comes to rest`);
  }

  /** Lets so many things happen, or as many as there are. */
  steps(most: number): void {
    for (let steps = 0; steps < most; steps++) if (!this.#step()) return;
  }

  /** Lets one thing happen after another, and stops in the middle as soon as something holds. */
  stopWhen(what: string, holds: () => boolean): void {
    while (!holds())
      if (!this.#step()) throw new Error(`seed ${this.seed}: not before it came to rest: ${what}`);
  }

  /** False: nothing can happen at this time any more. */
  #step(): boolean {
    const pipes = this.pipes.filter((pipe) => pipe.ready);
    const machines = this.machines.filter((machine) => machine.hasJob);
    const choices = pipes.length + machines.length;
    if (choices === 0) return false;
    const nth = this.random.below(choices);
    const pipe = pipes[nth];
    if (pipe !== undefined) pipe.step(this.random, this.cut);
    else machines[nth - pipes.length]?.work();
    return true;
  }

  /** Lets `ms` pass, waking everybody when they want to be woken. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      this.settle();
      const due = this.#nextWakeup();
      if (due === null || due > end) {
        this.now = end;
        return;
      }
      this.now = Math.max(this.now, due);
      this.#wake();
    }
    throw new Error(`seed ${this.seed}: somebody always wants to be woken`);
  }

  /** Lets time pass until something holds; throws when it does not within `ms`. */
  until(what: string, holds: () => boolean, ms = 120_000): void {
    const end = this.now + ms;
    this.settle();
    while (!holds()) {
      const due = this.#nextWakeup();
      if (due === null || due > end) throw new Error(`seed ${this.seed}: not within ${ms} ms: ${what}`);
      this.advance(Math.max(0, due - this.now));
    }
  }

  #nextWakeup(): number | null {
    const dues = [...this.machines.map((machine) => machine.engine), ...this.clocked]
      .map((one) => one.nextWakeup())
      .filter((due) => due !== null);
    return dues.length === 0 ? null : Math.min(...dues);
  }

  #wake(): void {
    for (const machine of this.machines) {
      const due = machine.engine.nextWakeup();
      if (due !== null && due <= this.now) machine.tell({ kind: 'time-passed' });
    }
    for (const one of this.clocked) {
      const due = one.nextWakeup();
      if (due !== null && due <= this.now) one.wake(this.now);
    }
  }
}
