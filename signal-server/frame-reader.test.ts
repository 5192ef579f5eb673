import { describe, expect, test } from 'vitest';
import { parseClientMessage } from '../shared/tracker/messages.ts';
import { FrameReader } from './frame-reader.ts';
import { announce, one, two } from './testing/client.ts';

describe('[TR1] a frame', () => {
  test('says the same as bytes and as text, and when it is read again', () => {
    const reader = new FrameReader();
    for (const message of [announce(one), announce(one), announce(two), announce(one, { want: 7 })]) {
      const text = JSON.stringify(message);
      expect(reader.read(text, false)).toEqual(parseClientMessage(text));
      expect(reader.read(Buffer.from(text), false)).toEqual(parseClientMessage(text));
    }
  });

  test('of an announce between others is not taken for the one before it', () => {
    const reader = new FrameReader();
    reader.read(JSON.stringify(announce(one)), false);
    expect(reader.read('{"type":"challenge"}', false)).toEqual({ type: 'challenge' });
    expect(reader.read('', false)).toMatchObject({ type: 'refused', code: 'bad-json' });
    expect(reader.read(JSON.stringify(announce(one, { left: 0 })), false)).toMatchObject({ left: 0 });
  });

  test('[TR2] [TR9] is refused where it is binary or too long', () => {
    const reader = new FrameReader();
    const text = JSON.stringify(announce(one));
    expect(reader.read(Buffer.from(text), true)).toMatchObject({ type: 'refused', code: 'binary' });
    expect(reader.read(Buffer.alloc(131_073, ' '), false)).toMatchObject({ code: 'too-large' });
    expect(reader.read(text + ' '.repeat(131_072 - text.length), false)).toMatchObject({ type: 'announce' });
  });
});
