// What stands around the picture: scores, chat, news. What others write is only ever put in as text.

import { colorOf } from './colors.js';

const saidMax = 40;
const toastsMax = 4;

const $ = id => document.getElementById(id);

/** Shows who plays, the best first. */
export function showBoard(board, ownId) {
  $('count').textContent = board.length === 1 ? 'only you' : `${board.length}`;
  $('pilots').replaceChildren(...board.filter(pilot => pilot.listed).map(pilot => {
    const row = element('li', `${pilot.id === ownId ? 'own' : ''} ${pilot.bot ? 'bot' : ''}`);
    const color = element('i');
    color.style.setProperty('background', colorOf(pilot.id));
    row.append(color, element('span', 'name', pilot.name), element('span', 'score', pilot.score), element('span', 'losses', `−${pilot.losses}`));
    return row;
  }));
}

export function showHealth(health) {
  const bars = $('health');
  bars.classList.toggle('low', health === 1);
  [...bars.children].forEach((bar, i) => bar.classList.toggle('full', i < health));
}

export function showDowned(isDown, by) {
  $('downed').hidden = !isDown;
  $('downed').lastElementChild.textContent = `by ${by} – back in a moment`;
}

export function showSaid(id, name, text) {
  const line = element('li');
  const who = element('b', '', `${name} `);
  who.style.setProperty('color', colorOf(id));
  line.append(who, element('span', '', text));
  $('said').append(line);
  while ($('said').children.length > saidMax) {
    $('said').firstElementChild.remove();
  }
}

export function toast(text, kind = '') {
  const line = element('p', kind, text);
  line.addEventListener('animationend', () => line.remove());
  $('toasts').append(line);
  while ($('toasts').children.length > toastsMax) {
    $('toasts').firstElementChild.remove();
  }
}

export function showLost(isLost) {
  $('lost').hidden = !isLost;
}

function element(name, className = '', text = '') {
  const made = document.createElement(name);
  made.className = className.trim();
  made.textContent = text;
  return made;
}
