/** The help of `shoal` and of each of its commands ([HL2]), written from the same tables that read the arguments. Pure. */
import type { Command } from './command.ts';
import type { Option, Options } from './options.ts';

const WIDTH = 80;

/** What every command can be told. */
export const COMMON_OPTIONS: Options = {
  json: { kind: 'flag', about: 'say everything as JSON, one object a line, for programs' },
  'log-level': {
    kind: 'text',
    value: 'LEVEL',
    about: 'what is logged to the standard error: silent, error, warn (otherwise), info or debug',
  },
  'log-names': { kind: 'flag', about: 'the log may say what shares are called' },
  help: { kind: 'flag', short: 'h', about: 'show this' },
};

export function helpOfAll(commands: readonly Command[]): string {
  const longest = Math.max(...commands.map(({ name }) => name.length));
  return [
    'shoal: share files straight from machine to machine, with browsers, too.',
    '',
    'Usage: shoal COMMAND [OPTIONS]',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(longest)}  ${summary}`),
    '',
    'shoal COMMAND --help tells more; shoal --version says which one this is.',
    '',
    'Exit codes: 0 done, 1 not done, 2 wrong call, 130 interrupted.',
  ].join('\n');
}

export function helpOf(command: Command): string {
  const { usage, about, options, examples } = command;
  return [
    `Usage: shoal ${usage} [OPTIONS]`,
    ...about.flatMap((paragraph) => ['', ...wrapped(paragraph, 0)]),
    '',
    'Options:',
    ...optionLines({ ...options, ...COMMON_OPTIONS }),
    '',
    'Examples:',
    ...examples.flatMap(([call, what]) => [`  shoal ${call}`, `      ${what}`]),
  ].join('\n');
}

const INDENT = 8;

function optionLines(options: Options): string[] {
  return Object.entries(options).flatMap(([name, option]) => [
    `  ${option.short === undefined ? '' : `-${option.short}, `}--${name}${valueOf(option)}`,
    ...wrapped(option.about, INDENT),
  ]);
}

function valueOf({ kind, value = 'VALUE' }: Option): string {
  if (kind === 'flag') return '';
  return kind === 'perhaps' ? ` [${value}]` : ` ${value}`;
}

function wrapped(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => ' '.repeat(indent) + one);
}
