/**
 * Undoes what programs do to a link on its way ([LK4]): percent-encoding and HTML's escapes (also twice), soft line
 * breaks of mail, characters that are not seen, other scripts' forms of `#` and `-`. Linear in the text's length.
 */

/** UTF-16 units that are looked through: nobody escapes a book to send a link in it, and each escape takes its time. */
export const MOST_UNESCAPED = 262_144;
/** Escapes that were escaped again: `%252523` needs three. */
const ROUNDS = 3;
/** A character of one to three bytes of UTF-8, or a byte of something else. */
const PERCENT = /%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%[\da-f]{2}/gi;
const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi;
/** Those that stand in links, or around them. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['num', '#'],
  ['sol', '/'],
  ['lowbar', '_'],
  ['nbsp', ' '],
  ['shy', ''],
  ['zwnj', ''],
]);
const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** RFC 2045, section 6.7: `=` at the end of a line. */
const SOFT_BREAK = /=\r?\n/g;

/** What stands behind the bound stays as it is. */
export function unescaped(text: string): string {
  return unescapedWhole(text.slice(0, MOST_UNESCAPED)) + text.slice(MOST_UNESCAPED);
}

function unescapedWhole(text: string): string {
  let plain = text;
  for (let round = 0; round < ROUNDS; round++) {
    const next = plain.replace(ENTITY, entity).replace(PERCENT, percent);
    if (next === plain) break;
    plain = next;
  }
  return plain
    .replace(SOFT_BREAK, '')
    .replace(UNSEEN, '')
    .replace(/[\uff03\ufe5f]/g, '#')
    .replace(/[\u2010\u2011\u2212\ufe63\uff0d]/g, '-');
}

function entity(escape: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return NAMED.get(name.toLowerCase()) ?? escape;
  const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return point <= 0x10_ffff ? String.fromCodePoint(point) : escape;
}

/** A link has ASCII in it, and what stands around it is told from that whatever it is: this is no check of UTF-8. */
function percent(escape: string): string {
  const [first = 0, second, third] = escape
    .slice(1)
    .split('%')
    .map((hex) => Number.parseInt(hex, 16));
  if (second === undefined) return first < 0x80 ? String.fromCharCode(first) : '\ufffd';
  const two = ((first & 0x1f) << 6) | (second & 0x3f);
  return String.fromCharCode(third === undefined ? two : ((two & 0x3ff) << 6) | (third & 0x3f));
}
