const WORD = 4;

/**
 * Changes, but for one chance in 2^64, with any of the bytes: like FNV-1a, over words and twice
 * (http://www.isthe.com/chongo/tech/comp/fnv/). Against accidents, not against who wants two things
 * to look the same: loading a cryptographic one takes longer than using this.
 */
export function fingerprint(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % WORD);
  let a = 0x811c9dc5;
  let b = 0x01000193 ^ bytes.length;
  const add = (word: number): void => {
    a = Math.imul(a ^ word, 0x01000193);
    // Else a word's upper bits would only ever change upper bits.
    a ^= a >>> 15;
    b = Math.imul(b ^ word, 0x01000197);
    b ^= b >>> 13;
  };
  for (let at = 0; at < whole; at += WORD) add(view.getInt32(at, true));
  for (const byte of bytes.subarray(whole)) add(byte);
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
