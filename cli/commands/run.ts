/**
 * One call of `shoal`, from its words to its exit code ([HL1]–[HL3]): finds the command, reads what it was told, runs it,
 * and says how it ended. Knows no process: words, outputs, doors and the wish to end are arguments.
 */
import type { Screen, Outputs } from '../terminal/screen.ts';
import type { Command, Here, Log } from './command.ts';
import { create } from './create.ts';
import { fetchCommand } from './fetch.ts';
import { DONE, Ended, INTERRUPTED, NOT_DONE, WRONG_CALL, wrongCall } from './exit.ts';
import type { ExitCode } from './exit.ts';
import { get } from './get.ts';
import { COMMON_OPTIONS, helpOf, helpOfAll } from './help.ts';
import { info } from './info.ts';
import { logLevelOf } from './log-level.ts';
import type { LogLevel } from './log-level.ts';
import { nearest, readCall } from './options.ts';
import type { Call } from './options.ts';
import type { Doors } from './ports.ts';
import { search } from './search.ts';
import { lend } from './lend.ts';
import { seed } from './seed.ts';
import { share } from './share.ts';
import { verify } from './verify.ts';

export const COMMANDS: readonly Command[] = [
  share,
  get,
  fetchCommand,
  seed,
  lend,
  create,
  info,
  verify,
  search,
];

export interface World extends Outputs {
  readonly doors: Doors;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly interrupted: AbortSignal;
  readonly screenFor: (kind: 'people' | 'machines') => Promise<Screen>;
  readonly logFor: (level: LogLevel, screen: Screen) => Promise<Log>;
}

export async function runShoal(words: readonly string[], world: World): Promise<ExitCode> {
  const [name, ...rest] = words;
  if (name === undefined) {
    world.err.write(`${helpOfAll(COMMANDS)}\n`);
    return WRONG_CALL;
  }
  if (name === '--help' || name === '-h') {
    world.out.write(`${helpOfAll(COMMANDS)}\n`);
    return DONE;
  }
  if (name === 'help') return helped(rest, world);
  if (name === '--version' || name === '-V') {
    world.out.write(`${world.version}\n`);
    return DONE;
  }
  const command = COMMANDS.find((one) => one.name === name);
  const screen = await world.screenFor(wantsJson(words) ? 'machines' : 'people');
  try {
    if (command === undefined) throw unknownCommand(name);
    if (wantsHelp(rest)) {
      world.out.write(`${helpOf(command)}\n`);
      return DONE;
    }
    return await ran(command, rest, screen, world);
  } catch (error) {
    return told(error, screen, command);
  } finally {
    screen.close();
  }
}

function helped([name]: readonly string[], world: World): ExitCode {
  const command = COMMANDS.find((one) => one.name === name);
  if (name !== undefined && command === undefined) {
    world.err.write(`${unknownCommand(name).message}\n`);
    return WRONG_CALL;
  }
  world.out.write(`${command === undefined ? helpOfAll(COMMANDS) : helpOf(command)}\n`);
  return DONE;
}

function unknownCommand(name: string): Ended {
  if (name.startsWith('-')) return wrongCall(`The command comes first, then ${name}: shoal COMMAND ${name}.`);
  const near = nearest(
    name,
    COMMANDS.map((one) => one.name),
  );
  return wrongCall(
    `There is no command ${JSON.stringify(name)}.${near === null ? '' : ` Did you mean ${near}?`}`,
  );
}

/** Before the arguments are read: also what is wrong with them is said as it was wished. */
function wantsJson(words: readonly string[]): boolean {
  return before(words).includes('--json');
}

function wantsHelp(words: readonly string[]): boolean {
  return before(words).some((word) => word === '--help' || word === '-h');
}

/** What stands behind `--` are no options. */
function before(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  return end < 0 ? words : words.slice(0, end);
}

async function ran(
  command: Command,
  words: readonly string[],
  screen: Screen,
  world: World,
): Promise<ExitCode> {
  const call = readCall(words, { ...command.options, ...COMMON_OPTIONS }, command.operands);
  const log = await world.logFor(logLevelOf(call.text('log-level')), screen);
  return command.run(call, hereOf(call, screen, log, world));
}

function hereOf(call: Call, screen: Screen, log: Log, world: World): Here {
  const { doors, folder, env, interrupted, out } = world;
  const logName = (name: string): object => (call.has('log-names') ? { name } : {});
  return { doors, screen, log, logName, folder, env, interrupted, isShown: out.isTTY === true };
}

/** The sentence for how it ended. */
function told(error: unknown, screen: Screen, command: Command | undefined): ExitCode {
  if (!(error instanceof Ended)) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    screen.tell({ type: 'error', exit: NOT_DONE, message: `Something in Shoal broke: ${what}` });
    return NOT_DONE;
  }
  const { exit, message } = error;
  if (exit === INTERRUPTED) screen.tell({ type: 'interrupted', message });
  else
    screen.tell({
      type: 'error',
      exit,
      message: exit === WRONG_CALL ? `${message}\n${seeHelp(command)}` : message,
    });
  return exit;
}

function seeHelp(command: Command | undefined): string {
  return command === undefined ? 'shoal --help lists all commands.' : `See: shoal ${command.name} --help`;
}
