// How ships fly: the same rules as World/Flight.cs, so that the page can show its own ship at once, without waiting for its node.

export const Button = Object.freeze({ left: 1, right: 2, thrust: 4, fire: 8 });

export const step = 1 / 60;

const speedMax = 230;
const thrust = 480;
const turnPerSecond = 3.8;
const keptPerStep = Math.exp(-1.1 * step);
const full = Math.PI * 2;

let width = 3200;
let height = 2000;

export function setMap(newWidth, newHeight) {
  width = newWidth;
  height = newHeight;
}

export function next(flight, buttons) {
  const turn = (buttons & Button.right ? 1 : 0) - (buttons & Button.left ? 1 : 0);
  const heading = wrap(flight.heading + turn * turnPerSecond * step, full);
  let { vx, vy } = flight;
  if (buttons & Button.thrust) {
    vx += Math.cos(heading) * thrust * step;
    vy += Math.sin(heading) * thrust * step;
  }

  vx *= keptPerStep;
  vy *= keptPerStep;
  const speed = Math.hypot(vx, vy);
  if (speed > speedMax) {
    vx *= speedMax / speed;
    vy *= speedMax / speed;
  }

  return { x: wrap(flight.x + vx * step, width), y: wrap(flight.y + vy * step, height), vx, vy, heading };
}

export function wrap(value, size) {
  return value - Math.floor(value / size) * size;
}

/** The shortest way from one value to another around a ring. */
export function shortest(difference, size) {
  return difference - Math.round(difference / size) * size;
}

export function wayX(from, to) {
  return shortest(to - from, width);
}

export function wayY(from, to) {
  return shortest(to - from, height);
}

export function turnTo(from, to) {
  return shortest(to - from, full);
}

export function place(x, y) {
  return { x: wrap(x, width), y: wrap(y, height) };
}

export function mapSize() {
  return { width, height };
}
