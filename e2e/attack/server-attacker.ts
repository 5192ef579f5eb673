/**
 * Attacks in a process of their own, so that its work is not what the others feel: `server-attacker.ts NAMES PORT SECONDS`.
 * One after the other, so many seconds each, each from an address of its own: none finds the last one's limits spent.
 */
import { setMaxListeners } from 'node:events';
import { SERVER_ATTACKS } from './server-attacks.ts';
import type { ServerAttack } from './server-attacks.ts';

const [names = '', port = '', seconds = ''] = process.argv.slice(2);

async function attackFrom(attack: ServerAttack, address: string): Promise<void> {
  const ending = new AbortController();
  // Each of its sockets listens.
  setMaxListeners(0, ending.signal);
  const timer = setTimeout(() => ending.abort(), Number(seconds) * 1_000);
  await attack.run({ port: Number(port), address, signal: ending.signal });
  clearTimeout(timer);
}

for (const [nth, name] of names.split(',').entries()) {
  const attack = SERVER_ATTACKS.find((one) => one.name === name);
  if (attack === undefined) throw new Error(`There is no attack ${name}.`);
  await attackFrom(attack, `127.0.1.${nth + 1}`);
}
process.exit(0);
