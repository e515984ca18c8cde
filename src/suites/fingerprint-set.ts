const START_SLOTS = 1 << 12;

/**
 * Remembers which strings were seen, in 32 bytes or less each, since a data set may hold millions:
 * 64 bits of a hash, openly addressed. Among a million strings two are confused with a chance of
 * 1 in 30 million.
 */
export class FingerprintSet {
  /** Two words a slot; both zero is empty. */
  #slots = new Uint32Array(START_SLOTS * 2);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(text: string): boolean {
    const [high, low] = fingerprint(text);
    return this.#slots[this.#find(this.#slots, high, low)] !== 0;
  }

  /** @returns whether it is new. */
  add(text: string): boolean {
    const [high, low] = fingerprint(text);
    const at = this.#find(this.#slots, high, low);
    if (this.#slots[at] !== 0) return false;
    this.#slots[at] = high;
    this.#slots[at + 1] = low;
    this.#size += 1;
    if (this.#size * 4 > this.#slots.length) this.#grow();
    return true;
  }

  /** Index of the slot that holds it, or of the empty one where it belongs. */
  #find(slots: Uint32Array, high: number, low: number): number {
    const mask = slots.length / 2 - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * 2;
      if (slots[at] === 0 || (slots[at] === high && slots[at + 1] === low)) return at;
    }
  }

  #grow(): void {
    const larger = new Uint32Array(this.#slots.length * 2);
    for (let at = 0; at < this.#slots.length; at += 2) {
      const high = this.#slots[at] ?? 0;
      const low = this.#slots[at + 1] ?? 0;
      if (high === 0) continue;
      const free = this.#find(larger, high, low);
      larger[free] = high;
      larger[free + 1] = low;
    }
    this.#slots = larger;
  }
}

/**
 * The same memory with a whole number below 2³² for each string: where it stood first, say. 48 bytes
 * or less each.
 */
export class FingerprintMap {
  /** Three words a slot: the hash, and the value. */
  #slots = new Uint32Array(START_SLOTS * 3);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(text: string): number | undefined {
    const [high, low] = fingerprint(text);
    const at = this.#find(this.#slots, high, low);
    return this.#slots[at] === 0 ? undefined : this.#slots[at + 2];
  }

  /** @returns the value that stood there already, which stays; `undefined` where this one is the first. */
  setFirst(text: string, value: number): number | undefined {
    const [high, low] = fingerprint(text);
    const at = this.#find(this.#slots, high, low);
    if (this.#slots[at] !== 0) return this.#slots[at + 2];
    this.#slots[at] = high;
    this.#slots[at + 1] = low;
    this.#slots[at + 2] = value;
    this.#size += 1;
    if (this.#size * 6 > this.#slots.length) this.#grow();
    return undefined;
  }

  #find(slots: Uint32Array, high: number, low: number): number {
    const mask = slots.length / 3 - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * 3;
      if (slots[at] === 0 || (slots[at] === high && slots[at + 1] === low)) return at;
    }
  }

  #grow(): void {
    const larger = new Uint32Array(this.#slots.length * 2);
    for (let at = 0; at < this.#slots.length; at += 3) {
      const high = this.#slots[at] ?? 0;
      const low = this.#slots[at + 1] ?? 0;
      const value = this.#slots[at + 2] ?? 0;
      if (high === 0) continue;
      const free = this.#find(larger, high, low);
      larger[free] = high;
      larger[free + 1] = low;
      larger[free + 2] = value;
    }
    this.#slots = larger;
  }
}

/**
 * Two 32-bit lanes over the UTF-16 units, each mixed with other odd constants and with each other at
 * the end. Not cryptographic: who wants two texts confused gains one duplicate.
 */
function fingerprint(text: string): readonly [high: number, low: number] {
  let high = 0x9e3779b9 ^ text.length;
  let low = 0x85ebca6b;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  // Zero marks an empty slot.
  return [high >>> 0 || 1, low >>> 0];
}
