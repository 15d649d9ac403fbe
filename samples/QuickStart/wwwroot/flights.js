// Draws messages on their way. What takes a millisecond is shown in half a second, one hop after the other.

import { bend, pointAt, reach } from './shapes.js';

const hopTime = 520;
const trailTime = 700;
const flightsMax = 40;

/** Hops of one message come within this time, in any order. */
const gatherTime = 250;

export class Flights {
  drawn = 0;
  #canvas;
  #pen;
  #gathering = new Map();
  #flights = [];
  #placeOf;
  #arrived;
  #isStill = matchMedia('(prefers-reduced-motion: reduce)');
  #colors = {};

  /**
   * @param canvas lies over the ring.
   * @param placeOf gives a node's place; undefined where there is no such node.
   * @param arrived is told where a message has arrived.
   */
  constructor(canvas, placeOf, arrived) {
    this.#canvas = canvas;
    this.#pen = canvas.getContext('2d');
    this.#placeOf = placeOf;
    this.#arrived = arrived;
    new ResizeObserver(() => this.#resize()).observe(canvas);
    const colors = () => {
      const style = getComputedStyle(document.documentElement);
      this.#colors = { message: style.getPropertyValue('--message'), word: style.getPropertyValue('--word') };
    };
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', colors);
    colors();
  }

  /** Takes one hop of a message. */
  takeHop(hop) {
    let hops = this.#gathering.get(hop.trace);
    if (!hops) {
      if (this.#gathering.size >= flightsMax) {
        return;
      }

      this.#gathering.set(hop.trace, hops = []);
      setTimeout(() => this.#begin(hop.trace), gatherTime);
    }

    if (hop.to !== null && hops.length < 16) {
      hops.push(hop);
    }
  }

  /** Lets ways be flown, each after those before it of a lower step. */
  fly(ways, kind) {
    const now = performance.now();
    for (const { from, to, step } of ways) {
      if (this.#flights.length < 6 * flightsMax && this.#placeOf(from) !== undefined && this.#placeOf(to) !== undefined) {
        this.#flights.push({ from: pointAt(this.#placeOf(from)), to: pointAt(this.#placeOf(to)), node: to, kind, at: now + step * hopTime, hasArrived: false });
      }
    }
  }

  clear() {
    this.#flights = [];
  }

  draw(now) {
    const pen = this.#pen;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const scale = this.#canvas.width / (2 * reach);
    pen.setTransform(scale, 0, 0, scale, this.#canvas.width / 2, this.#canvas.height / 2);
    this.#flights = this.#flights.filter(flight => now < flight.at + hopTime + trailTime);
    for (const flight of this.#flights) {
      const part = (now - flight.at) / hopTime;
      if (part >= 0) {
        this.#drawFlight(flight, part, now);
      }
    }
  }

  #begin(trace) {
    const hops = this.#gathering.get(trace).sort((a, b) => a.number - b.number);
    this.#gathering.delete(trace);
    this.fly(hops.map(hop => ({ from: hop.from, to: hop.to, step: hop.number })), 'message');
  }

  #drawFlight(flight, part, now) {
    const { from, to, kind } = flight;
    const pen = this.#pen;
    const middle = bend(from, to);
    const head = this.#isStill.matches || part >= 1 ? 1 : ease(part);
    const fade = part > 1 ? Math.max(0, 1 - (now - flight.at - hopTime) / trailTime) : 1;
    pen.globalAlpha = (this.#isStill.matches ? 1 : 0.75) * fade;
    pen.strokeStyle = pen.fillStyle = this.#colors[kind];
    pen.lineWidth = kind === 'word' ? 3.5 : 2.5;
    pen.lineCap = 'round';
    pen.beginPath();
    const tail = Math.max(0, part > 1 ? 0 : head - 0.6);
    for (let i = 0; i <= 16; i++) {
      const { x, y } = along(from, middle, to, tail + (head - tail) * i / 16);
      pen[i === 0 ? 'moveTo' : 'lineTo'](x, y);
    }

    pen.stroke();
    if (part <= 1) {
      const { x, y } = along(from, middle, to, head);
      pen.globalAlpha = 1;
      pen.beginPath();
      pen.arc(x, y, kind === 'word' ? 7 : 6, 0, 2 * Math.PI);
      pen.fill();
    } else if (!flight.hasArrived) {
      flight.hasArrived = true;
      this.drawn++;
      this.#arrived(flight.node, kind);
    }

    pen.globalAlpha = 1;
  }

  #resize() {
    const size = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    this.#canvas.width = this.#canvas.height = size;
  }
}

const ease = part => part < 0.5 ? 2 * part * part : 1 - (2 - 2 * part) ** 2 / 2;

function along(from, middle, to, part) {
  const rest = 1 - part;
  return {
    x: rest * rest * from.x + 2 * rest * part * middle.x + part * part * to.x,
    y: rest * rest * from.y + 2 * rest * part * middle.y + part * part * to.y,
  };
}
