/** Names as people, systems and attackers give them, for property tests of [MF6]. */
import fc from 'fast-check';

/** Names made of what the rules are about. */
const fragments = fc.constantFrom(
  ...[
    '.',
    '..',
    ' ',
    '/',
    '\\',
    ':',
    'C:',
    'con',
    'NUL',
    'com¹',
    'LPT9',
    'CONIN$',
    'aux',
    '.txt',
    '.tar.gz',
    'a',
    'B',
    'é',
    'ß',
    '😀',
  ],
  ...[
    '\0',
    '\n',
    '\u007f',
    '\u0085',
    '\ud800',
    '\udc00',
    'x'.repeat(120),
    '€'.repeat(84),
    ' '.repeat(250),
    '_',
    '\u0301',
    'İ',
    '\u200e',
    '\u202e',
    '\u00ad',
  ],
);
export const name = fc.oneof(
  fc.array(fragments, { maxLength: 6 }).map((parts) => parts.join('')),
  fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
);

/** Few names, so that they meet often. */
export const meeting = fc.array(
  fc.array(
    fc.constantFrom(
      'a',
      'A',
      'b',
      'a (2)',
      'a.txt',
      'A.TXT',
      'e\u0301',
      '\u00e9',
      'É',
      'x'.repeat(255),
      'X'.repeat(255),
      'a.',
      'A. ',
      'b\u200e',
      'a (2)\u202e',
      'con',
      '_con',
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  { maxLength: 14 },
);
