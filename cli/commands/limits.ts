/** Limits and connections of a command that transfers ([HL12]). Pure. */
import type { RateLimits } from '../../shared/peer/verbs.ts';
import { torrentInnoChoice } from '../torrentinno/choice.ts';
import { wrongCall } from './exit.ts';
import type { Call, Options } from './options.ts';
import type { TorrentInno } from './ports.ts';
import { rateOf } from './quantities.ts';

export const LIMIT_UP: Options = {
  'limit-up': {
    kind: 'text',
    value: 'RATE',
    about: 'send at most so many bytes a second, such as 500k or 2MB',
  },
};
export const LIMIT_DOWN: Options = {
  'limit-down': { kind: 'text', value: 'RATE', about: 'fetch at most so many bytes a second' },
};
export const RELAY_OPTION: Options = {
  'relay-only': {
    kind: 'flag',
    about: 'connect through a relay (TURN) server alone, so that nobody sees your address',
  },
};
export const CONNECTION_OPTIONS: Options = {
  ...RELAY_OPTION,
  torrentinno: {
    kind: 'perhaps',
    value: 'PORT',
    about:
      'reach TorrentInno’s own clients over TCP, too, and listen for them (on PORT, or any that is free)',
  },
  'ti-tracker': { kind: 'text', value: 'URL', about: 'announce at this tracker of TorrentInno' },
  'public-ip': { kind: 'text', value: 'IP', about: 'the address that is announced there' },
};

export function limitsOf(call: Call): RateLimits {
  return {
    up: rateOf('limit-up', call.text('limit-up')),
    down: rateOf('limit-down', call.text('limit-down')),
    peerUp: null,
    peerDown: null,
  };
}

/** Null: those are not asked for. */
export function torrentInnoOf(call: Call): TorrentInno | null {
  const [tiTracker, publicIp] = [call.text('ti-tracker') ?? undefined, call.text('public-ip') ?? undefined];
  if (!call.has('torrentinno')) {
    if (tiTracker === undefined && publicIp === undefined) return null;
    throw wrongCall('--ti-tracker and --public-ip belong to --torrentinno. Add it.');
  }
  const choice = torrentInnoChoice({ torrentinno: call.text('torrentinno') ?? true, tiTracker, publicIp });
  if (choice.kind === 'wrong') throw wrongCall(choice.sentence);
  return choice.kind === 'off' ? null : choice;
}
