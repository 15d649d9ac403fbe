// The others' ships: what they say comes at its own times, and is shown a tenth of a second later, evenly.

import { place, turnTo, wayX, wayY } from './flight.js';

const delay = 0.1;
const extrapolationMax = 0.25;
const rememberedMax = 30;

/** Who has moved farther between two updates has come back elsewhere. */
const jump = 150;

/** Who was not heard of for so long fades, in seconds. */
const fadeFrom = 0.6;
const fadeTo = 1.6;

export class OtherShip {
  #past = [];
  #offset = Infinity;
  #heardAt = 0;
  health = 3;
  burns = false;
  shielded = false;

  constructor(id) {
    this.id = id;
  }

  /** Takes an update. Its sender's clock is another one: the update that came fastest tells by how much. */
  take(said, now) {
    const last = this.#past.at(-1);
    if (last && said.at < last.at) {
      this.#past = [];
      this.#offset = Infinity;
    } else if (last && Math.hypot(wayX(last.x, said.x), wayY(last.y, said.y)) > jump) {
      this.#past = [];
    }

    this.#offset = Math.min(this.#offset + 0.0002, now - said.at);
    this.#heardAt = now;
    this.#past.push(said);
    if (this.#past.length > rememberedMax) {
      this.#past.shift();
    }

    this.health = said.health;
    this.burns = said.burns;
    this.shielded = said.shielded;
  }

  /** Whether it has faded wholly. */
  isGone(now) {
    return now - this.#heardAt > fadeTo + 1;
  }

  /** Where it is to be shown, and how clearly. */
  shown(now) {
    const at = now - this.#offset - delay;
    const after = this.#past.findIndex(said => said.at > at);
    const silent = now - this.#heardAt;
    const clear = 1 - Math.min(1, Math.max(0, (silent - fadeFrom) / (fadeTo - fadeFrom)));
    if (after < 0) {
      const last = this.#past.at(-1);
      const ahead = Math.min(at - last.at, extrapolationMax);
      return { ...place(last.x + last.vx * ahead, last.y + last.vy * ahead), vx: last.vx, vy: last.vy, heading: last.heading, clear };
    }

    const to = this.#past[after];
    const from = this.#past[after - 1] ?? to;
    const part = to.at > from.at ? (at - from.at) / (to.at - from.at) : 1;
    return {
      ...place(from.x + wayX(from.x, to.x) * part, from.y + wayY(from.y, to.y) * part),
      vx: to.vx,
      vy: to.vy,
      heading: from.heading + turnTo(from.heading, to.heading) * part,
      clear,
    };
  }
}
