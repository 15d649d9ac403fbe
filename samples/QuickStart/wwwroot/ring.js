// Draws the nodes, the file that is picked, the group's tree, and what a node knows.

import { drawWays, pointAt, radius, short, spread, svg } from './shapes.js';

const nodeRadius = 15;
const labelAt = radius + 40;

/** Of more nodes, each is drawn smaller. */
const manyNodes = 30;

export class Ring {
  #nodes = new Map();
  #places = new Map();
  #layers = id => document.getElementById(id);
  #looked;
  #stop;

  /**
   * @param looked is told which node is looked at; null for none.
   * @param stop is told which node is to stop.
   */
  constructor(looked, stop) {
    this.#looked = looked;
    this.#stop = stop;
    this.#layers('ticks').replaceChildren(...Array.from({ length: 16 }, (_, i) => {
      const [from, to, at] = [pointAt(i / 16, radius - 5), pointAt(i / 16, radius + 5), pointAt(i / 16, radius - 20)];
      return svg('g', {}, svg('line', { x1: from.x, y1: from.y, x2: to.x, y2: to.y }), svg('text', { x: at.x, y: at.y }, i.toString(16)));
    }));
  }

  /** Draws a picture; with the file that is picked, the node that is looked at, and whether the tree is shown. */
  draw(picture, { file, looked, showsTree }) {
    const holders = new Set(file?.holders ?? []);
    const byNumber = new Map(picture.nodes.map(node => [node.number, node]));
    const shown = picture.nodes;
    for (const [number, element] of this.#nodes) {
      if (!byNumber.has(number)) {
        element.remove();
        this.#nodes.delete(number);
      }
    }

    this.#places = new Map(spread(shown.map(node => node.place)).map((place, i) => [shown[i].number, place]));
    document.getElementById('nodes').classList.toggle('many', shown.length > manyNodes);
    for (const node of shown) {
      this.#drawNode(node, holders.has(node.number), looked === node.number);
    }

    const point = number => pointAt(this.#places.get(number));
    const up = number => byNumber.get(number)?.isUp;
    const of = looked === null ? undefined : byNumber.get(looked);
    drawWays(this.#layers('leaf-lines'), of?.isUp ? of.leaves.filter(up).map(other => [point(of.number), point(other), 'leaf', 0.8]) : []);
    drawWays(this.#layers('table-lines'), of?.isUp ? of.table.filter(other => up(other) && !of.leaves.includes(other)).map(other => [point(of.number), point(other), 'table', 0.5]) : []);
    drawWays(this.#layers('tree-lines'), showsTree ? shown.filter(node => node.isUp && node.parent !== null && up(node.parent)).map(node => [point(node.parent), point(node.number), 'branch', 0.62]) : []);
    this.#drawFile(picture, file, point);
    const [big, small] = this.#layers('centre').children;
    big.textContent = picture.counts.lost > 0 ? `${picture.counts.lost} lost` : picture.counts.below > 0 ? `${picture.counts.lacking} lacking` : 'whole';
    small.textContent = picture.counts.lost > 0 ? 'files whose last holder was stopped' : picture.counts.below > 0 ? `${picture.counts.below} files are being repaired` : `all files have ${Math.min(picture.replicas, shown.filter(node => node.isUp).length)} replicas`;
    this.#layers('centre').setAttribute('class', picture.counts.lost > 0 ? 'lost' : picture.counts.below > 0 ? 'lacking' : 'whole');
  }

  /** Where a node is drawn; undefined where it is not. */
  placeOf(number) {
    return this.#places.get(number);
  }

  /** Lets a node light up: something has arrived there. */
  flash(number, kind) {
    const element = this.#nodes.get(number);
    const wave = svg('circle', { class: `wave ${kind}`, r: nodeRadius });
    wave.addEventListener('animationend', () => wave.remove());
    element?.append(wave);
  }

  #drawNode(node, isHolder, isLooked) {
    let element = this.#nodes.get(node.number);
    if (!element) {
      element = this.#makeNode(node);
      this.#nodes.set(node.number, element);
      const next = [...this.#nodes].filter(([, other]) => Number(other.dataset.place) > node.place).sort((a, b) => a[1].dataset.place - b[1].dataset.place)[0];
      this.#layers('nodes').insertBefore(element, next?.[1] ?? null);
    }

    const [at, label] = [pointAt(this.#places.get(node.number)), pointAt(this.#places.get(node.number), labelAt)];
    element.setAttribute('transform', `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`);
    element.querySelector('text').setAttribute('x', (label.x - at.x).toFixed(1));
    element.querySelector('text').setAttribute('y', (label.y - at.y).toFixed(1));
    const kinds = ['node', node.isUp ? (node.isReady ? 'ready' : 'waiting') : 'gone'];
    kinds.push(...(isHolder ? ['holder'] : []), ...(isLooked ? ['looked'] : []), ...(node.isRoot ? ['root'] : []));
    element.setAttribute('class', kinds.join(' '));
    element.setAttribute('aria-disabled', String(!node.isUp));
    element.setAttribute('tabindex', node.isUp ? '0' : '-1');
    element.setAttribute('aria-label', `Node ${short(node.id)}, ${node.isUp ? (node.isReady ? 'runs' : 'is not ready yet') : 'has stopped'}, holds ${node.held} replicas${isHolder ? ', one of the file that is picked' : ''}${node.isRoot ? ', the group’s rendezvous point' : ''}.${node.isUp ? ' Enter stops it.' : ''}`);
  }

  #makeNode(node) {
    const element = svg('g', { role: 'button', 'data-number': node.number, 'data-place': node.place },
      svg('circle', { class: 'reach', r: nodeRadius + 12 }),
      svg('circle', { class: 'halo', r: nodeRadius + 6 }),
      svg('circle', { class: 'disc', r: nodeRadius }),
      svg('path', { class: 'cross', d: 'M-5 -5L5 5M5 -5L-5 5' }),
      svg('path', { class: 'star', d: 'M0 -8L2.2 -2.6L8 -2.2L3.6 1.6L5 7.4L0 4.2L-5 7.4L-3.6 1.6L-8 -2.2L-2.2 -2.6Z' }),
      svg('text', {}, node.id.slice(0, 4)));
    let touched = false;
    element.addEventListener('pointerenter', event => event.pointerType === 'mouse' && this.#looked(node.number));
    element.addEventListener('pointerleave', event => event.pointerType === 'mouse' && this.#looked(null));
    element.addEventListener('focus', () => !touched && this.#looked(node.number));
    element.addEventListener('pointerdown', event => { touched = event.pointerType !== 'mouse'; });
    element.addEventListener('click', () => {
      // A finger can't point without touching: it looks first, and stops the node by a second touch.
      if (touched && !element.classList.contains('looked')) {
        this.#looked(node.number);
      } else {
        this.#stop(node.number);
      }
    });
    element.addEventListener('keydown', event => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        this.#stop(node.number);
      }
    });
    return element;
  }

  #drawFile(picture, file, point) {
    const marks = [];
    for (const other of picture.files) {
      const at = pointAt(other.place);
      const kind = other.number === file?.number ? 'mark picked' : other.holders.length < picture.replicas ? 'mark lacking' : 'mark';
      marks.push(svg('path', { class: kind, d: 'M0 -6L6 0L0 6L-6 0Z', transform: `translate(${at.x} ${at.y})${kind === 'mark picked' ? ' scale(1.7)' : ' scale(.6)'}` }));
    }

    this.#layers('marks').replaceChildren(...marks.sort((a, b) => a.classList.length - b.classList.length));
    drawWays(this.#layers('file-lines'), (file?.holders ?? []).filter(holder => this.#places.has(holder)).map(holder => [pointAt(file.place), point(holder), 'hold', 0.8]));
  }
}
