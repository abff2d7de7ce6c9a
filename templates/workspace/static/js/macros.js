// Macros: "/" in the composer and the palette offer them; text goes where the cursor is, changes are made at once.
import { audience, choose } from './composer.js';
import { startFiles } from './console/attach.js';
import { startSteps } from './console/steps.js';
import { files } from './files.js';
import { matches } from './hangul.js';
import { suggest } from './suggest.js';
import { current, fire, fragment, on, post, refused, toast, words } from './words.js';

const SHOWN = 8;
const KEPT_MS = 60_000;
const reply = () => document.getElementById('reply');
let kept = { conversation: '', at: 0, rows: [] };

/** Fetch the macros of the open conversation, unless they are here. Gives whether they came just now. */
async function load() {
  const [conversation, url] = [current(), document.getElementById('composer')?.dataset.macros];
  if (!url || (kept.conversation === conversation && Date.now() - kept.at < KEPT_MS)) return false;
  kept = { conversation, at: Date.now(), rows: kept.conversation === conversation ? kept.rows : [] };
  const fresh = await fragment(url).catch(() => null);
  if (!fresh) kept.at = 0;
  else if (kept.conversation === conversation) Object.assign(kept, { rows: [...fresh.querySelectorAll('[data-macro]')], isLoaded: true });
  return Boolean(fresh);
}

/** What is typed after a "/" that begins a word, or null. */
const wanted = () => reply().value.slice(0, reply().selectionStart).match(/(?:^|\s)\/([^\s/]{0,40})$/)?.[1] ?? null;

const rank = ({ dataset: { shortcut, name } }, typed) => {
  if (shortcut && shortcut.startsWith(typed.normalize('NFC').toLowerCase())) return 0;
  if (shortcut && matches(shortcut, typed)) return 1;
  return matches(name, typed) ? 2 : 3;
};

/** Use a macro: its text at the cursor, its files with those to send, its changes at once. */
async function use(url) {
  const conversation = current();
  const answer = await post(url, { conversation }).catch(() => null);
  if (!answer?.ok) return answer ? refused(answer) : toast(words.failed);
  const macro = await answer.json();
  if (macro.told) fire('told', macro.told);
  if (conversation !== current() || !reply() || !(macro.text || macro.files.length)) return undefined;
  if (!reply().value.trim() && audience() !== macro.audience) choose(macro.audience);
  files.attach(macro.files);
  reply().setRangeText(macro.text, reply().selectionStart, reply().selectionEnd, 'end');
  reply().focus();
  return reply().dispatchEvent(new Event('input', { bubbles: true }));
}

function take(row) {
  const end = reply().selectionStart;
  reply().setRangeText('', end - wanted().length - 1, end, 'end');
  reply().focus();
  reply().dispatchEvent(new Event('input', { bubbles: true }));
  if (row.dataset.macro) use(row.dataset.macro);
  else showOwn();
}

function offers() {
  const typed = wanted();
  if (typed === null) return [];
  load().then((isFresh) => isFresh && document.activeElement === reply() && menu.show());
  if (kept.conversation !== current()) return [];
  if (!kept.rows.length && kept.isLoaded && typed === '') return [document.getElementById('no-macros').content.firstElementChild.cloneNode(true)];
  return kept.rows.map((row) => ({ row, at: rank(row, typed) })).filter(({ at }) => at < 3)
    .sort((one, other) => one.at - other.at).slice(0, SHOWN).map(({ row }) => row.cloneNode(true));
}

const menu = suggest({ name: 'macros', offers, take });

/** Open the menu where the cursor is, as typing "/" does. */
export function pick() {
  if (!reply()) return;
  reply().focus();
  const before = reply().value.slice(0, reply().selectionStart);
  reply().setRangeText(/(^|\s)$/.test(before) ? '/' : ' /', reply().selectionStart, reply().selectionEnd, 'end');
  reply().dispatchEvent(new Event('input', { bubbles: true }));
}

/** Show the agent's own macros, to add and edit. */
export function showOwn() {
  document.getElementById('macros-own').showModal();
  window.htmx.trigger('#own-macros', 'macros-wanted');
}

// The palette has them too, once something is typed.
on('palette-opened', async () => {
  const group = document.getElementById('palette-macros');
  await load();
  if (!reply()) return group.replaceChildren();
  const title = document.createElement('div');
  title.className = 'sec';
  title.setAttribute('aria-hidden', 'true');
  title.textContent = group.dataset.title;
  group.replaceChildren(title, ...kept.rows.map((row) => {
    const command = row.cloneNode(true);
    command.dataset.command = '';
    command.dataset.typed = '';
    return command;
  }));
  return fire('palette-grew');
});
on('click', (event) => {
  const command = event.target.closest('#palette [data-macro]');
  if (!command) return;
  document.getElementById('palette').close();
  use(command.dataset.macro);
});
on('htmx:afterSwap', (event) => {
  if (event.detail.target?.id !== 'own-macros') return;
  startSteps(event.detail.target);
  startFiles(event.detail.target);
});
// What was saved is in the menu the next time.
document.getElementById('macros-own').addEventListener('close', () => { kept.at = 0; });
