/** Types only: what a command is, and what it finds around it. */
import type { Screen } from '../terminal/screen.ts';
import type { ExitCode } from './exit.ts';
import type { Call, Operands, Options } from './options.ts';
import type { Doors } from './ports.ts';

/** What is written down for who looks for a fault ([HL7]). */
export interface Log {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export interface Here {
  readonly doors: Doors;
  readonly screen: Screen;
  readonly log: Log;
  /** What the log may say of a name: itself, or nothing. */
  readonly logName: (name: string) => object;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The standard output is a terminal. */
  readonly isShown: boolean;
  /** Somebody wants it to end now. */
  readonly interrupted: AbortSignal;
}

export interface Command {
  readonly name: string;
  /** One line, for the list of all. */
  readonly summary: string;
  /** How it is called, without `shoal`. */
  readonly usage: string;
  /** Paragraphs. */
  readonly about: readonly string[];
  readonly operands: Operands;
  readonly options: Options;
  readonly examples: readonly (readonly [call: string, what: string])[];
  run(call: Call, here: Here): Promise<ExitCode>;
}
