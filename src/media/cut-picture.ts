/** How much may stand behind the end of a picture: some cameras and tools append notes. */
const TAIL_BYTES = 4096;

/**
 * Whether a picture that cannot be decoded lacks its end, by its container alone: the last marker of
 * a JPEG, PNG or GIF, the stated sizes of a WebP, BMP, AVIF or HEIC. The decoders' own words cannot
 * tell, since pictures that are decoded side by side share one store of messages.
 */
export function isCutOff(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begins = (text: string, at = 0): boolean => startsWith(bytes, text, at);
  if (begins('\xff\xd8')) return !tailHolds(bytes, '\xff\xd9');
  if (begins('\x89PNG')) return !tailHolds(bytes, 'IEND');
  if (begins('GIF8')) return bytes.findLast((byte) => byte !== 0) !== 0x3b;
  if (begins('RIFF') && bytes.length >= 12) return view.getUint32(4, true) + 8 > bytes.length;
  if (begins('BM') && bytes.length >= 6) return view.getUint32(2, true) > bytes.length;
  if (begins('ftyp', 4)) return lastBoxEnd(view) > bytes.length;
  return false;
}

function startsWith(bytes: Uint8Array, text: string, at: number): boolean {
  if (at < 0 || bytes.length < at + text.length) return false;
  return [...text].every((letter, index) => bytes[at + index] === letter.charCodeAt(0));
}

function tailHolds(bytes: Uint8Array, text: string): boolean {
  for (let at = bytes.length - text.length; at >= Math.max(0, bytes.length - TAIL_BYTES); at -= 1) {
    if (startsWith(bytes, text, at)) return true;
  }
  return false;
}

/** Where the boxes of an ISO file say that it ends. */
function lastBoxEnd(view: DataView): number {
  let at = 0;
  while (at + 8 <= view.byteLength) {
    const size = view.getUint32(at);
    // 0 runs to the end of the file; 1 is a size of eight bytes, which no picture needs.
    if (size < 8) return at;
    at += size;
  }
  return at;
}
