// Where things are on the ring, and how they are made.

export const radius = 300;

/** How far the picture goes from its middle. */
export const reach = 368;

/** So near, as parts of the way around, two nodes would cover each other. */
const apart = 0.02;

const namespace = 'http://www.w3.org/2000/svg';

/** Gives a point of the ring; places are parts of the way around it, clockwise from the top. */
export function pointAt(place, distance = radius) {
  const angle = place * 2 * Math.PI - Math.PI / 2;
  return { x: Math.cos(angle) * distance, y: Math.sin(angle) * distance };
}

/** Gives places that are far enough from each other to be seen, and in the same order; as near to the true ones as that lets them be. */
export function spread(places) {
  const order = places.map((place, i) => ({ place, i })).sort((a, b) => a.place - b.place);
  const gap = Math.min(apart, 0.9 / order.length);
  for (let round = 0; round < 60; round++) {
    let hasMoved = false;
    for (let k = 0; order.length > 1 && k < order.length; k++) {
      const [one, next] = [order[k], order[(k + 1) % order.length]];
      const lacking = gap - (next.place + (k + 1 === order.length ? 1 : 0) - one.place);
      if (lacking > 1e-6) {
        one.place -= lacking / 2;
        next.place += lacking / 2;
        hasMoved = true;
      }
    }

    if (!hasMoved) {
      break;
    }
  }

  const spreadOut = [];
  order.forEach(({ place, i }) => { spreadOut[i] = place; });
  return spreadOut;
}

/** Ways between nodes bend towards the middle: those of neighbours a little, those across hardly. */
export function bend(from, to, pull = 0.55) {
  return { x: (from.x + to.x) / 2 * pull, y: (from.y + to.y) / 2 * pull };
}

export function wayOf(from, to, pull) {
  const middle = bend(from, to, pull);
  return `M${round(from.x)} ${round(from.y)}Q${round(middle.x)} ${round(middle.y)} ${round(to.x)} ${round(to.y)}`;
}

export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }

  element.append(...children);
  return element;
}

export function html(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  Object.assign(element, attributes);
  element.append(...children);
  return element;
}

/** Makes a group's paths anew. */
export function drawWays(group, ways) {
  group.replaceChildren(...ways.map(([from, to, kind, pull]) => svg('path', { d: wayOf(from, to, pull), class: kind })));
}

export const short = id => id.slice(0, 6);

function round(number) {
  return Math.round(number * 10) / 10;
}
