// The page on which people search: asks, shows what comes as it comes, and lets owners recommend and save. What comes from others is text here, never markup.

const path = document.body.dataset.path;
const site = document.body.dataset.site;
const isOwner = document.body.dataset.isOwner === 'yes';
const groups = JSON.parse(document.body.dataset.groups);
const find = id => document.getElementById(id);
let search = null;
let asked = '';
let shown = new Set();

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function button(text, act) {
  const made = element('button', { type: 'button', textContent: text, className: 'small' });
  made.addEventListener('click', act);
  return made;
}

async function call(name, body) {
  const response = await fetch(`${path}own/${name}`, body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    throw new Error(answer?.detail ?? `That did not work (${response.status}).`);
  }
  return answer;
}

function tell(problem) {
  find('problem').textContent = problem;
}

// The filters are part of the query, so that an address says all of it.
function typed() {
  const words = find('query').value.trim();
  const where = find('where').value;
  const type = find('type').value;
  return [words, words && where, words && type && `type:${type}`].filter(Boolean).join(' ');
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }
    rest += value;
    for (let end; (end = rest.indexOf('\n\n')) >= 0; rest = rest.slice(end + 2)) {
      const lines = rest.slice(0, end).split('\n');
      const name = lines.find(line => line.startsWith('event: '))?.slice(7);
      const data = lines.filter(line => line.startsWith('data: ')).map(line => line.slice(6)).join('\n');
      yield { name, data: JSON.parse(data) };
    }
  }
}

async function run(query, isFresh = false) {
  search?.abort();
  const current = search = new AbortController();
  asked = query;
  shown = new Set();
  tell('');
  find('hits').replaceChildren();
  find('acts').hidden = true;
  find('status').hidden = false;
  find('progress').removeAttribute('value');
  find('counts').textContent = 'Asking who may have an answer …';
  find('missing').textContent = '';
  try {
    const response = await fetch(`${path}results`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query, isFresh }),
      signal: current.signal,
    });
    if (!response.ok) {
      throw new Error((await response.json().catch(() => null))?.detail ?? `The search did not work (${response.status}).`);
    }
    let isFinal = false;
    for await (const { name, data } of events(response)) {
      if (name === 'problem') {
        throw new Error(data.detail);
      }
      isFinal = data.progress.isFinal;
      show(data);
    }
    if (!isFinal) {
      throw new Error('The connection broke before the search came to its end.');
    }
  } catch (failure) {
    if (!current.signal.aborted) {
      find('status').hidden = find('hits').childElementCount === 0;
      tell(failure.message);
    }
  }
}

const sites = count => `${count} ${count === 1 ? 'site' : 'sites'}`;

