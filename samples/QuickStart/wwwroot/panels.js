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
    say(`count-${name}`, text);
  }

  byId('count-lacking').parentElement.className = counts.lacking > 0 ? 'bad' : '';
  say('summary', `${up} nodes over TCP and TLS in one process. ${isTouched.matches ? 'Touch a node to see whom it knows, and again to stop it dead' : 'Click a node to stop it dead'}; the others mend what it held.`);
  say('repair-state', counts.lost > 0 ? `${counts.lost} of ${picture.files.length} files are lost: all their holders were stopped before others had copies`
    : counts.below > 0 ? `${counts.below} of ${picture.files.length} files have fewer than ${picture.replicas} replicas` : `All ${picture.files.length} files have ${picture.replicas} replicas`);
  byId('repair-state').className = counts.lost > 0 ? 'lost' : counts.below > 0 ? 'lacking' : 'whole';
  byId('start').disabled = up >= picture.nodesMax;
}

export function showNode(picture, number) {
  const node = number === null ? undefined : picture.nodes.find(other => other.number === number);
  say('node-hint', isTouched.matches ? 'Touch a node to see whom it knows.' : 'Point at a node, or move to it with the Tab key, to see whom it knows.');
  byId('node-hint').hidden = node !== undefined;
  byId('node-facts').hidden = node === undefined;
  if (!node) {
    return;
  }

  say('node-id', node.id.replace(/.{8}/g, '$& ').trim());
  byId('node-id').title = node.id;
  say('node-state', node.isUp ? (node.isReady ? 'runs' : 'not ready yet') : 'stopped');
  say('node-leaves', `${node.leaves.length} nodes`);
  say('node-table', `${node.table.length} nodes`);
  say('node-held', node.held);
  say('node-group', node.isRoot ? 'rendezvous point' : node.isMember ? 'member' : 'no');
  say('node-heard', node.heard.toLocaleString('en'));
  say('node-stop', `Stop ${short(node.id)}`);
  byId('node-stop').hidden = !node.isUp;
}

export function showFiles(picture, picked, pick, found) {
  const file = picture.files[picked];
  const holders = file.holders.map(number => short(picture.nodes.find(node => node.number === number)?.id ?? ''));
  say('file-name', file.name);
  byId('file-name').title = file.name;
  say('file-holders', holders.length === 0 ? 'nobody holds it any more' : `held by ${holders.join(', ')}`);
  put(document.querySelector('.found'), found ?? '');
  const list = byId('files');
  if (list.children.length !== picture.files.length) {
    list.replaceChildren(...picture.files.map(other => {
      const dots = Array.from({ length: picture.replicas }, () => html('b'));
      const choice = html('button', { type: 'button', title: other.name }, html('span', {}, other.name.split('/').at(-1)), html('i', {}, ...dots));
      choice.addEventListener('click', () => pick(other.number));
      return html('li', {}, choice);
    }));
  }

  picture.files.forEach((other, i) => {
    const choice = list.children[i].firstChild;
    choice.setAttribute('aria-pressed', String(i === picked));
    [...choice.lastChild.children].forEach((dot, k) => { dot.className = k < other.holders.length ? 'there' : 'away'; });
    choice.setAttribute('aria-label', `${other.name}, ${other.holders.length} of ${picture.replicas} replicas`);
  });
}

export function showLink(isConnected, isFull) {
  byId('full').hidden = !isFull;
  byId('stopped').hidden = isConnected || isFull;
  document.body.classList.toggle('stopped', !isConnected);
}

function say(id, text) {
  put(byId(id), String(text));
}

/** What has not changed is left alone: nobody is read it again. */
function put(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
