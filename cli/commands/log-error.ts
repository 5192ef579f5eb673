/** What the log may say of an error ([HL7]): which kind it is and where it came from. Sentences of errors name files. Pure. */

export function loggedError(error: unknown): { readonly error: string; readonly at?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const kind = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const frame = error.stack?.split('\n').find((line) => /^\s+at /.test(line));
  return { error: kind, ...(frame === undefined ? {} : { at: frame.trim() }) };
}
