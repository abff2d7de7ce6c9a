// Who else looks at the open thread, and who types. Nothing of it is stored; whoever is not heard of for a minute is gone.
import { tell } from './socket.js';
import { app, current, fill, on, words } from './words.js';

const SAY_EVERY_MS = 25_000;
const GONE_MS = 60_000;
const TYPING_MS = 10_000;
const here = new Map();
const typists = new Map();
let typingTimer = 0;

const watch = () => current() && !document.hidden && tell({ type: 'watch', conversation: current() });

function initial(name) {
  return /^[가-힣]{3,4}$/.test(name) ? name[1] : (name.trim()[0] || '?').toUpperCase();
}

function show() {
  const now = Date.now();
  for (const [id, person] of here) if (now - person.at > GONE_MS) here.delete(id);
  for (const [id, person] of typists) if (now - person.at > TYPING_MS) typists.delete(id);
  const faces = document.getElementById('presence');
  if (faces) {
    faces.hidden = !here.size;
    const text = here.size ? fill(words.here, { name: [...here.values()].map((person) => person.name).join(', ') }) : '';
    faces.setAttribute('aria-label', text);
    faces.title = text;
    faces.replaceChildren(...[...here.values()].slice(0, 4).map(({ name }) => {
      const face = document.createElement('span');
      face.className = 'm-av s24';
      face.textContent = initial(name);
      return face;
    }));
  }
  const bubble = document.getElementById('typing');
  if (bubble) bubble.hidden = !typists.has('contact');
  const colleague = [...typists].find(([id]) => id !== 'contact')?.[1];
  const line = document.getElementById('collision');
  if (!line) return;
  const text = colleague ? fill(colleague.note ? words.noting : words.replying, { name: colleague.name }) : '';
  if (line.textContent !== text) line.textContent = text;
  line.hidden = !colleague;
}

function types(id, name, note, isTyping) {
  if (isTyping) typists.set(id, { name, note, at: Date.now() });
  else typists.delete(id);
  clearTimeout(typingTimer);
  typingTimer = setTimeout(show, TYPING_MS + 100);
}

on('typing', ({ detail }) => {
  if (detail.conversation !== current()) return;
  const { who } = detail;
  types(who.kind === 'contact' ? 'contact' : who.id, who.name, who.note, detail.state === 'start');
  show();
});
on('presence', ({ detail }) => {
  const { person } = detail;
  if (detail.conversation !== current() || person.id === app.dataset.me) return;
  if (detail.here) here.set(person.id, { name: person.name, at: Date.now() });
  else here.delete(person.id);
  if (!detail.here) typists.delete(person.id);
  else if (person.typing) types(person.id, person.name, person.note, true);
  show();
});
on('heard', () => { typists.delete('contact'); show(); });
on('before-switch', () => {
  if (current()) tell({ type: 'unwatch' });
  here.clear();
  typists.clear();
});
on('thread-loaded', () => { watch(); show(); });
on('socket-open', watch);
on('socket-lost', () => { here.clear(); typists.clear(); show(); });
on('htmx:afterSwap', (event) => event.detail.target?.id === 'thread-head' && show());
document.addEventListener('visibilitychange', () => (document.hidden ? tell({ type: 'unwatch' }) : watch()));
setInterval(() => { watch(); show(); }, SAY_EVERY_MS);
