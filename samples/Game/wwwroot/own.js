// One's own ship: it flies at once as one presses, and is corrected by what the node says.

import { next, place, step, turnTo, wayX, wayY } from './flight.js';

/** So many steps are remembered until the node has said how they were. */
const rememberedMax = 180;

/** What the page and its node disagree by is taken back little by little. */
const correction = 0.25;

/** Beyond this, the ship is somewhere else. */
const jump = 140;

/** So many steps are caught up at once. */
const aheadMax = 30;

export class OwnShip {
  flight = null;
  before = null;

  /** What the node has said last. */
  said = null;
  health = 0;
  burns = false;
  shielded = false;
  buttons = 0;
  press = 0;
  #steps = 0;
  #left = 0;
  #past = [];

  get isDown() {
    return this.health === 0;
  }

  /** Takes what is pressed from now on. */
  take(buttons) {
    this.buttons = buttons;
    this.press++;
    this.#steps = 0;
    return this.press;
  }

  /** Lets time go on. */
  advance(seconds) {
    this.#left = Math.min(this.#left + seconds, 0.25);
    while (this.#left >= step) {
      this.#left -= step;
      if (this.flight && !this.isDown) {
        this.#step();
      }
    }
  }

  /** Where it is between two steps. */
  shown() {
    const { flight, before } = this;
    if (!before) {
      return flight;
    }

    const part = this.#left / step;
    return {
      ...flight,
      ...place(before.x + wayX(before.x, flight.x) * part, before.y + wayY(before.y, flight.y) * part),
      heading: before.heading + turnTo(before.heading, flight.heading) * part,
    };
  }

  /** The node has said how it flies. */
  correct(said) {
    const wasDown = this.isDown;
    this.said = said;
    this.health = said.health;
    this.shielded = said.shielded;
    if (!this.flight || wasDown) {
      this.#moveTo(said);
      return;
    }

    if (said.press === this.press && said.steps - this.#steps > aheadMax) {
      // The page was asleep.
      this.#moveTo(said);
      return;
    }

    while (said.press === this.press && this.#steps < said.steps) {
      this.#step();
    }

    const index = this.#past.findIndex(one => one.press === said.press && one.steps === said.steps);
    if (index < 0) {
      // The page has pressed something else since, sooner than its node has heard of it: the next that it says is of that.
      return;
    }

    const then = this.#past[index].flight;
    this.#past.splice(0, index + 1);
    const [x, y] = [wayX(then.x, said.x), wayY(then.y, said.y)];
    if (Math.hypot(x, y) > jump) {
      this.#moveTo(said);
      return;
    }

    const off = { x: x * correction, y: y * correction, vx: (said.vx - then.vx) * correction, vy: (said.vy - then.vy) * correction, heading: turnTo(then.heading, said.heading) * correction };
    const shift = flight => ({ ...place(flight.x + off.x, flight.y + off.y), vx: flight.vx + off.vx, vy: flight.vy + off.vy, heading: flight.heading + off.heading });
    this.flight = shift(this.flight);
    this.before = this.before && shift(this.before);
    for (const one of this.#past) {
      one.flight = shift(one.flight);
    }
  }

  #step() {
    this.before = this.flight;
    this.flight = next(this.flight, this.buttons);
    this.#past.push({ press: this.press, steps: ++this.#steps, flight: this.flight });
    if (this.#past.length > rememberedMax) {
      this.#past.shift();
    }
  }

  #moveTo(said) {
    this.#steps = said.press === this.press ? said.steps : this.#steps;
    this.flight = { x: said.x, y: said.y, vx: said.vx, vy: said.vy, heading: said.heading };
    this.before = null;
    this.#past = [];
  }
}
