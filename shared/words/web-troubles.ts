/** What is in the way of a server on the web that is asked for parts of a file ([WS3]), on the page and in a terminal. Pure. */
import type { TransferSnapshot } from '../peer/verbs.ts';

type RangeTrouble = NonNullable<TransferSnapshot['webSeeds'][number]['trouble']>;

/** Of one that a page asks. */
export const WEB_TROUBLES: Readonly<Record<RangeTrouble, string>> = {
  'no-ranges': 'The server sends the whole file alone, and no part of it.',
  'other-size': 'The file there has another size: it is not the one that was shared.',
  changed: 'The file there was changed meanwhile: it is another one.',
  refused: 'The server does not give it out: it is gone, or not for everybody.',
  'needs-login': 'The server wants a login.',
  busy: 'The server is busy.',
  unreachable: 'The server cannot be reached, or does not let pages of other sites read it.',
  'forbidden-address': 'The address begins with http://, and a page can load only from https://.',
  'too-many-redirects': 'The address leads to another one, again and again.',
  'cut-short': 'The answer broke off.',
  silent: 'The server did not answer in time.',
  'other-content': 'What came from there is not what was shared.',
};

/** Of one that is asked without a browser. */
export const WEB_TROUBLES_WITHOUT_A_PAGE: typeof WEB_TROUBLES = {
  ...WEB_TROUBLES,
  unreachable: 'The server cannot be reached.',
  'forbidden-address':
    'The server is at an address of this device or of a private network, which is not asked.',
};
