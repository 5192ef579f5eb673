/**
 * In the browser: what a stranger does to somebody else's page. Each attack goes on for its time, or until it is ended,
 * and says how much of it there was.
 */
import { HostileMember, within } from './hostile-member.ts';
import {
  candidateBombs,
  comeAgain,
  Count,
  drip,
  flooding,
  floodTogether,
  garbage,
  giveManifest,
  hugeOffers,
  largeFrames,
  manyChannels,
  mute,
  wait,
  stay,
  TINY_ONES,
} from './hostile-speech.ts';
import type { Field, Order } from './hostile-speech.ts';

/** ms for an attack to come to its first word, and from its beginning to its end. */
const BEGUN_WITHIN_MS = 5_000;
const LONGEST_MS = 60_000;
const MOST_PROVED = 40;

interface Kind {
  readonly ids: number;
  run(field: Field): Promise<unknown>;
}

const KINDS = {
  'candidate-bombs': {
    ids: 2,
    run: (field) =>
      candidateBombs(field, [
        [60, 60],
        [150, 60],
        [60, 16],
      ]),
  },
  attempts: { ids: 40, run: (field) => candidateBombs(field, [[1, 32]]) },
  'tiny-messages': {
    ids: 1,
    run: (field) =>
      comeAgain(
        field,
        flooding(() => TINY_ONES, 800),
      ),
  },
  'floods-again': {
    ids: 12,
    run: (field) =>
      comeAgain(
        field,
        flooding(() => TINY_ONES, 5),
      ),
  },
  'floods-together': { ids: 32, run: floodTogether },
  garbage: { ids: 4, run: (field) => comeAgain(field, flooding(garbage)) },
  'large-frames': { ids: 3, run: (field) => comeAgain(field, largeFrames()) },
  'reconnecting-peers': { ids: 8, run: (field) => comeAgain(field, mute) },
  channels: { ids: 4, run: (field) => Promise.all([comeAgain(field, manyChannels), hugeOffers(field)]) },
  'mute-peers': { ids: 8, run: (field) => stay(field, mute) },
  'dripping-peers': { ids: 8, run: (field) => stay(field, drip) },
  'silent-ids': { ids: 400, run: wait },
  'hostile-manifest': { ids: 1, run: (field) => stay(field, giveManifest) },
} as const satisfies Readonly<Record<string, Kind>>;

export type AttackOfPage = keyof typeof KINDS;

let ending = false;
let running: Promise<string> = Promise.resolve('');

/** Resolves when it is under way; it goes on by itself then. */
async function begin(name: AttackOfPage, order: Order): Promise<void> {
  const { ids, run }: Kind = KINDS[name];
  ending = false;
  const members = await join(ids, order);
  const own = new Set(members.map(({ id }) => id));
  const targets = [...new Set(members.flatMap(({ peers }) => [...peers]))].filter((id) => !own.has(id));
  const count = new Count();
  let endsAt = performance.now() + LONGEST_MS;
  const begun = count.begun.then(() => {
    endsAt = Math.min(endsAt, performance.now() + order.seconds * 1_000);
  });
  const field: Field = { order, members, targets, count, over: () => ending || performance.now() >= endsAt };
  running = (async () => {
    await run(field);
    for (const member of members) member.leave();
    return [`${members.length} ids`, String(count)].filter((said) => said !== '').join(', ');
  })();
  await within(begun, BEGUN_WITHIN_MS);
}

/** From one address, which may bring a few ids into a swarm. Half of them have proved who they are. */
async function join(ids: number, order: Order): Promise<HostileMember[]> {
  const one = (nth: number): Promise<HostileMember> =>
    HostileMember.join(order, nth % 2 === 1 && ids <= MOST_PROVED);
  const all = await Promise.allSettled(Array.from({ length: ids }, (_, nth) => one(nth)));
  // Who is refused is none: an attack is as large as the server lets it be.
  return all.flatMap((joined) => (joined.status === 'fulfilled' ? [joined.value] : []));
}

/** What there was of it, once it is over. */
function ended(): Promise<string> {
  return running;
}

function end(): void {
  ending = true;
}

const verbs = { begin, ended, end };
export type AttackerPage = typeof verbs;
Object.assign(globalThis, { attacker: verbs });
