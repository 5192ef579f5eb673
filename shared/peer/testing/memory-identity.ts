/**
 * Identities and own tabs in memory. The ids are chosen by the test, so that it knows who dials whom; what is signed is
 * hashed with the id, which proves nothing to anybody who does not know the trick.
 */
import { createHash } from 'node:crypto';
import type { PeerId } from '../../ids.ts';
import type { Identity, OwnTabs } from '../ports.ts';

export function memoryIdentity(id: PeerId): Identity {
  return {
    id,
    algorithm: 'ed25519',
    publicKey: new Uint8Array(Buffer.from(id, 'hex')),
    sign: async (bytes) => memorySignature(id, bytes),
  };
}

export function memorySignature(id: PeerId, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha512').update(id).update(bytes).digest());
}

/** One browser: its tabs know each other at once. */
export class MemoryBrowser {
  readonly #tabs = new Set<{ readonly met: (id: PeerId) => void; id: PeerId | null }>();

  readonly ownTabs = (met: (id: PeerId) => void): OwnTabs => {
    const self: { readonly met: (id: PeerId) => void; id: PeerId | null } = { met, id: null };
    this.#tabs.add(self);
    return {
      here: (id) => {
        self.id = id;
        for (const other of this.#tabs) {
          if (other === self) continue;
          other.met(id);
          if (other.id !== null) met(other.id);
        }
      },
      close: () => this.#tabs.delete(self),
    };
  };
}
