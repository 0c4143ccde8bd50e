/** Sequence: may a district's frame be applied, or must we ask to be shown everything again? */

/** @typedef {{whole: boolean, seq: number, epoch: number, district: number}} Numbered */

export class Sequence {
  constructor() {
    /** @type {Map<number, {seq: number, epoch: number}>} */
    this.last = new Map();
    this.gaps = 0;
  }

  /** 'apply' it, 'drop' it (seen already, or from a fold that was deposed), or 'ask' (something is missing).
   * @param {Numbered} frame @returns {'apply' | 'drop' | 'ask'} */
  judge(frame) {
    const last = this.last.get(frame.district);
    if (last && older(frame.epoch, last.epoch)) return 'drop';
    if (frame.whole) return this.take(frame);
    if (!last) return 'ask';
    if (frame.epoch === last.epoch && frame.seq === (last.seq + 1) >>> 0) return this.take(frame);
    if (frame.epoch === last.epoch && !older(last.seq, frame.seq)) return 'drop';
    this.gaps++;
    this.last.delete(frame.district);
    return 'ask';
  }

  /** @param {Numbered} frame @returns {'apply'} */
  take(frame) {
    this.last.set(frame.district, { seq: frame.seq, epoch: frame.epoch });
    return 'apply';
  }

  /** Nothing is known any more: the next whole frames begin anew. */
  forget() {
    this.last.clear();
  }
}

/** a before b, in numbers that come round after 2^32.
 * @param {number} a @param {number} b */
function older(a, b) {
  return a !== b && (b - a) >>> 0 < 0x80000000;
}
