// The page's words, its own facts, and the ways to say something.
const TOAST_MS = 6000;
export const app = document.getElementById('app');
export const words = document.getElementById('words').dataset;

/** @param {string} text @param {Record<string, unknown>} values */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

/** A copy of what a template of the page holds. */
export const copy = (name) => document.getElementById(name).content.firstElementChild.cloneNode(true);

/** Gives false when a listener prevented the default. */
export const fire = (name, detail) => document.body.dispatchEvent(new CustomEvent(name, { detail, cancelable: true }));
export const on = (name, react) => document.body.addEventListener(name, react);

/** Say so once where an answer tells that nobody is signed in here any more. Gives the answer. */
function heardOf(answer) {
  if (answer.type === 'opaqueredirect' || answer.status === 401) fire('signed-out');
  return answer;
}

/** Post a form of plain fields, as this person. A way to the sign-in is a refusal: the answer is not `ok`. */
export async function post(url, fields, options = {}) {
  // The server takes a form of many parts with no part in it for a broken one.
  const body = Object.keys(fields).length ? new FormData() : new URLSearchParams();
  Object.entries(fields).forEach(([name, value]) => body.append(name, value));
  const answer = await fetch(url, { method: 'POST', redirect: 'manual', body, headers: { 'X-CSRFToken': app.dataset.csrf }, ...options });
  // A browser that lost all its cookies is refused before it is asked who it is.
  if (answer.status === 403) await fetch(location.href, { method: 'HEAD', headers: { 'HX-Request': 'true' } }).then(heardOf, () => null);
  return heardOf(answer);
}

/** Fetch a fragment as rows in a template. Rejects when there is no connection; gives null for a refusal. */
export async function fragment(url) {
  const answer = heardOf(await fetch(url, { headers: { 'HX-Request': 'true' } }));
  if (!answer.ok) return null;
  const box = document.createElement('template');
  box.innerHTML = await answer.text();
  return box.content;
}

/** Show what the server says of a deed it refused: a toast of its own. */
export async function refused(answer) {
  if (isSignedOut()) return;
  const box = document.createElement('template');
  box.innerHTML = await answer.text();
  document.getElementById('toasts').append(box.content.querySelector('.m-toast') || words.failed);
}

export function announce(text) {
  document.getElementById('announcer').textContent = text;
}

export function button(text, run, className = 'link') {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = className;
  made.textContent = text;
  made.addEventListener('click', run);
  return made;
}

/** Let a toast go after 6 s, but not while it is pointed at or holds the focus. */
export function fade(row) {
  let timer = setTimeout(() => row.remove(), TOAST_MS);
  const stay = () => clearTimeout(timer);
  const go = () => { stay(); timer = setTimeout(() => row.remove(), TOAST_MS); };
  row.addEventListener('pointerenter', stay);
  row.addEventListener('focusin', stay);
  row.addEventListener('pointerleave', go);
  row.addEventListener('focusout', go);
}

/** Say something for a moment; `act` is a button in it: { text, run }; `role` is status where nothing went wrong. */
export function toast(text, act = null, role = 'alert') {
  const row = document.createElement('div');
  row.className = 'm-toast';
  row.setAttribute('role', role);
  row.append(text);
  if (act) row.append(button(act.text, () => { row.remove(); act.run(); }, 'act'));
  document.getElementById('toasts').append(row);
  return row;
}

/** Nobody is signed in on this page any more: what it asks for is refused until somebody is. */
export const isSignedOut = () => document.body.classList.contains('signed-out');
export const makeId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
export const current = () => document.getElementById('conversation')?.dataset.conversation || '';
