/**
 * The composition root of `shoal` as a process: arguments, streams, signals and the real doors. The first signal asks the
 * command to end, the second ends it ([HL6]); an output that nobody reads any more ends it quietly.
 */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { runShoal } from './commands/run.ts';
import { INTERRUPTED } from './commands/exit.ts';
import { doors } from './doors.ts';
import { endsOnBrokenPipe } from './terminal/broken-pipe.ts';
import { HumanScreen } from './terminal/human-screen.ts';
import { JsonScreen } from './terminal/json-screen.ts';
import type { Screen } from './terminal/screen.ts';

const { stdout: out, stderr: err, env } = process;
const interruption = new AbortController();
/** ms from the end of the command to that of the process, at the latest. */
const PATIENCE_MS = 5_000;
const HASTE_MS = 500;
let screen: Screen | null = null;
let hasLostTerminal = false;

function interrupt(signal: NodeJS.Signals): void {
  if (signal === 'SIGHUP') hasLostTerminal = out.isTTY || err.isTTY;
  if (interruption.signal.aborted)
    process.exit(signal === 'SIGINT' ? INTERRUPTED : 128 + constants.signals[signal]);
  interruption.abort();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
endsOnBrokenPipe([out, err], () => interruption.abort());

const now = (): number => performance.now();
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// However it ends, the terminal gets its cursor back.
process.on('exit', () => {
  screen?.close();
  if (hasLostTerminal) endByHangup();
});

/** As any program whose terminal was closed. Node 20 and 22 would abort: they cannot set back a terminal that has gone. */
function endByHangup(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}

const exitCode = await runShoal(process.argv.slice(2), {
  ...{ doors, out, err, env, version },
  folder: process.cwd(),
  interrupted: interruption.signal,
  screenFor: async (kind) => {
    screen =
      kind === 'machines'
        ? new JsonScreen({ out, err }, now)
        : new HumanScreen({ out, err, now, blocks: hasBlocks(), orders: env['TERM'] !== 'dumb' });
    return screen;
  },
  logFor: async (level, to) => (await import('./terminal/log.ts')).openLog(level, (line) => to.log(line)),
});

process.exitCode = exitCode;
// It ends by itself as soon as nothing is open. What a library keeps open, or what goes on reading, does not hold it up.
setTimeout(() => process.exit(exitCode), exitCode === INTERRUPTED ? HASTE_MS : PATIENCE_MS).unref();

/** A terminal of an older kind, or one that was told to be. */
function hasBlocks(): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return process.platform === 'win32' || (/utf-?8/i.test(locale) && env['TERM'] !== 'linux');
}
