// The page on which people search: asks, and shows what comes as it comes.

import { element, find, reason } from './elements.js';
import { showHits } from './hits.js';
import { readyOwner, recommend, save } from './own.js';

const { path, site, place } = document.body.dataset;
const isOwner = document.body.dataset.isOwner === 'yes';
const groups = JSON.parse(document.body.dataset.groups);
const sayInterval = 5000;
let search = null;
let asked = '';
let latest = [];
let saidAt = 0;

function write(id, text) {
  if (find(id).textContent !== text) {
    find(id).textContent = text;
  }
}

// Those who listen to the page hear that a search begins and how it ends, and of a long one now and then how far it is; not each of its steps.
function say(text, isDue) {
  if (isDue || performance.now() - saidAt > sayInterval) {
    saidAt = performance.now();
    write('said', text);
  }
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

function clear() {
  search?.abort();
  latest = [];
  showHits(find('hits'), latest);
  for (const id of ['problem', 'done', 'counts', 'missing']) {
    find(id).textContent = '';
  }
  for (const id of ['acts', 'nothing', 'status']) {
    find(id).hidden = true;
  }
}

async function run(query, isFresh = false) {
  clear();
  const current = search = new AbortController();
  asked = query;
  document.body.classList.add('asked');
  document.title = `${query} · ${place}`;
  find('status').hidden = false;
  find('progress').hidden = false;
  find('progress').removeAttribute('value');
  write('counts', 'Finding out which sites may have it …');
  say('Searching.', true);
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
      throw new Error('The connection broke before the search came to its end. Search again to see all.');
    }
  } catch (failure) {
    if (!current.signal.aborted) {
      find('status').hidden = true;
      say('', true);
      write('problem', reason(failure));
    }
  }
}

const some = (count, one, many) => `${count.toLocaleString()} ${count === 1 ? one : many}`;
const sites = count => some(count, 'site', 'sites');
const listed = names => names.length > 0 ? ` (${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''})` : '';

function accountOf({ hits, matches, progress }) {
  if (progress.isFinal && progress.candidates === 0) {
    return progress.isWhole ? 'No site is known to have all of these words. What is shared with few people is found when you search in a work group, or at a site (site:joe).' : 'No site was asked.';
  }
  const shown = hits.reduce((sum, hit) => sum + 1 + hit.sameAt.length, 0);
  const found = hits.length === 0 && progress.isFinal ? 'Nothing found'
    : matches > shown ? `The best ${hits.length} of ${some(matches, 'document', 'documents')}`
    : some(matches, 'document', 'documents');
  const parts = [found, `${progress.answered} of ${sites(progress.candidates)} answered`];
  if (progress.fromCache > 0) {
    parts.push(progress.fromCache === 1 ? '1 of them a few minutes ago' : `${progress.fromCache} of them a few minutes ago`);
  }
  return parts.join(' · ');
}

function missingOf({ progress, silent, away }) {
  const missing = [];
  if (progress.silent > 0) {
    missing.push(`${sites(progress.silent)} did not answer${listed(silent)}`);
  }
  if (progress.away > 0) {
    missing.push(`${sites(progress.away)} ${progress.away === 1 ? 'is' : 'are'} away${listed(away)}`);
  }
  return missing.length > 0 ? `${missing.join('; ')}. There may be more there: search again later.` : '';
}

function show(results) {
  const { progress } = results;
  const [account, missing] = [accountOf(results), missingOf(results)];
  const bar = find('progress');
  bar.max = Math.max(1, progress.candidates);
  bar.value = progress.answered + progress.silent + progress.away;
  bar.hidden = progress.isFinal;
  write('counts', progress.isFinal ? account : `${account} …`);
  write('missing', missing);
  write('problem', progress.isFinal ? results.problem ?? '' : ''); // Until then it may still come right.
  say([account, missing].filter(Boolean).join('. '), progress.isFinal);
  latest = results.hits;
  find('fresh').hidden = progress.fromCache === 0 && missing === '';
  find('save').hidden = !isOwner || latest.length === 0;
  find('acts').hidden = !progress.isFinal || (find('fresh').hidden && find('save').hidden);
  find('nothing').hidden = !progress.isFinal || latest.length > 0;
  find('widen').hidden = !find('where').value && !find('type').value;
  showHits(find('hits'), latest, isOwner && groups.length > 0 ? view => recommend(asked, view) : null);
}

// Links that lead to be signed in, or to search elsewhere, take the query along.
function carry(query) {
  for (const link of document.querySelectorAll('a[data-carries]')) {
    const url = new URL(link.href);
    url.searchParams.set(link.dataset.carries, link.dataset.carries === 'return' ? `${path}?q=${encodeURIComponent(query)}` : query);
    link.href = url;
  }
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

const queryOfAddress = () => new URLSearchParams(location.search).get('q')?.trim() ?? '';

// An address says the query: what the filters say of it goes back into them.
function open() {
  const query = queryOfAddress();
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
  carry(query);
  if (query) {
    run(query);
  } else {
    clear();
    document.body.classList.remove('asked');
    document.title = `Search · ${place}`;
  }
}

find('search').addEventListener('submit', event => {
  event.preventDefault();
  const query = typed();
  if (!query) {
    find('query').focus();
    return;
  }
  if (query !== queryOfAddress()) {
    history.pushState(null, '', `?q=${encodeURIComponent(query)}`);
  }
  if (matchMedia('(pointer: coarse)').matches) {
    find('query').blur(); // The keyboard on the screen would hide what is found.
  }
  open();
});
for (const id of ['where', 'type']) {
  find(id).addEventListener('change', () => {
    if (typed()) {
      find('search').requestSubmit();
    }
  });
}
find('widen').addEventListener('click', () => {
  find('where').value = find('type').value = '';
  find('search').requestSubmit();
});
find('fresh').addEventListener('click', () => run(asked, true));
find('save').addEventListener('click', () => save(asked, latest));

// Keys: / goes to the box, the arrows from hit to hit.
document.addEventListener('keydown', event => {
  const isElsewhere = event.target.closest?.('input:not(#query), select, dialog');
  if (isElsewhere || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (event.key === '/' && event.target !== find('query')) {
    event.preventDefault();
    find('query').select();
  } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !event.shiftKey) {
    const stops = [find('query'), ...document.querySelectorAll('.hit h2 a')];
    const active = document.activeElement;
    const at = stops.indexOf(active?.closest('.hit')?.querySelector('h2 a') ?? active);
    const next = at >= 0 ? stops[at + (event.key === 'ArrowDown' ? 1 : -1)] : stops.find((stop, index) => index > 0 && stop.getBoundingClientRect().top >= 0);
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }
});

addEventListener('popstate', open);
fillWhere();
open();
if (isOwner) {
  readyOwner(groups);
}
