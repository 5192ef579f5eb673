/**
 * One connection to one peer, from its opening to its end: its stream, what the peer has, the peer as a source of ours
 * and as somebody we serve. Each part owns its own; this file only keeps them together.
 */
import type { LinkId } from '../../ids.ts';
import { PeerSource } from '../download/source.ts';
import { UploadSlot } from '../upload/slot.ts';
import { Holdings } from './holdings.ts';
import { Wire } from './wire.ts';
import type { Identity, WireOptions } from './wire.ts';

export class Connection {
  readonly wire: Wire;
  readonly holdings = new Holdings();
  readonly source: PeerSource;
  readonly slot: UploadSlot;

  constructor(options: WireOptions, identity: Identity) {
    this.wire = new Wire(options, identity);
    this.source = new PeerSource(this.wire, this.holdings);
    this.slot = new UploadSlot(this.wire, this.holdings, this.source.pipeline);
  }

  get link(): LinkId {
    return this.wire.link;
  }
}
