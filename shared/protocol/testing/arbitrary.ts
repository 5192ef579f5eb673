/** Any legal frame, for property tests. */
import fc from 'fast-check';
import { MAX_HAVE_INDEXES } from '../../limits.ts';
import type { Frame } from '../frames.ts';
import { JOB_ANSWERS } from '../web-texts.ts';

const uint32 = fc.nat({ max: 0xffff_ffff });
const data = fc.uint8Array({ maxLength: 300 });
const range = { piece: uint32, offset: uint32, length: uint32 };

export const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: fc.constantFrom('request' as const, 'cancel' as const, 'reject' as const), ...range }),
  fc.record({ kind: fc.constant('piece' as const), piece: uint32, offset: uint32, data }),
  fc.record({ kind: fc.constant('bitfield' as const), bits: data }),
  fc.record({
    kind: fc.constant('have' as const),
    pieces: fc.array(uint32, { minLength: 1, maxLength: MAX_HAVE_INDEXES }),
  }),
  fc.record({ kind: fc.constant('metadata-request' as const), offset: uint32 }),
  fc.record({ kind: fc.constant('metadata' as const), total: uint32, offset: uint32, data }),
  fc.record({ kind: fc.constantFrom('web-facts' as const, 'web-job' as const), text: data }),
  fc.record({
    kind: fc.constant('web-job-answer' as const),
    job: fc.nat({ max: 255 }),
    answer: fc.constantFrom(...JOB_ANSWERS),
    found: data,
  }),
  fc.record({ kind: fc.constantFrom('capability' as const, 'choke' as const, 'unchoke' as const) }),
);
