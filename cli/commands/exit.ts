/** How a command ends ([HL3]). What it is told wrong, and what the world gets in its way with, ends it with a sentence. */

export const DONE = 0;
export const NOT_DONE = 1;
export const WRONG_CALL = 2;
export const INTERRUPTED = 130;

export type ExitCode = typeof DONE | typeof NOT_DONE | typeof WRONG_CALL | typeof INTERRUPTED;

/** Thrown where a command cannot go on: the sentence says what happened and what to do. */
export class Ended extends Error {
  readonly exit: ExitCode;

  constructor(exit: ExitCode, message: string) {
    super(message);
    this.exit = exit;
  }
}

/** The command was called as it cannot be. */
export function wrongCall(message: string): Ended {
  return new Ended(WRONG_CALL, message);
}

/** The call was right, and it could not be done. */
export function notDone(message: string): Ended {
  return new Ended(NOT_DONE, message);
}
