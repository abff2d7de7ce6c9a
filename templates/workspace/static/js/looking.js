// Who else looks at the conversations of the list, or writes in them. The page says once which rows it shows; the server
// says of those what changes.
import { rows } from './list.js';
import { isOpen, tell } from './socket.js';
import { copy, fill, on, words } from './words.js';

const MOST = 500;
const NAMED = 3;
const looking = new Map();
let told = '';

function sentence(people) {
  const said = people.slice(0, NAMED).map(({ name, typing }) => fill(typing ? words.writes : words.looks, { name }));
  if (people.length > NAMED) said.push(fill(words.andMore, { n: people.length - NAMED }));
  return said.join(', ');
}

function eye(people, text) {
  const made = copy(people[0].typing ? 'row-writes' : 'row-looks');
  made.title = text;
  made.querySelector('.num').textContent = people.length > 1 ? people.length : '';
  made.querySelector('.vh').textContent = text;
  return made;
}

function show() {
  for (const row of rows()) {
    const [people, shown] = [looking.get(row.dataset.row), row.querySelector('.lk')];
    const text = people ? sentence(people) : '';
    if ((shown?.title || '') === text) continue;
    shown?.remove();
    if (people) row.querySelector('.nm').after(eye(people, text));
  }
}

function say() {
  const shown = [...new Set(rows().map((row) => row.dataset.row))].sort().slice(0, MOST);
  if (!isOpen() || shown.join() === told) return;
  told = shown.join();
  for (const conversation of [...looking.keys()]) if (!shown.includes(conversation)) looking.delete(conversation);
  tell({ type: 'list', conversations: shown });
}

on('looking', ({ detail }) => {
  for (const [name, people] of Object.entries(detail.looking)) {
    const conversation = name.replace('conversation-', '');
    if (people.length) looking.set(conversation, people);
    else looking.delete(conversation);
  }
  show();
});
on('list-marked', () => { say(); show(); });
on('socket-open', () => { told = ''; say(); });
on('socket-lost', () => { looking.clear(); show(); });
