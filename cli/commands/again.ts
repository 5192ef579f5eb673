/** The command that goes on where this one ended ([HL6]), as it can be typed into a shell. Pure. */

/** In single quotes where it needs any. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./#~-]+$/.test(argument) && !argument.startsWith('~') && !argument.startsWith('#')
    ? argument
    : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}

export function commandLine(...words: readonly string[]): string {
  return ['shoal', ...words].map(quoted).join(' ');
}
