/** A link as a picture in characters ([HL10]): uqr's own renderer for terminals. Loaded when it is asked for. */
import { renderUnicodeCompact } from 'uqr';

const ESC = '\u001b';

/** `isTTY`: black on white whatever colours the terminal has, as cameras like it. */
export function qrLines(link: string, isTTY: boolean): string {
  const lines = renderUnicodeCompact(link, { ecc: 'L', border: 2 }).split('\n');
  return (isTTY ? lines.map((line) => `${ESC}[97;40m${line}${ESC}[0m`) : lines).join('\n');
}
