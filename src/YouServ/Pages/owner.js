// The owner's page: lists the folder, uploads into it, and says who may read what.

import { readyInvite, showCopies } from './copies.js';
import { Upload } from './upload.js';

const api = '/.youserv/api/';
const find = id => document.getElementById(id);
let site = { rules: [], links: [] };
let folder = decodeURIComponent(location.hash.slice(1));

async function call(method, path, body) {
  const response = await fetch(api + path, {
    method,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 403 && response.headers.get('Content-Type')?.startsWith('application/problem')) {
    location.assign('/.youserv/sign-in?return=/.youserv/');
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => null);
    throw new Error(problem?.detail ?? statuses[response.status] ?? `That did not work (${response.status}).`);
  }
  return response.status === 204 || response.headers.get('Content-Length') === '0' ? null : response.json().catch(() => null);
}

const statuses = {
  400: 'A name like that is not possible here.',
  403: 'The system does not allow it.',
  404: 'It is no longer there.',
  409: 'There is something of that name already.',
  507: 'The disk is full.',
};

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function button(text, act, label) {
  const made = element('button', { textContent: text, type: 'button' });
  if (label) {
    made.setAttribute('aria-label', label);
  }
  made.addEventListener('click', act);
  return made;
}

const within = name => folder ? `${folder}/${name}` : name;
const urlOf = path => '/' + path.split('/').map(encodeURIComponent).join('/');

function bytes(count) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1000;
    unit++;
  }
  return `${unit && count < 10 ? count.toFixed(1) : Math.round(count)} ${units[unit]}`;
}

// Who may read

function ruleFor(path) {
  for (let rest = path; ; rest = rest.includes('/') ? rest.slice(0, rest.lastIndexOf('/')) : '') {
    const rule = site.rules.find(rule => rule.path === rest);
    if (rule || rest === '') {
      return rule;
    }
  }
}

function describe(rule) {
  if (!rule) {
    return 'Only me';
  }
  return {
    everyone: () => 'Everyone',
    'signed-in': () => 'Everyone signed in',
    named: () => [...rule.users, ...rule.groups].join(', ') || 'Only me',
  }[rule.audience]();
}

function editAccess(path) {
  const dialog = find('access');
  const own = site.rules.find(rule => rule.path === path);
  const choice = !own ? (path === '' ? 'owner' : 'inherit')
    : own.audience === 'named' && own.users.length + own.groups.length === 0 ? 'owner' : own.audience;
  find('access-name').textContent = path || 'the whole site';
  find('access-problem').textContent = '';
  find('access-users').value = own?.users.join(', ') ?? '';
  find('access-groups').value = own?.groups.join(', ') ?? '';
  dialog.querySelector(`[value="${choice}"]`).checked = true;
  dialog.querySelector('[value="inherit"]').closest('label').hidden = path === '';
  dialog.returnValue = '';
  dialog.showModal();
  dialog.onclose = async () => {
    if (dialog.returnValue !== 'save') {
      return;
    }
    const audience = dialog.querySelector('[name="audience"]:checked').value;
    const names = id => audience === 'named' ? find(id).value.split(/[,;\s]+/).filter(Boolean) : [];
    try {
      if (audience === 'inherit') {
        await call('DELETE', `rule?path=${encodeURIComponent(path)}`);
      } else {
        await call('PUT', 'rule', { path, audience: audience === 'owner' ? 'named' : audience, users: names('access-users'), groups: names('access-groups') });
      }
      await refresh();
    } catch (problem) {
      dialog.showModal();
      find('access-problem').textContent = problem.message;
    }
  };
}

for (const input of [find('access-users'), find('access-groups')]) {
  input.addEventListener('input', () => { find('access').querySelector('[value="named"]').checked = true; });
}

// Links

