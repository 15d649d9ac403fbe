// The documents that were found. Each keeps its place on the page as long as it can, and what people have focused stays focused, while others arrive.

import { button, day, element, plain } from './elements.js';

const audiences = { SignedIn: 'for people who have signed in', Named: 'not for everyone' };
let kept = new Map();

/** Shows what was found so far. */
export function showHits(list, views, recommend) {
  const active = document.activeElement;
  const focused = active?.closest('.hit')?.dataset.url;
  const next = new Map();
  views.forEach((view, index) => {
    const text = JSON.stringify(view);
    const old = kept.get(view.url);
    const item = old?.text === text ? old.item : hit(view, recommend);
    item.classList.toggle('new', !old);
    next.set(view.url, { text, item });
    if (list.children[index] !== item) {
      list.insertBefore(item, list.children[index] ?? null);
    }
  });
  while (list.childElementCount > views.length) {
    list.lastElementChild.remove();
  }
  kept = next;
  if (focused && document.activeElement !== active) {
    const target = active.isConnected ? active : kept.get(focused)?.item.querySelector(active.tagName === 'BUTTON' ? 'button' : 'h2 a');
    target?.focus({ preventScroll: true });
  }
}

function hit(view, recommend) {
  const item = element('li', { className: 'hit' },
    element('h2', { dir: 'auto' }, element('a', { href: view.url, textContent: view.title })),
    element('p', { className: 'where' }, element('bdi', { textContent: `${view.site}/${plain(view.path)}` })));
  item.dataset.url = view.url;
  if (view.recommendedBy.length > 0) {
    item.classList.add('recommended');
    item.prepend(element('p', { className: 'badge', textContent: `Recommended by ${[...new Set(view.recommendedBy.map(by => `${by.user} to ${by.group}`))].join(', ')}` }));
  }
  if (view.snippet) {
    item.append(element('p', { className: 'passage', dir: 'auto' }, ...marked(view.snippet, view.marks)));
  }
  item.append(foot(view, recommend));
  return item;
}

function foot(view, recommend) {
  const made = element('p', { className: 'foot' }, element('span', { className: 'kind', textContent: view.type }), element('span', {}, `${bytes(view.length)} · `, day(view.modifiedAt)));
  if (audiences[view.audience]) {
    made.append(element('span', { textContent: audiences[view.audience] }));
  }
  if (view.sameAt.length > 0) {
    const links = view.sameAt.slice(0, 3).flatMap((url, index) => [index ? ', ' : '', element('a', { href: url, textContent: new URL(url).hostname.split('.')[0] })]);
    made.append(element('span', {}, 'also at ', ...links, view.sameAt.length > 3 ? ', …' : ''));
  }
  if (recommend) {
    made.append(button('Recommend', () => recommend(view), `Recommend ${view.title}`));
  }
  return made;
}

function marked(text, marks) {
  const nodes = [];
  let at = 0;
  for (let i = 0; i + 1 < marks.length; i += 2) {
    nodes.push(text.slice(at, marks[i]), element('mark', { textContent: text.slice(marks[i], marks[i] + marks[i + 1]) }));
    at = marks[i] + marks[i + 1];
  }
  nodes.push(text.slice(at));
  return nodes;
}

function bytes(count) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1000;
    unit++;
  }
  return `${unit && count < 10 ? count.toFixed(1) : Math.round(count)} ${units[unit]}`;
}