function show(results) {
  const { progress } = results;
  const bar = find('progress');
  bar.max = Math.max(1, progress.candidates);
  bar.value = progress.isFinal ? bar.max : progress.answered + progress.silent + progress.away;
  const parts = [`${results.matches} ${results.matches === 1 ? 'document' : 'documents'}`, `${progress.answered} of ${sites(progress.candidates)} answered`];
  if (progress.fromCache > 0) {
    parts.push(`${progress.fromCache} gathered a moment ago`);
  }
  find('counts').textContent = progress.isFinal && results.hits.length === 0 ? `Nothing found. ${parts[1]}.` : `${parts.join(' · ')}${progress.isFinal ? '' : ' …'}`;
  const missing = [];
  if (progress.silent > 0) {
    missing.push(`${sites(progress.silent)} did not answer${results.silent.length ? ` (${results.silent.slice(0, 5).join(', ')}${results.silent.length > 5 ? ', …' : ''})` : ''}`);
  }
  if (progress.away > 0) {
    missing.push(`${sites(progress.away)} ${progress.away === 1 ? 'is' : 'are'} away${results.away.length ? ` (${results.away.slice(0, 5).join(', ')}${results.away.length > 5 ? ', …' : ''})` : ''}`);
  }
  find('missing').textContent = missing.length ? `${missing.join('; ')}: there may be more there.` : '';
  tell(results.problem ?? '');
  find('acts').hidden = !progress.isFinal;
  find('fresh').hidden = progress.fromCache === 0;
  find('save').hidden = !isOwner || results.hits.length === 0;
  const active = document.activeElement?.closest?.('.hit')?.dataset.url;
  find('hits').replaceChildren(...results.hits.map(hit));
  if (active) {
    document.querySelector(`.hit[data-url="${CSS.escape(active)}"] a`)?.focus();
  }
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

const audiences = { SignedIn: 'for those who have signed in', Named: 'not for everyone' };

function hit(view) {
  const link = element('a', { href: view.url }, element('bdi', { textContent: view.title }));
  const item = element('li', { className: 'hit' }, element('h3', {}, link), element('p', { className: 'where' }, element('bdi', { textContent: `${view.site}/${view.path}` })));
  item.dataset.url = view.url;
  if (!shown.has(view.url)) {
    item.classList.add('new');
    shown.add(view.url);
  }
  if (view.recommendedBy.length > 0) {
    item.classList.add('recommended');
    item.append(element('p', { className: 'badge', textContent: `Recommended by ${[...new Set(view.recommendedBy.map(by => `${by.user} to ${by.group}`))].join(', ')}` }));
  }
  if (view.snippet) {
    item.append(element('p', { className: 'passage', dir: 'auto' }, ...marked(view.snippet, view.marks)));
  }
  const foot = element('p', { className: 'foot' }, element('span', { className: 'kind', textContent: view.type }), `${bytes(view.length)} · ${new Date(view.modifiedAt).toLocaleDateString()}`);
  if (audiences[view.audience]) {
    foot.append(element('span', { textContent: audiences[view.audience] }));
  }
  if (view.sameAt.length > 0) {
    foot.append(element('span', {}, 'also at ', ...view.sameAt.slice(0, 3).flatMap((url, index) => [index ? ', ' : '', element('a', { href: url, textContent: new URL(url).hostname.split('.')[0] })])));
  }
  if (isOwner && groups.length > 0) {
    foot.append(button('Recommend', () => recommend(view)));
  }
  item.append(foot);
  return item;
}

// Owners recommend, save, and say what the registrar may know.

function recommend(view) {
  find('recommend-title').textContent = view.title;
  find('recommend-problem').textContent = '';
  find('recommend-group').replaceChildren(...groups.map(group => element('option', { value: group, textContent: group })));
  find('recommend-send').onclick = async () => {
    try {
      showOwn(await call('recommend', { query: asked, group: find('recommend-group').value, site: view.site, path: view.path }));
      find('recommend').close();
    } catch (failure) {
      find('recommend-problem').textContent = failure.message;
    }
  };
  find('recommend').showModal();
}

async function act(name, wish) {
  tell('');
  try {
    showOwn(await call(name, wish));
  } catch (failure) {
    tell(failure.message);
  }
}

function showOwn(state) {
  find('own').hidden = false;
  find('saved-section').hidden = state.saved.length === 0;
  find('saved').replaceChildren(...state.saved.map(saved => element('li', {},
    element('a', { href: `/${saved.page.split('/').map(encodeURIComponent).join('/')}`, textContent: saved.query }),
    element('span', { className: 'faint', textContent: new Date(saved.savedAt).toLocaleString() }),
    button('Refresh', () => act('refresh', { path: saved.page })),
    button('Forget', () => act('forget', { path: saved.page })))));
  find('recommended-section').hidden = state.recommendations.length === 0;
  find('recommended').replaceChildren(...state.recommendations.map(note => element('li', {},
    element('span', { textContent: `${note.site}/${note.path}` }),
    element('span', { className: 'faint', textContent: `for “${note.query}” to ${note.group}` }),
    button('Take back', () => act('unrecommend', note)))));
  find('summarized').replaceChildren(...state.summarized.map(folder => element('li', {},
    element('span', { textContent: `/${folder}` }),
    button('Remove', () => act('summarize', { path: folder, isSummarized: false })))));
}

function fillWhere() {
  const where = find('where');
  if (site) {
    where.append(element('option', { value: `site:${site}`, textContent: isOwner ? 'My site' : 'This site' }));
  }
  for (const group of groups) {
    where.append(element('option', { value: /\s/.test(group) ? `group:"${group}"` : `group:${group}`, textContent: `Group ${group}` }));
  }
}

find('search').addEventListener('submit', event => {
  event.preventDefault();
  const query = typed();
  if (query) {
    history.pushState(null, '', `?q=${encodeURIComponent(query)}`);
    run(query);
  }
});
for (const id of ['where', 'type']) {
  find(id).addEventListener('change', () => find('search').requestSubmit());
}
find('fresh').addEventListener('click', () => run(asked, true));
find('save').addEventListener('click', async event => {
  event.target.disabled = true;
  await act('save', { query: asked });
  event.target.disabled = false;
});
find('summarize').addEventListener('submit', async event => {
  event.preventDefault();
  await act('summarize', { path: find('summarize-path').value, isSummarized: true });
  find('summarize-path').value = '';
});

// Keys: / goes to the box, the arrows from hit to hit.
document.addEventListener('keydown', event => {
  const isTyping = event.target.closest?.('input:not(#query), select, dialog');
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (event.key === '/' && event.target !== find('query')) {
    event.preventDefault();
    find('query').select();
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const stops = [find('query'), ...document.querySelectorAll('.hit h3 a')];
    const at = stops.indexOf(document.activeElement);
    const next = stops[(at < 0 ? 0 : at) + (event.key === 'ArrowDown' ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }
});

// An address says the query: what the filters say of it goes back into them.
function open() {
  const query = new URLSearchParams(location.search).get('q')?.trim() ?? '';
  let words = query;
  for (const id of ['where', 'type']) {
    const select = find(id);
    select.value = '';
    for (const option of select.options) {
      const filter = id === 'type' && option.value ? `type:${option.value}` : option.value;
      if (filter && ` ${words} `.includes(` ${filter} `)) {
        select.value = option.value;
        words = ` ${words} `.replace(` ${filter} `, ' ').trim();
      }
    }
  }
  find('query').value = words;
  if (query) {
    run(query);
  } else {
    search?.abort();
    find('hits').replaceChildren();
    find('status').hidden = true;
    find('acts').hidden = true;
  }
}

addEventListener('popstate', open);
fillWhere();
open();
if (isOwner) {
  call('state').then(showOwn, failure => tell(failure.message));
}
