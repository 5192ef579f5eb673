/** The parser of the URL standard, which every platform has as a class of the same name and behaviour. Knows no rules of ours. */

export interface ParsedUrl {
  readonly href: string;
  /** With its colon. */
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  /** With its port, unless that goes without saying. */
  readonly host: string;
  readonly hostname: string;
  readonly pathname: string;
  /** With its `#`; empty where nothing follows it. */
  readonly hash: string;
}

/** The one class of the platform in here: it needs no clock, no chance and no network. */
declare const URL: new (text: string, base?: string) => ParsedUrl;

/** Null: the text is no address. */
export function parsedUrl(text: string, base?: string): ParsedUrl | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
