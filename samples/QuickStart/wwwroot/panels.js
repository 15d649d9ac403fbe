// Tells of the node that is looked at, the file that is picked, and the whole.

import { html, short } from './shapes.js';

const isTouched = matchMedia('(pointer: coarse)');

const byId = id => document.getElementById(id);

export function showCounts(picture) {
  const { counts } = picture;
  const up = picture.nodes.filter(node => node.isUp).length;
  const texts = {
    nodes: up,
    messages: counts.messagesPerSecond.toFixed(0),
    hops: counts.meanHops.toFixed(2),
    lookups: counts.lookups.toLocaleString('en'),
    heard: counts.heard.toLocaleString('en'),
    lacking: counts.lacking,
  };
  for (const [name, text] of Object.entries(texts)) {
    byId(`count-${name}`).textContent = text;
  }

  byId('count-lacking').parentElement.className = counts.lacking > 0 ? 'bad' : '';
  byId('summary').textContent = `${up} nodes over TCP and TLS in one process. ${isTouched.matches ? 'Touch a node to see whom it knows, and again to stop it dead' : 'Click a node to stop it dead'}; the others mend what it held.`;
  byId('repair-state').textContent = counts.lost > 0 ? `${counts.lost} of ${picture.files.length} files are lost: all their holders were stopped before others had copies`
    : counts.below > 0 ? `${counts.below} of ${picture.files.length} files have fewer than ${picture.replicas} replicas` : `All ${picture.files.length} files have ${picture.replicas} replicas`;
  byId('repair-state').className = counts.lost > 0 ? 'lost' : counts.below > 0 ? 'lacking' : 'whole';
  byId('start').disabled = up >= picture.nodesMax;
}

let shownNode = '';

export function showNode(picture, number, stop) {
  const node = number === null ? undefined : picture.nodes.find(other => other.number === number);
  const text = JSON.stringify([node, node && picture.nodes.length]);
  if (text === shownNode) {
    return;
  }

  shownNode = text;
  if (!node) {
    byId('node').replaceChildren(html('p', { className: 'empty' }, isTouched.matches ? 'Touch a node to see whom it knows.' : 'Point at a node, or move to it with the Tab key, to see whom it knows.'));
    return;
  }

  const row = (name, value) => html('div', {}, html('dt', {}, name), html('dd', {}, String(value)));
  const parts = [
    html('p', { className: 'id', title: node.id }, node.id.replace(/.{8}/g, '$& ').trim()),
    html('dl', {},
      row('State', node.isUp ? (node.isReady ? 'runs' : 'not ready yet') : 'stopped'),
      row('Leaf set', `${node.leaves.length} nodes`),
      row('Routing table', `${node.table.length} nodes`),
      row('Replicas held', node.held),
      row('In the group', node.isRoot ? 'rendezvous point' : node.isMember ? 'member' : 'no'),
      row('Words heard', node.heard.toLocaleString('en'))),
  ];
  if (node.isUp) {
    const button = html('button', { type: 'button', className: 'stop' }, `Stop ${short(node.id)}`);
    button.addEventListener('click', () => stop(node.number));
    parts.push(button);
  }

  byId('node').replaceChildren(...parts);
}

let shownFiles = '';

export function showFiles(picture, picked, pick, look, found) {
  const file = picture.files[picked];
  const text = JSON.stringify([picture.files.map(other => other.holders.length), file, found]);
  if (text === shownFiles) {
    return;
  }

  shownFiles = text;
  const holders = file.holders.map(number => short(picture.nodes.find(node => node.number === number)?.id ?? ''));
  const button = html('button', { type: 'button', id: 'look' }, 'Look it up');
  button.addEventListener('click', look);
  byId('file').replaceChildren(
    html('p', { className: 'name', title: file.name }, file.name),
    html('p', { className: 'holders' }, html('span', {}, holders.length === 0 ? 'nobody holds it any more' : `held by ${holders.join(', ')}`), button),
    html('p', { className: 'found', role: 'status' }, found ?? ' '));
  const list = byId('files');
  if (list.children.length !== picture.files.length) {
    list.replaceChildren(...picture.files.map(other => {
      const choice = html('button', { type: 'button' }, html('span', {}, other.name.split('/').at(-1)), html('i'));
      choice.title = other.name;
      choice.addEventListener('click', () => pick(other.number));
      return html('li', {}, choice);
    }));
  }

  picture.files.forEach((other, i) => {
    const choice = list.children[i].firstChild;
    choice.setAttribute('aria-pressed', String(i === picked));
    const dots = Array.from({ length: picture.replicas }, (_, k) => html('b', { className: k < other.holders.length ? 'there' : 'away' }));
    choice.lastChild.replaceChildren(...dots);
    choice.setAttribute('aria-label', `${other.name}, ${other.holders.length} of ${picture.replicas} replicas`);
  });
}

export function showStopped(hasStopped) {
  byId('stopped').hidden = !hasStopped;
  document.body.classList.toggle('stopped', hasStopped);
}
