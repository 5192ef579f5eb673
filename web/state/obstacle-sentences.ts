/** Why nothing works in this browser or at this address ([UI6]). Pure. Where no script of ours is understood `index.html` says so. */
import { unreachable } from '../../shared/assert.ts';
import type { Need, Obstacle } from './surroundings.ts';

export function obstacleSentence(obstacle: Obstacle): string {
  return obstacle.kind === 'insecure'
    ? 'Browsers allow what this page needs only over https or on localhost, and this address is neither. Open it with https://, or ask whoever runs it to switch that on.'
    : 'This browser lacks what is listed below, and Shoal needs it. Use a current version of Firefox, Chrome, Edge or Safari.';
}

export function needSentence(need: Need): string {
  switch (need) {
    case 'language':
      return 'The JavaScript that the page is written in: this browser is too old for it.';
    case 'crypto':
      return 'Web Cryptography, to check files for damage.';
    case 'worker':
      return 'Web Workers, to read and check files while the page stays usable.';
    case 'channels':
      return 'WebRTC data channels, to connect to other browsers. Some browsers have them and can switch them on.';
    default:
      return unreachable(need);
  }
}
