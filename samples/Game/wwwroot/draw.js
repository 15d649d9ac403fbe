// Draws the scene around one's own ship.

import { colorOf, isLight, palette } from './colors.js';
import { mapSize, wayX, wayY } from './flight.js';

/** So many square units are shown, whatever the shape of the window; no side is longer than the second. */
const viewArea = 420_000;
const viewSideMax = 1000;

const stars = [0.35, 0.6, 0.85].map((depth, layer) => ({
  depth,
  tile: 640 + layer * 170,
  points: Array.from({ length: 80 }, (_, i) => [hash(i * 3 + layer * 997), hash(i * 3 + 1 + layer * 997), hash(i * 3 + 2 + layer * 997)]),
}));

function hash(n) {
  const value = Math.sin(n * 127.1 + 11.7) * 43758.5453;
  return value - Math.floor(value);
}

export class Drawing {
  #canvas;
  #context;
  #camera = { x: 0, y: 0 };
  view = { width: 800, height: 500, scale: 1 };

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { alpha: false });
  }

  /** Takes the window's size. */
  resize() {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    this.#canvas.width = Math.round(innerWidth * ratio);
    this.#canvas.height = Math.round(innerHeight * ratio);
    const aspect = this.#canvas.width / this.#canvas.height;
    const width = Math.min(viewSideMax, Math.sqrt(viewArea * aspect));
    const scale = Math.max(this.#canvas.width / width, this.#canvas.height / viewSideMax);
    this.view = { width: this.#canvas.width / scale, height: this.#canvas.height / scale, scale };
  }

  draw(scene, now) {
    const flight = scene.own.shown();
    if (flight) {
      this.#camera = { x: flight.x, y: flight.y };
    }

    const colors = palette();
    const context = this.#context;
    const { scale } = this.view;
    const shake = scene.shake * scene.shake * 7;
    context.setTransform(1, 0, 0, 1, 0, 0);
    this.#sky(colors);
    context.setTransform(scale, 0, 0, scale, this.#canvas.width / 2 + Math.sin(now * 61) * shake * scale, this.#canvas.height / 2 + Math.cos(now * 53) * shake * scale);
    this.#lines(colors, scene.area);
    for (const shot of scene.shots) {
      this.#shot(shot, scene, now, colors);
    }

    for (const other of scene.others.values()) {
      if (other.health > 0) {
        const shown = other.shown(now);
        this.#ship(shown, other, scene.nameOf(other.id), now, colors, shown.clear);
      }
    }

    if (flight && !scene.own.isDown) {
      const { own } = scene;
      this.#ship(flight, { id: scene.id, health: own.health, burns: (own.buttons & 4) > 0, shielded: own.shielded }, '', now, colors, 1, true);
    }

    this.#sparks(scene.sparks, colors);
  }

  #sky(colors) {
    const context = this.#context;
    const { width, height } = this.#canvas;
    const glow = context.createRadialGradient(width / 2, height / 2, 0, width / 2, height / 2, Math.hypot(width, height) / 1.7);
    glow.addColorStop(0, colors.glow);
    glow.addColorStop(1, colors.sky);
    context.fillStyle = glow;
    context.fillRect(0, 0, width, height);
    const { scale } = this.view;
    for (const layer of stars) {
      const tile = layer.tile * scale;
      for (const [x, y, light] of layer.points) {
        const left = modulo(x * tile - this.#camera.x * layer.depth * scale, tile);
        const top = modulo(y * tile - this.#camera.y * layer.depth * scale, tile);
        const size = (0.5 + layer.depth * light * light * 1.7) * scale;
        context.fillStyle = `rgb(${colors.star} / ${0.14 + layer.depth * light * 0.75})`;
        for (let px = left; px < width; px += tile) {
          for (let py = top; py < height; py += tile) {
            context.fillRect(px, py, size, size);
          }
        }
      }
    }
  }

  /** The borders of the areas, each of which is a group. */
  #lines(colors, area) {
    const context = this.#context;
    const { width, height } = this.view;
    context.strokeStyle = colors.line;
    context.lineWidth = 1;
    context.setLineDash([3, 7]);
    context.beginPath();
    for (let x = -width / 2 + modulo(width / 2 - this.#camera.x, area); x < width / 2; x += area) {
      context.moveTo(x, -height / 2);
      context.lineTo(x, height / 2);
    }

    for (let y = -height / 2 + modulo(height / 2 - this.#camera.y, area); y < height / 2; y += area) {
      context.moveTo(-width / 2, y);
      context.lineTo(width / 2, y);
    }

    context.stroke();
    context.setLineDash([]);
  }

  #at(x, y) {
    return [wayX(this.#camera.x, x), wayY(this.#camera.y, y)];
  }

  #isShown(x, y) {
    return Math.abs(x) < this.view.width / 2 + 60 && Math.abs(y) < this.view.height / 2 + 60;
  }

  #shot(shot, scene, now, colors) {
    const flown = (now - shot.since) * scene.shot.speed;
    const [x, y] = this.#at(shot.x + Math.cos(shot.heading) * flown, shot.y + Math.sin(shot.heading) * flown);
    if (!this.#isShown(x, y)) {
      return;
    }

    const context = this.#context;
    const tail = Math.min(flown, 22);
    context.lineCap = 'round';
    context.strokeStyle = colors.shot;
    context.lineWidth = 3;
    context.shadowColor = colors.shot;
    context.shadowBlur = isLight() ? 0 : 12;
    context.beginPath();
    context.moveTo(x - Math.cos(shot.heading) * tail, y - Math.sin(shot.heading) * tail);
    context.lineTo(x, y);
    context.stroke();
    context.shadowBlur = 0;
  }

  #ship(flight, ship, name, now, colors, clear, isOwn = false) {
    const [x, y] = this.#at(flight.x, flight.y);
    if (!this.#isShown(x, y)) {
      return;
    }

    const context = this.#context;
    const color = colorOf(ship.id);
    context.save();
    context.globalAlpha = clear;
    context.translate(x, y);
    if (ship.shielded) {
      context.strokeStyle = colors.shield;
      context.lineWidth = 1.6;
      context.globalAlpha = clear * (0.5 + 0.3 * Math.sin(now * 9));
      context.beginPath();
      context.arc(0, 0, 23, 0, Math.PI * 2);
      context.stroke();
      context.globalAlpha = clear;
    }

    context.rotate(flight.heading);
    if (ship.burns) {
      const flame = 12 + Math.sin(now * 47 + x) * 3 + Math.random() * 4;
      context.fillStyle = colors.flame;
      context.beginPath();
      context.moveTo(-8, -4.5);
      context.lineTo(-8 - flame, 0);
      context.lineTo(-8, 4.5);
      context.fill();
    }

    context.shadowColor = color;
    context.shadowBlur = isLight() ? 0 : isOwn ? 22 : 12;
    context.fillStyle = color;
    context.beginPath();
    context.moveTo(17, 0);
    context.lineTo(-11, 11);
    context.lineTo(-6, 0);
    context.lineTo(-11, -11);
    context.closePath();
    context.fill();
    context.shadowBlur = 0;
    if (isOwn) {
      context.strokeStyle = colors.ink;
      context.lineWidth = 1.5;
      context.stroke();
    }

    context.restore();
    if (name) {
      this.#label(x, y, name, ship.health, color, colors, clear);
    }
  }

  #label(x, y, name, health, color, colors, clear) {
    const context = this.#context;
    context.globalAlpha = clear * 0.85;
    context.font = '600 11px system-ui, sans-serif';
    context.textAlign = 'center';
    context.fillStyle = colors.dim;
    context.fillText(name, x, y + 34, 130);
    if (health < 3) {
      for (let i = 0; i < 3; i++) {
        context.fillStyle = i < health ? color : colors.line;
        context.fillRect(x - 11 + i * 8, y + 39, 6, 3);
      }
    }

    context.globalAlpha = 1;
  }

  #sparks(sparks, colors) {
    const context = this.#context;
    for (const ring of sparks.rings) {
      const [x, y] = this.#at(ring.x, ring.y);
      const part = ring.age / ring.life;
      context.globalAlpha = 1 - part;
      context.strokeStyle = colorOf(ring.id);
      context.lineWidth = 5 * (1 - part) + 0.5;
      context.beginPath();
      context.arc(x, y, 12 + part * 72, 0, Math.PI * 2);
      context.stroke();
    }

    for (const spark of sparks.all) {
      const [x, y] = this.#at(spark.x, spark.y);
      context.globalAlpha = 1 - spark.age / spark.life;
      context.fillStyle = spark.id ? colorOf(spark.id) : colors.fire;
      context.beginPath();
      context.arc(x, y, spark.size, 0, Math.PI * 2);
      context.fill();
    }

    context.globalAlpha = 1;
  }
}

