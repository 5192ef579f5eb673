/**
 * [SA4] How a response names the file that it becomes: RFC 6266 with the exact name in RFC 5987's encoding, and an
 * ASCII stand-in for whoever cannot read that.
 */

/** RFC 5987's attr-char is smaller than what `encodeURIComponent` leaves alone. */
const NOT_ATTR_CHAR = /['()*]/g;

export function attachment(name: string): string {
  const exact = encodeURIComponent(name.toWellFormed()).replace(
    NOT_ATTR_CHAR,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  // Letters lose their accents; quotes would end the string and some readers decode percent signs.
  const plain = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^ -~]|["%\\]/gu, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
