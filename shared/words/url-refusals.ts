/**
 * What is said of a web address that cannot be fetched, and what a person can do then: of what was typed ([WS10]), and of
 * what its server answers ([WS11]). On the page and in a terminal. Pure.
 */
import { unreachable } from '../assert.ts';
import type { UrlRefusal } from '../url/normal-form.ts';
import type { ProbeRefused } from '../url/probe.ts';

export function urlRefusalSentence(why: UrlRefusal): string {
  switch (why) {
    case 'not-a-url':
      return 'This is not the web address of a file. One begins with https:// or http:// and the name of a server.';
    case 'scheme':
      return 'Only web addresses that begin with https:// or http:// can be fetched.';
    case 'credentials':
      return 'This address has a user name or a password in it, which everybody who fetches it would learn. Take it out. What needs a login cannot be fetched: download it, and share the file.';
    case 'too-long':
      return 'This address is longer than 2,048 characters, which is more than a link can carry. Download the file, and share it.';
    case 'private-address':
      return 'This address leads to this device or a private network, where others cannot fetch it. Share the file itself.';
    case 'sha256':
      return 'What stands behind #sha256= is no SHA-256: it has 64 characters, digits and the letters a to f. Copy it again, or leave it out.';
    default:
      return unreachable(why);
  }
}

const WITHOUT_A_BROWSER = '“shoal fetch” in a terminal can fetch it all the same, and gives you a link.';

/** `host`: of the address, as it is shown. */
export function probeRefusalSentence({ why, status }: ProbeRefused, host: string): string {
  switch (why) {
    case 'no-cors':
      return `This browser may not read from ${host}: the server is not there, or does not let other sites’ pages read its files (CORS). ${WITHOUT_A_BROWSER}`;
    case 'not-from-here':
      return `This site does not load from web addresses itself: whoever runs it has not allowed that. ${WITHOUT_A_BROWSER}`;
    case 'mixed-content':
      return `Browsers do not let this page fetch what begins with http://. Try the address with https:// in front. ${WITHOUT_A_BROWSER}`;
    case 'unreachable':
      return `${host} cannot be reached. Check the address and your network, and try again.`;
    case 'silent':
      return `${host} does not answer. Try again in a while.`;
    case 'needs-login':
      return `${host} wants a login for this file, and logins are never passed on. Download it, and share the file.`;
    case 'refused':
      return status === 404 || status === 410
        ? `${host} has no file at this address (${status}). Check the address.`
        : `${host} does not give this file out${told(status)}. Check whether the address opens in a browser where you are not logged in.`;
    case 'busy':
      return `${host} is busy${told(status)}. Try again in a while.`;
    case 'broken-server':
      return `${host} has a fault of its own${told(status)}. Try again later.`;
    case 'too-many-redirects':
      return `${host} leads from one address to the next without an end. Look for the address that the download itself begins at.`;
    case 'insecure-redirect':
      return `${host} leads from https to http, where anybody on the way could change the file. Look for another address of it.`;
    case 'forbidden-address':
      return `${host} leads to this device or a private network, which is not asked. Share the file itself.`;
    case 'not-a-file':
      return `There is no file at this address: ${host} answers without one${told(status)}. Look for the address that the download itself begins at.`;
    case 'proxy':
      return `The proxy does not let through to ${host}, is not there or cannot be used${told(status)}. Look at https_proxy, http_proxy and no_proxy.`;
    default:
      return unreachable(why);
  }
}

/** [WS36] Of an address that is not asked from here. */
export const NOBODY_LENDS = 'Nobody who lends their connection could fetch it just now.';

/** [WS26] All of it came from the server. */
export function otherFileSentence(host: string): string {
  return `What ${host} has at this address is another file than the one with the SHA-256 that you gave. Nothing of it was kept. Check both, or leave the SHA-256 out to get whatever is there.`;
}

function told(status: number | null): string {
  return status === null ? '' : ` (it answers ${status})`;
}
