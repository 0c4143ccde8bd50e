/** Cameras: what each shows, as last said; an OFF counts only after it has lasted, an ON at once. */

export const STATES = ['unknown', 'online', 'offline', 'video_lost', 'defect', 'disabled'];
const [UNKNOWN, ONLINE] = [0, 1];

/** A state and the seconds after which a silent platform makes it unknown. @typedef {{off: number, unknown: number}} CameraLimits */

export class Cameras {
  /** @param {number[]} lon @param {number[]} lat */
  constructor(lon, lat) {
    this.lon = lon;
    this.lat = lat;
    this.state = new Uint8Array(lon.length);
    this.before = new Uint8Array(lon.length);
    this.since = new Uint32Array(lon.length);
    this.at = new Uint32Array(lon.length);
    this.version = 0;
  }

  /** @param {import('./frame.js').Frame} frame */
  apply(frame) {
    const table = frame.tables.cameras;
    if (!table || !table.rows) return;
    for (let k = 0; k < table.rows; k++) {
      const slot = table.slot[k];
      if (slot >= this.state.length) continue;
      this.state[slot] = table.state[k];
      this.before[slot] = table.before[k];
      this.since[slot] = table.since[k];
      this.at[slot] = table.at[k];
    }
    this.version++;
  }

  /** The state that counts now. @param {number} slot @param {number} now hall seconds @param {CameraLimits} limits */
  effective(slot, now, limits) {
    if (!this.at[slot]) return UNKNOWN;
    if (now - this.at[slot] > limits.unknown) return UNKNOWN;
    const state = this.state[slot];
    if (state === ONLINE || state === UNKNOWN) return state;
    return now - this.since[slot] < limits.off && this.before[slot] === ONLINE ? ONLINE : state;
  }

  clear() {
    this.at.fill(0);
    this.version++;
  }
}
