// What owners do with a search: they recommend documents, save results as pages, and say what of their private folders more searches find.

import { button, element, find, minute, reason } from './elements.js';

const { path } = document.body.dataset;
const urlOf = page => `/${page.split('/').map(encodeURIComponent).join('/')}`;
let chosen = null;

async function call(name, body) {
  const response = await fetch(`${path}own/${name}`, body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    throw new Error(answer?.detail ?? `That did not work (${response.status}).`);
  }
  return answer;
}

/** Does what was asked for in a dialog, which stays open with the reason where it fails. */
function ready(dialog, act) {
  const [form, problem] = [dialog.querySelector('form'), dialog.querySelector('.problem')];
  const send = dialog.querySelector('.primary');
  form.addEventListener('submit', async event => {
    event.preventDefault();
    problem.textContent = '';
    send.disabled = true;
    try {
      await act();
      dialog.close();
    } catch (failure) {
      problem.textContent = reason(failure);
    } finally {
      send.disabled = false;
    }
  });
  dialog.querySelector('.cancel').addEventListener('click', () => dialog.close());
}

function open(dialog) {
  dialog.querySelector('.problem').textContent = '';
  dialog.showModal();
}

/** Opens the dialog in which a document is recommended. */
export function recommend(query, view) {
  chosen = { query, site: view.site, path: view.path };
  find('recommend-title').textContent = view.title;
  open(find('recommend'));
}

/** Opens the dialog in which a search is saved as a page. */
export function save(query, hits) {
  chosen = { query };
  const count = hits.filter(hit => hit.audience === 'Everyone').length;
  find('kept-public').textContent = `(${count} of the ${hits.length} shown)`;
  find('save-as').querySelector(`[value="${count > 0 ? 'public' : 'all'}"]`).checked = true;
  open(find('save-as'));
}

function tell(...parts) {
  find('done').replaceChildren(...parts);
}

async function act(name, wish) {
  find('problem').textContent = '';
  tell();
  try {
    show(await call(name, wish));
  } catch (failure) {
    find('problem').textContent = reason(failure);
  }
}

function show(state) {
  find('own').hidden = false;
  find('saved-section').hidden = state.saved.length === 0;
  find('saved').replaceChildren(...state.saved.map(saved => element('li', {},
    element('a', { href: urlOf(saved.page), textContent: saved.query }),
    element('span', { className: 'faint' }, 'as of ', minute(saved.savedAt), saved.includesPrivate ? ', with private documents' : ''),
    button('Refresh', () => act('refresh', { path: saved.page }), `Refresh ${saved.query}`),
    button('Delete', () => act('forget', { path: saved.page }), `Delete ${saved.query}`))));
  find('recommended-section').hidden = state.recommendations.length === 0;
  find('recommended').replaceChildren(...state.recommendations.map(note => element('li', {},
    element('bdi', { textContent: `${note.site}/${note.path}` }),
    element('span', { className: 'faint', textContent: `for “${note.query}” to ${note.group}` }),
    button('Take back', () => act('unrecommend', note), `Take back ${note.site}/${note.path}`))));
  find('summarized').replaceChildren(...state.summarized.map(folder => element('li', {},
    element('bdi', { textContent: `/${folder}` }),
    button('Remove', () => act('summarize', { path: folder, isSummarized: false }), `Remove ${folder}`))));
}

/** Makes the owner's part of the page work. */
export function readyOwner(groups) {
  find('recommend-group').replaceChildren(...groups.map(group => element('option', { value: group, textContent: group })));
  ready(find('recommend'), async () => {
    const group = find('recommend-group').value;
    show(await call('recommend', { ...chosen, group }));
    tell(`Recommended. Members of ${group} who may read it see it first from now on.`);
  });
  ready(find('save-as'), async () => {
    const includesPrivate = find('save-as').querySelector('[value="all"]').checked;
    const state = await call('save', { ...chosen, includesPrivate });
    show(state);
    tell('Saved as ', element('a', { href: urlOf(state.saved.at(-1).page), textContent: state.saved.at(-1).page }), '.');
  });
  find('summarize').addEventListener('submit', async event => {
    event.preventDefault();
    await act('summarize', { path: find('summarize-path').value, isSummarized: true });
    find('summarize-path').value = '';
  });
  act('state');
}