function share(path) {
  const dialog = find('share');
  find('share-name').textContent = path || 'the whole site';
  find('share-problem').textContent = '';
  find('share-result').hidden = find('share-copy').hidden = true;
  find('share-create').hidden = false;
  dialog.showModal();
  find('share-create').onclick = async () => {
    try {
      const span = find('share-span').value;
      const link = await call('POST', 'links', span ? { path, seconds: Number(span) } : { path });
      find('share-url').value = link.url;
      find('share-result').hidden = find('share-copy').hidden = false;
      find('share-create').hidden = true;
      find('share-url').select();
      await refresh();
    } catch (problem) {
      find('share-problem').textContent = problem.message;
    }
  };
  find('share-copy').onclick = async () => {
    await navigator.clipboard.writeText(find('share-url').value);
    find('share-copy').textContent = 'Copied';
  };
}

function showLinks() {
  find('links').replaceChildren(...site.links.map(link => element('tr', {},
    element('td', { textContent: link.path || 'the whole site' }),
    element('td', { className: 'faint', textContent: link.expiresAt ? `ends ${new Date(link.expiresAt).toLocaleString()}` : 'until revoked' }),
    element('td', {}, button('Revoke', async () => {
      await call('DELETE', `links?id=${encodeURIComponent(link.id)}`);
      await refresh();
    }, `Revoke the link to ${link.path}`)))));
  if (site.links.length === 0) {
    find('links').append(element('tr', {}, element('td', { className: 'faint', textContent: 'There are none.' })));
  }
}

// The folder

function showTrail() {
  const parts = folder ? folder.split('/') : [];
  const crumbs = [element('a', { href: '#', textContent: 'Site' })];
  parts.forEach((part, index) => {
    crumbs.push(element('span', { className: 'faint', textContent: '/' }), element('a', { href: `#${parts.slice(0, index + 1).map(encodeURIComponent).join('/')}`, textContent: part }));
  });
  const access = button(describe(ruleFor(folder)), () => editAccess(folder), `Who may read ${folder || 'the whole site'}`);
  access.className = 'small';
  find('trail').replaceChildren(...crumbs, access);
}

function row(entry) {
  const path = within(entry.name);
  const name = entry.kind === 'folder'
    ? element('a', { href: `#${path.split('/').map(encodeURIComponent).join('/')}`, textContent: `${entry.name}/` })
    : element('a', { href: urlOf(path), textContent: entry.name });
  const access = button(describe(ruleFor(path)), () => editAccess(path), `Who may read ${entry.name}`);
  access.className = 'small';
  return element('tr', {},
    element('td', {}, name),
    element('td', { className: 'number faint', textContent: entry.kind === 'folder' ? '' : bytes(entry.bytes) }),
    element('td', {}, access),
    element('td', {}, element('div', { className: 'row acts' },
      button('Share', () => share(path), `Share ${entry.name}`),
      button('Rename', () => rename(entry.name), `Rename ${entry.name}`),
      button('Delete', () => remove(entry.name), `Delete ${entry.name}`))));
}

async function showFolder() {
  showTrail();
  const rows = [];
  for (let page = 1, pages = 1; page <= pages && page <= 20; page++) {
    const response = await fetch(`${urlOf(folder)}${folder ? '/' : ''}?list&page=${page}`, { headers: { Accept: 'application/json' } });
    if (!response.ok) {
      break;
    }
    const listing = await response.json();
    pages = listing.pages;
    rows.push(...listing.entries.map(row));
  }
  find('entries').replaceChildren(...rows.length ? rows : [element('tr', {}, element('td', { className: 'faint', colSpan: 4, textContent: 'Nothing is here yet.' }))]);
}

async function attempt(act) {
  try {
    await act();
  } catch (problem) {
    alert(problem.message);
  }
  await refresh();
}

function rename(name) {
  const wanted = prompt('New name', name);
  if (wanted && wanted !== name) {
    attempt(() => call('POST', 'files/move', { path: within(name), to: within(wanted) }));
  }
}

function remove(name) {
  if (confirm(`Delete ${name}?`)) {
    attempt(() => call('POST', 'files/delete', { path: within(name) }));
  }
}

