// Makes parts of a page. What comes from others goes into them as text, never as markup.

export const find = id => document.getElementById(id);

/** Takes out what turns the direction of letters around: a name must look like what it is. */
export const plain = text => text.replace(/[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g, '');

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Makes a button that cannot be pressed again while it acts. */
export function button(text, act, label = text) {
  const made = element('button', { type: 'button', textContent: text, className: 'small' });
  made.setAttribute('aria-label', label);
  made.addEventListener('click', async () => {
    made.disabled = true;
    try {
      await act();
    } finally {
      made.disabled = false;
    }
  });
  return made;
}

export const day = time => element('time', { dateTime: time, textContent: new Date(time).toLocaleDateString(undefined, { dateStyle: 'medium' }) });

export const minute = time => element('time', { dateTime: time, textContent: new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) });

/** Says why something failed. What browsers say of a connection that breaks helps nobody. */
export const reason = failure => failure instanceof TypeError ? 'The machine that searches for you does not answer. Check your connection, and try again.' : failure.message;
