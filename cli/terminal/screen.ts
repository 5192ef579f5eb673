/**
 * Types only: where a command says what it has to say ([HL4]). One that is for people, on a terminal or in a file, and
 * one for machines; a command does not know which.
 */
import type { Said } from './said.ts';

export interface Screen {
  /** For machines: lines are JSON, and nothing is drawn. */
  readonly isForMachines: boolean;
  tell(said: Said): void;
  /** Bytes for the standard output, as they are. */
  raw(bytes: Uint8Array): void;
  /** A line of the log: it stands above what moves. */
  log(line: string): void;
  /** Nothing moves any more. */
  close(): void;
}

/** A standard output. */
export interface Out {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string | Uint8Array): unknown;
}

export interface Outputs {
  readonly out: Out;
  readonly err: Out;
}