find('new-folder').addEventListener('click', () => {
  const name = prompt('Name of the folder');
  if (name) {
    attempt(() => call('POST', 'files/mkdir', { path: within(name) }));
  }
});

// Uploads

function transfer(file) {
  const bar = element('progress', { max: 1, value: 0 });
  const note = element('span', { className: 'faint', textContent: 'waiting' });
  const cancel = button('Cancel', () => upload.cancel());
  const item = element('li', {}, element('span', { textContent: file.name }), bar, note, cancel);
  find('transfers').append(item);
  const upload = new Upload(file, within(file.name), {
    progress: (done, total, rate) => {
      bar.value = total ? done / total : 1;
      note.textContent = `${bytes(done)} of ${bytes(total)}${rate ? ` · ${bytes(rate)}/s` : ''}`;
    },
    mayReplace: () => confirm(`${file.name} is there already. Replace it?`),
  });
  return upload.run().then(isDone => {
    note.textContent = isDone ? 'done' : 'cancelled';
    cancel.remove();
    bar.value = isDone ? 1 : bar.value;
    setTimeout(() => item.remove(), 4000);
  }, problem => {
    note.className = 'problem';
    note.textContent = problem.message;
    cancel.textContent = 'Dismiss';
    cancel.onclick = () => item.remove();
  });
}

async function send(files) {
  for (const file of files) {
    await transfer(file);
    await refresh();
  }
}

find('upload').addEventListener('change', event => {
  send([...event.target.files]);
  event.target.value = '';
});
find('upload').closest('label').addEventListener('keydown', event => {
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    find('upload').click();
  }
});
const drop = find('drop');
drop.addEventListener('dragover', event => {
  event.preventDefault();
  drop.classList.add('over');
});
drop.addEventListener('dragleave', () => drop.classList.remove('over'));
drop.addEventListener('drop', event => {
  event.preventDefault();
  drop.classList.remove('over');
  send([...event.dataTransfer.files]);
});

// Who has read what

let earliest = null;

async function showReadings(isMore) {
  const readings = await call('GET', `readings${isMore && earliest ? `?before=${earliest}` : ''}`);
  const rows = readings.map(reading => element('tr', {},
    element('td', { className: 'faint', textContent: new Date(reading.at).toLocaleString() }),
    element('td', { textContent: reading.reader || 'somebody' }),
    element('td', { textContent: `${reading.path || 'the site’s folder'}${reading.times > 1 ? ` × ${reading.times}` : ''}` })));
  find('readings')[isMore ? 'append' : 'replaceChildren'](...rows);
  earliest = readings.at(-1)?.id ?? earliest;
  find('more-readings').hidden = readings.length < 200;
}

find('more-readings').addEventListener('click', () => showReadings(true));

// All of it

async function refresh() {
  site = await call('GET', 'site');
  const isUp = site.state === 'Serving';
  find('state').textContent = isUp ? `${site.host} is up` : site.detail || `${site.host}: ${site.state.toLowerCase()}`;
  find('state').className = `state ${isUp ? 'up' : 'down'}`;
  find('ways').textContent = [waysIn(isUp), carried()].filter(text => text).join(' ');
  showLinks();
  await showFolder();
}

function waysIn(isUp) {
  return !isUp ? '' : site.proxyHost ? `This machine cannot be reached from outside: visitors come through ${site.proxyHost}.` : 'Visitors reach this machine directly.';
}

function carried() {
  return site.sitesCarried == null ? '' : `It carries visitors of ${count(site.sitesCarried, 'other site')}, over ${count(site.connectionsCarried, 'connection')} now.`;
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

addEventListener('hashchange', () => {
  folder = decodeURIComponent(location.hash.slice(1));
  showFolder();
});
const tools = { call, element, button, attempt };
readyInvite(tools);
await refresh();
await showReadings(false);
await showCopies(tools);