function modulo(value, size) {
  return value - Math.floor(value / size) * size;
}

/** Draws the small map: where everyone is, about. */
export function drawMap(canvas, scene, view) {
  const context = canvas.getContext('2d');
  const { width, height } = mapSize();
  const [across, down] = [canvas.width / width, canvas.height / height];
  const colors = palette();
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.strokeStyle = colors.line;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = scene.area; x < width; x += scene.area) {
    context.moveTo(x * across, 0);
    context.lineTo(x * across, canvas.height);
  }

  for (let y = scene.area; y < height; y += scene.area) {
    context.moveTo(0, y * down);
    context.lineTo(canvas.width, y * down);
  }

  context.stroke();
  for (const pilot of scene.board) {
    if (pilot.id !== scene.id) {
      dot(context, pilot.x * across, pilot.y * down, 3.4, colorOf(pilot.id));
    }
  }

  const own = scene.own.flight;
  if (own) {
    context.strokeStyle = colors.dim;
    context.globalAlpha = 0.7;
    for (const [x, y] of [[0, 0], [width, 0], [-width, 0], [0, height], [0, -height]]) {
      context.strokeRect((own.x + x - view.width / 2) * across, (own.y + y - view.height / 2) * down, view.width * across, view.height * down);
    }

    context.globalAlpha = 1;
    dot(context, own.x * across, own.y * down, 6.5, colors.ink);
    dot(context, own.x * across, own.y * down, 4.6, colorOf(scene.id));
  }
}

function dot(context, x, y, radius, color) {
  context.fillStyle = color;
  context.beginPath();
  context.arc(x, y, radius, 0, Math.PI * 2);
  context.fill();
}
