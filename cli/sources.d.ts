/** See `sources.js`. */
export const NOT_BUILT: RegExp;
export function sourcesMark(root: string): string;
