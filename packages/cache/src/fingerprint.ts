/**
 * FNV-1a, twice 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/). Against accidents, not against
 * who wants two things to look the same: loading a cryptographic one takes longer than using this.
 */
class Fnv {
  #a = 0x811c9dc5;
  #b = 0x01000193;

  add(word: number): void {
    this.#a = Math.imul(this.#a ^ word, 0x01000193);
    this.#b = Math.imul(this.#b ^ word, 0x01000197);
  }

  get hex(): string {
    return [this.#a, this.#b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

/** Names a key's file; what counts is the key in it. */
export function fingerprint(key: string): string {
  const hash = new Fnv();
  for (let index = 0; index < key.length; index++) hash.add(key.charCodeAt(index));
  return hash.hex;
}

/** Changes, but for one chance in 2^64, with any of the bytes. */
export function checksum(bytes: Uint8Array): string {
  const hash = new Fnv();
  hash.add(bytes.length);
  for (const byte of bytes) hash.add(byte);
  return hash.hex;
}
