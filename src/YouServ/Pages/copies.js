// Who keeps copies of the site, and of which sites this peer keeps copies.

const find = id => document.getElementById(id);

function ago(moment) {
  const seconds = Math.max(0, Math.round((Date.now() - new Date(moment)) / 1000));
  return seconds < 90 ? 'a moment ago' : seconds < 5400 ? `${Math.round(seconds / 60)} minutes ago` : seconds < 172800 ? `${Math.round(seconds / 3600)} hours ago` : `${Math.round(seconds / 86400)} days ago`;
}

function stateOfReplica(replica, version) {
  return !replica.isAccepted ? 'invited, has not accepted'
    : !replica.version ? 'has no copy yet'
    : replica.version === version ? 'up to date'
    : `has the state of ${ago(replica.version)}`;
}

function stateOfCopy(copy) {
  return !copy.isAccepted ? 'invites you to keep a copy'
    : copy.detail ? `${copy.version ? `has the state of ${ago(copy.version)}` : 'has nothing yet'}. ${copy.detail}`
    : copy.checkedAt ? `up to date ${ago(copy.checkedAt)}`
    : 'being copied';
}

function tell(what, site, tools) {
  return tools.attempt(async () => {
    await tools.call('POST', `replication/${what}`, { site });
    await showCopies(tools);
  });
}

export async function showCopies(tools) {
  const { call, element, button } = tools;
  const act = (what, site) => tell(what, site, tools);
  const { version, replicas, copies } = await call('GET', 'replication');
  find('replicas').replaceChildren(...replicas.map(replica => element('tr', {},
    element('td', { textContent: replica.holder }),
    element('td', { className: 'faint', textContent: stateOfReplica(replica, version) }),
    element('td', {}, element('div', { className: 'row acts' }, button('Remove', () => act('dismiss', replica.holder), `Remove the copy at ${replica.holder}`))))));
  if (replicas.length === 0) {
    find('replicas').append(element('tr', {}, element('td', { className: 'faint', textContent: 'There are none: while your machine is off, so is your site.' })));
  }
  find('held').replaceChildren(...copies.map(copy => element('tr', {},
    element('td', { textContent: copy.displayName ? `${copy.displayName} (${copy.site})` : copy.site }),
    element('td', { className: 'faint', textContent: stateOfCopy(copy) }),
    element('td', {}, element('div', { className: 'row acts' },
      ...(copy.isAccepted ? [] : [button('Keep a copy', () => act('accept', copy.site), `Keep a copy of ${copy.site}`)]),
      button(copy.isAccepted ? 'Delete' : 'Decline', () => act('leave', copy.site), `${copy.isAccepted ? 'Delete the' : 'Keep no'} copy of ${copy.site}`))))));
  find('held-section').hidden = copies.length === 0;
}

// Before anything is awaited, so that nobody invites in vain; until then the button waits.
export function readyInvite(tools) {
  find('invite').addEventListener('submit', event => {
    event.preventDefault();
    const name = find('invite-name').value.trim().toLowerCase();
    find('invite-name').value = '';
    tell('invite', name, tools);
  });
  find('invite-send').disabled = false;
}
