// Puts the page together.

import { Controls } from './controls.js';
import { Drawing, drawMap } from './draw.js';
import { Link } from './link.js';
import { showBoard, showDowned, showHealth, showLost, showSaid, toast } from './panels.js';
import { Scene } from './scene.js';

const scene = new Scene();
const drawing = new Drawing(document.getElementById('sky'));
const controls = new Controls();
const words = document.getElementById('words');
const chat = document.getElementById('chat');
const keysShownFor = 9000;

/** Who is there already when one comes is no news. */
const quietFor = 4;

const now = () => performance.now() / 1000;

const link = new Link(take, isConnected => {
  showLost(!isConnected);
  if (isConnected) {
    look();
  }
});

let quietUntil = 0;

function take(message) {
  if (message.you) {
    quietUntil = now() + quietFor;
    scene.greet(message);
  }

  if (message.board) {
    scene.board = message.board;
    showBoard(message.board, scene.id);
  }

  for (const news of message.news ?? []) {
    scene.take(news, now());
    tell(news);
  }
}

function tell(news) {
  switch (news.kind) {
    case 'said':
      showSaid(news.id, news.name, news.text);
      break;
    case 'arrived':
      if (now() > quietUntil) {
        toast(`${news.name} is here`);
      }

      break;
    case 'gone':
      toast(`${news.name} has left`);
      break;
    case 'downed':
      if (news.by === scene.id) {
        toast(`You shot down ${scene.nameOf(news.id)}`, 'mine');
      } else if (news.id === scene.id) {
        toast(`${scene.nameOf(news.by)} shot you down`, 'bad');
      }

      break;
  }
}

function look() {
  drawing.resize();
  const { width, height } = drawing.view;
  link.send({ sight: [Math.round(width / 2), Math.round(height / 2)] });
}

let drawnAt = now();

function frame() {
  const time = now();
  const { own } = scene;
  const buttons = own.flight ? controls.buttons(own.flight.heading) : 0;
  if (buttons !== own.buttons) {
    link.send({ press: [buttons, own.take(buttons)] });
  }

  scene.advance(time - drawnAt, time);
  drawnAt = time;
  drawing.draw(scene, time);
  drawMap(document.getElementById('map'), scene, drawing.view);
  showHealth(own.health);
  showDowned(own.flight !== null && own.isDown, scene.nameOf(scene.downedBy));
  requestAnimationFrame(frame);
}

addEventListener('resize', look);

addEventListener('keydown', event => {
  if (event.code === 'Enter' && event.target !== words) {
    event.preventDefault();
    words.focus();
  } else if (event.code === 'Escape') {
    words.blur();
  }
});

document.getElementById('say').addEventListener('submit', event => {
  event.preventDefault();
  if (words.value.trim()) {
    link.send({ say: words.value });
  }

  words.value = '';
  words.blur();
});

words.addEventListener('focus', () => chat.classList.add('open'));
words.addEventListener('blur', () => chat.classList.remove('open'));
document.getElementById('talk').addEventListener('click', () => {
  chat.classList.add('open');
  words.focus();
});

setTimeout(() => document.getElementById('keys').classList.add('gone'), keysShownFor);

// For scripts that look at the game, and for who is curious.
globalThis.game = {
  own: () => scene.own.flight,
  said: () => scene.own.said,
  others: () => [...scene.others.values()].map(other => ({ id: other.id, name: scene.nameOf(other.id), ...other.shown(now()) })),
};

look();
requestAnimationFrame(frame);
