import { expect, test } from 'vitest';
import { commandLine, givenAgain } from './again.ts';
import { get } from './get.ts';
import { readCall } from './options.ts';

test('[HL6] the command that goes on has every option that was given', () => {
  const given = ['--select', '*.jpg', '--select', '!a b', '--seed-for', '2h', '--limit-up', '2MB'];
  const connections = ['--relay-only', '--torrentinno', '--ti-tracker', 'http://t'];
  const words = ['x', '-o', 'there', ...given, ...connections, '--server', 'http://s'];
  const call = readCall(words, get.options, get.operands);
  const again = givenAgain(call, Object.keys(get.options), ['output', 'server']);
  expect(again).toEqual([...given, ...connections]);
  expect(commandLine('get', 'x', ...again.slice(0, 4))).toBe("shoal get x --select '*.jpg' --select '!a b'");
  expect(readCall(['x', ...again], get.options, get.operands).has('relay-only')).toBe(true);
});
