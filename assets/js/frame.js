/** Frame: what changed in a district, read in place from the bytes. dashboard/live/frame.py writes the same. */

const MAGIC = 0x4847;
const BUNDLE_MAGIC = 0x4247;
const FORMAT = 1;
const HEAD = 32;
const SECTION = 16;

/** @typedef {Uint32Array | Int32Array | Float32Array | Uint16Array | Uint8Array} Column */
/** @typedef {{rows: number} & Record<string, any>} Table */
/** @typedef {{whole: boolean, seq: number, epoch: number, district: number, now: number, city: number,
 *   tables: Record<string, Table>}} Frame */

/** @type {Record<string, new (buffer: ArrayBufferLike, at: number, rows: number) => Column>} */
const KINDS = { u4: Uint32Array, i4: Int32Array, f4: Float32Array, u2: Uint16Array, u1: Uint8Array };

/** Tables a page reads, by number; the others (facts, for gateways) are passed over.
 * @type {Record<number, {name: string, columns: [string, keyof typeof KINDS][]}>} */
export const TABLES = {
  1: { name: 'workers', columns: [['slot', 'u4'], ['lon', 'i4'], ['lat', 'i4'], ['at', 'u4'], ['mark', 'u1']] },
  2: {
    name: 'events',
    columns: [
      ['key', 'u4'], ['lon', 'i4'], ['lat', 'i4'], ['reported', 'u4'], ['due', 'u4'],
      ['grid', 'u4'], ['area', 'u4'], ['class_row', 'u2'], ['step', 'u1'], ['level', 'u1'],
    ],
  },
  3: { name: 'cameras', columns: [['slot', 'u4'], ['since', 'u4'], ['at', 'u4'], ['state', 'u1'], ['before', 'u1']] },
  4: { name: 'heat', columns: [['q', 'i4'], ['r', 'i4'], ['weight', 'f4'], ['at', 'u4']] },
};
export const NOWHERE = 0x7fffffff;
export const NONE = 0xffffffff;
export const E7 = 1e-7;

/** The frames of a bundle. Throws RangeError for bytes that are not one.
 * @param {ArrayBuffer | Uint8Array} message @returns {Frame[]} */
export function unbundle(message) {
  const bytes = aligned(message);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 8 || view.getUint16(0, true) !== BUNDLE_MAGIC) throw new RangeError('not a bundle');
  const frames = [];
  let at = 8;
  for (let left = view.getUint16(2, true); left > 0; left--) {
    const size = view.getUint32(at, true);
    frames.push(decode(bytes.subarray(at + 8, at + 8 + size)));
    at += 8 + size + (-size & 7);
  }
  return frames;
}

/** One frame. Its columns are views of the bytes: read them before the next message, or copy.
 * @param {Uint8Array} bytes @returns {Frame} */
export function decode(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0, true) !== MAGIC || view.getUint8(2) !== FORMAT) throw new RangeError('not a frame');
  /** @type {Frame} */
  const frame = {
    whole: view.getUint8(3) === 0,
    seq: view.getUint32(4, true),
    epoch: view.getUint32(8, true),
    district: view.getUint32(12, true),
    now: view.getFloat64(16, true),
    city: view.getUint32(28, true),
    tables: {},
  };
  let at = HEAD;
  for (let left = view.getUint32(24, true); left > 0; left--) {
    const known = TABLES[view.getUint16(at, true)];
    if (known) frame.tables[known.name] = table(known.columns, view, at + SECTION, view.getUint32(at + 4, true));
    at += SECTION + view.getUint32(at + 8, true);
  }
  return frame;
}

/** @param {[string, string][]} columns @param {DataView} view @param {number} at @param {number} rows @returns {Table} */
function table(columns, view, at, rows) {
  /** @type {Table} */
  const read = { rows };
  for (const [name, kind] of columns) {
    const Kind = KINDS[kind];
    const column = new Kind(view.buffer, view.byteOffset + at, rows);
    read[name] = column;
    at += (column.byteLength + 3) & ~3;
  }
  return read;
}

/** Columns lie on multiples of 4 from the start of the message; only a message that does not is copied.
 * @param {ArrayBuffer | Uint8Array} message */
function aligned(message) {
  const bytes = message instanceof Uint8Array ? message : new Uint8Array(message);
  return bytes.byteOffset & 3 ? bytes.slice() : bytes;
}
