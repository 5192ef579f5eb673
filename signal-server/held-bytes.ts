/**
 * Memory that the server holds for others, by address ([SV4], [SV5]): answers that nobody reads, messages of which
 * only a part came, messages that wait for their turn. However many sockets an address has, they hold so much
 * together and no more: the one that holds most goes. Knows no sockets, only holders.
 */
export interface Holder {
  /** May not change while it is noted here. */
  readonly addressKey: string;
  /** What it holds now. */
  readonly heldBytes: number;
  /** Lets go of everything at once. */
  cut(): void;
}

/** A holder that has less is not counted: this is what every socket may have, and counting it would cost time. */
export const FREE_BYTES = 16_384;

interface Address {
  total: number;
  readonly holders: Map<Holder, number>;
}

export class HeldBytes {
  readonly #most: number;
  readonly #rejected: (why: string) => void;
  readonly #addresses = new Map<string, Address>();

  /** `most`: bytes for one address. */
  constructor(most: number, rejected: (why: string) => void) {
    this.#most = most;
    this.#rejected = rejected;
  }

  /** To be told whenever a holder has come to hold more; what it let go of is found out when it matters. */
  note(holder: Holder): void {
    const held = holder.heldBytes;
    const address = this.#addresses.get(holder.addressKey) ?? {
      total: 0,
      holders: new Map<Holder, number>(),
    };
    this.#addresses.set(holder.addressKey, address);
    this.#set(holder, address, held);
    if (address.total > this.#most) this.#makeRoom(address);
  }

  forget(holder: Holder): void {
    const address = this.#addresses.get(holder.addressKey);
    if (address) this.#set(holder, address, 0);
  }

  /** What is counted for an address. */
  of(addressKey: string): number {
    return this.#addresses.get(addressKey)?.total ?? 0;
  }

  #set(holder: Holder, address: Address, held: number): void {
    address.total -= address.holders.get(holder) ?? 0;
    if (held > FREE_BYTES) {
      address.holders.set(holder, held);
      address.total += held;
      return;
    }
    address.holders.delete(holder);
    if (address.holders.size === 0) this.#addresses.delete(holder.addressKey);
  }

  #makeRoom(address: Address): void {
    for (const holder of [...address.holders.keys()]) this.#set(holder, address, holder.heldBytes);
    while (address.total > this.#most) {
      let largest: Holder | null = null;
      for (const [holder, held] of address.holders) {
        if (!largest || held > (address.holders.get(largest) ?? 0)) largest = holder;
      }
      if (!largest) return;
      this.#set(largest, address, 0);
      this.#rejected('memory');
      largest.cut();
    }
  }
}
