// Puts the page together.

import { Flights } from './flights.js';
import { Link } from './link.js';
import { showCounts, showFiles, showLink, showNode } from './panels.js';
import { Ring } from './ring.js';
import { drawTimeline } from './timeline.js';

let picture = null;
let looked = null;
let picked = 0;
let found = null;
let hops = 0;
let words = 0;
const tree = document.getElementById('show-tree');
const messages = document.getElementById('show-messages');
const link = new Link(take, showLink);
const ring = new Ring(number => { looked = number; draw(); }, stop);
const flights = new Flights(document.querySelector('#ring canvas'), number => ring.placeOf(number), (number, kind) => ring.flash(number, kind));

function take(news) {
  switch (news.kind) {
    case 'picture':
      picture = news;
      draw();
      break;
    case 'hop':
      hops++;
      if (isWatched()) {
        flights.takeHop(news);
      }

      break;
    case 'said':
      words++;
      if (isWatched()) {
        flights.fly(waysOfWord(news.by), 'word');
      }

      break;
    case 'found':
      if (news.file === picked && picture) {
        found = news.isFound ? `found from ${picture.nodes.find(node => node.number === news.by)?.id.slice(0, 6)} in ${news.ms} ms` : 'a lookup found nothing';
        draw();
      }

      break;
  }
}

/** Words go to the rendezvous point, and from there down the tree. */
function waysOfWord(by) {
  const root = picture?.nodes.find(node => node.isRoot && node.isUp);
  if (!root) {
    return [];
  }

  const ways = by === root.number ? [] : [{ from: by, to: root.number, step: 0 }];
  const seen = new Set([root.number]);
  for (let level = [root.number], step = 1; level.length > 0; step++) {
    const next = picture.nodes.filter(node => node.isUp && level.includes(node.parent) && !seen.has(node.number));
    ways.push(...next.map(node => ({ from: node.parent, to: node.number, step })));
    next.forEach(node => seen.add(node.number));
    level = next.map(node => node.number);
  }

  return ways;
}

const isWatched = () => picture !== null && messages.checked && !document.hidden;

function stop(number) {
  link.send({ stop: number });
}

function draw() {
  if (!picture?.files) {
    return;
  }

  picked = Math.min(picked, picture.files.length - 1);
  ring.draw(picture, { file: picture.files[picked], looked, showsTree: tree.checked });
  showCounts(picture);
  showNode(picture, looked);
  showFiles(picture, picked, pick, found);
  drawTimeline(picture);
}

function pick(number) {
  picked = number;
  found = null;
  draw();
}

function frame(now) {
  flights.draw(now);
  requestAnimationFrame(frame);
}

document.getElementById('start').addEventListener('click', () => link.send({ start: true }));
document.getElementById('node-stop').addEventListener('click', () => looked !== null && stop(looked));
document.getElementById('look').addEventListener('click', () => link.send({ look: picked }));
document.getElementById('say').addEventListener('click', () => link.send({ say: true }));
tree.addEventListener('change', draw);
messages.addEventListener('change', () => flights.clear());
addEventListener('resize', draw);

// For scripts that look at the page, and for who is curious.
globalThis.ring = { picture: () => picture, hops: () => hops, words: () => words, drawn: () => flights.drawn };

requestAnimationFrame(frame);
