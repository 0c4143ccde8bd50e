/** Heal: watches the line and the picture; says plainly what is wrong while it lasts, and mends it. */

import { age } from './words.js';

const SILENCE_MS = 4000;
const BUSY_MS = 1500;
const RETRY_MS = 5000;
const RESTORED_MS = 2500;
/** A line that is taken up again within this is no news to anybody; in it we learn whether somebody said no. */
const GRACE_MS = 1000;

export class Heal {
  /** @param {import('./furniture.js').Furniture} furniture @param {import('./words.js').Say} say @param {() => void} reconnect */
  constructor(furniture, say, reconnect) {
    this.furniture = furniture;
    this.say = say;
    this.reconnect = reconnect;
    this.up = false;
    this.ever = false; // has the line ever stood
    this.retried = 0;
    this.turned = 0;
    this.reconnects = 0;
    this.refused = '';
    this.allowed = false; // has anything ever been shown to us
    this.map = false; // is the card forgetful just now
    this.noMap = false; // can this machine draw at all
    this.wasLost = false;
    this.restored = -Infinity;
    this.seen = 0; // page ms of the picture that stands there
  }

  /** @param {boolean} up */
  connected(up) {
    this.up = up;
    this.ever ||= up;
  }

  /** A few times a second. @param {number} now page ms @param {number} heard page ms of the last frame */
  turn(now, heard) {
    const busy = now - this.turned > BUSY_MS; // we were away, not the line
    this.turned = now;
    if (busy) return;
    const silent = now - heard > SILENCE_MS;
    if (silent && this.up && now - this.retried > RETRY_MS) {
      this.retried = now;
      this.reconnects++;
      this.reconnect();
    }
    const lost = !this.up || silent;
    if (!lost) this.seen = heard;
    if (this.wasLost && !lost) this.restored = now;
    this.wasLost = lost && this.ever && now - this.seen > GRACE_MS;
    this.show(lost, now);
  }

  /** @param {boolean} lost @param {number} now */
  show(lost, now) {
    const { furniture, say } = this;
    const old = age((now - this.seen) / 1000);
    if (this.refused) furniture.banner('refused', say(this.allowed ? 'banner.refused.picture' : 'banner.refused', { why: this.refused, age: old }));
    else if (lost && !this.ever) furniture.banner('connecting', say('banner.connecting'));
    else if (this.wasLost) furniture.banner('lost', say('banner.lost', { age: old }));
    else if (lost) return;
    else if (this.noMap) furniture.banner('map', say('banner.no_map'));
    else if (this.map) furniture.banner('map', say('banner.map'));
    else if (now - this.restored < RESTORED_MS) furniture.banner('restored', say('banner.restored'));
    else furniture.banner('', '');
  }
}

/** MapLibre mends itself after the card forgot everything; its feature states and our sign need a hand.
 * @param {import('maplibre-gl').Map} map @param {Heal} heal @param {() => void} restored */
export function mendContext(map, heal, restored) {
  map.on('webglcontextlost', () => {
    heal.map = true;
  });
  map.on('webglcontextrestored', () => {
    heal.map = false;
    map.once('idle', restored);
  });
}
