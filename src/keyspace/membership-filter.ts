/**
 * Which keys may exist: a scalable Bloom filter (Almeida et al., 2007) of about ten bits a key, so that a blind
 * write of a new key needs no read. "No" is certain; "maybe" is wrong for about one absent key in a hundred.
 *
 * Layers double in capacity; a key is added to the newest and looked up in all. Each key sets bits in one
 * 64-byte block only (Putze et al., 2007): one cache miss a layer. Keys that go leave their bits behind.
 */

const BITS_PER_KEY = 10;
const BITS_PER_BLOCK = 512;
const PROBES = 6;
const FIRST_CAPACITY = 16_384;

export interface FilterLayer {
  /** Keys it may take before the next layer starts. */
  readonly capacity: number;
  /** Keys it took. */
  keys: number;
  readonly words: Uint32Array;
}

export class MembershipFilter {
  readonly layers: FilterLayer[];
  /** While false every answer is "maybe": the filter is being made anew. */
  complete: boolean;

  constructor(layers: FilterLayer[] = [], complete = true) {
    this.layers = layers;
    this.complete = complete;
  }

  /** Adds a key by its slot and hash. */
  add(slot: number, hash: number): void {
    let layer = this.layers[this.layers.length - 1];
    if (layer === undefined || layer.keys >= layer.capacity) layer = this.#grow();
    layer.keys++;
    const { words } = layer;
    const block = blockOf(words, slot, hash);
    let bits = bitsOf(slot, hash);
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = bits & (BITS_PER_BLOCK - 1);
      words[block + (bit >>> 5)] = (words[block + (bit >>> 5)] as number) | (1 << (bit & 31));
      bits = nextBits(bits);
    }
  }

  mayContain(slot: number, hash: number): boolean {
    if (!this.complete) return true;
    for (const layer of this.layers) {
      if (layerMayContain(layer.words, slot, hash)) return true;
    }
    return false;
  }

  /** Keys added since the filter was made. */
  get keys(): number {
    let total = 0;
    for (const layer of this.layers) total += layer.keys;
    return total;
  }

  get bytes(): number {
    let total = 0;
    for (const layer of this.layers) total += layer.words.byteLength;
    return total;
  }

  #grow(): FilterLayer {
    const last = this.layers[this.layers.length - 1];
    const layer = makeLayer(last === undefined ? FIRST_CAPACITY : last.capacity * 2);
    this.layers.push(layer);
    return layer;
  }
}

export function makeLayer(capacity: number): FilterLayer {
  const blocks = Math.ceil((capacity * BITS_PER_KEY) / BITS_PER_BLOCK);
  return { capacity, keys: 0, words: new Uint32Array(blocks * (BITS_PER_BLOCK / 32)) };
}

function layerMayContain(words: Uint32Array, slot: number, hash: number): boolean {
  const block = blockOf(words, slot, hash);
  let bits = bitsOf(slot, hash);
  for (let probe = 0; probe < PROBES; probe++) {
    const bit = bits & (BITS_PER_BLOCK - 1);
    if (((words[block + (bit >>> 5)] as number) & (1 << (bit & 31))) === 0) return false;
    bits = nextBits(bits);
  }
  return true;
}

/** The index of the block's first word. Spread by the whole hash; slot and hash come from different functions. */
function blockOf(words: Uint32Array, slot: number, hash: number): number {
  const blocks = words.length / (BITS_PER_BLOCK / 32);
  return ((Math.imul(hash ^ (slot << 16), 0x9e37_79b1) >>> 0) % blocks) * (BITS_PER_BLOCK / 32);
}

function bitsOf(slot: number, hash: number): number {
  return Math.imul(hash, 0x85eb_ca6b) ^ Math.imul(slot + 1, 0x27d4_eb2f);
}

function nextBits(bits: number): number {
  const mixed = Math.imul(bits ^ (bits >>> 15), 0x2c1b_3c6d);
  return mixed ^ (mixed >>> 13);
}
