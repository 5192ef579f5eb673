/** The command that goes on where this one ended ([HL6]), as it can be typed into a shell. Pure. */
import type { Call } from './options.ts';

/** In single quotes where it needs any. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./#~-]+$/.test(argument) && !argument.startsWith('~') && !argument.startsWith('#')
    ? argument
    : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}

export function commandLine(...words: readonly string[]): string {
  return ['shoal', ...words].map(quoted).join(' ');
}

/** The options of a call as they were given, but for some: whoever wanted relays alone wants them again. */
export function givenAgain(call: Call, options: readonly string[], but: readonly string[]): string[] {
  return options
    .filter((option) => call.has(option) && !but.includes(option))
    .flatMap((option) => {
      const values = call.list(option);
      return values.length === 0 ? [`--${option}`] : values.flatMap((value) => [`--${option}`, value]);
    });
}
