// The page's words, and its own facts.
export const app = document.getElementById('app');
export const words = document.getElementById('words').dataset;

/** @param {string} text @param {Record<string, string>} values */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** Post a form of plain fields, as this person. */
export function post(url, fields) {
  const body = new FormData();
  Object.entries(fields).forEach(([name, value]) => body.append(name, value));
  return fetch(url, { method: 'POST', body, headers: { 'X-CSRFToken': app.dataset.csrf } });
}

export function announce(text) {
  document.getElementById('announcer').textContent = text;
}

export function toast(text) {
  const row = document.createElement('div');
  row.className = 'm-toast';
  row.textContent = text;
  document.getElementById('toasts').append(row);
  setTimeout(() => row.remove(), 6000);
}

export const makeId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
