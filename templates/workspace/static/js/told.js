// What the server says was done, with an Undo for six seconds.
import { isOpen } from './socket.js';
import { current, fade, fire, on, post, toast, words } from './words.js';

let last = null;
let shown = null;

async function undo(told) {
  last = null;
  const answer = await post(told.undo, { ...told.values, undo: 'yes' }).catch(() => null);
  if (!answer?.ok) toast(answer ? words.notDone : words.notSaved, { text: words.retry, run: () => undo(told) });
  else if (answer.headers.get('Content-Type')?.includes('json')) toast((await answer.json()).text, null, 'status');
  follow();
}

/** The socket tells of every change; where it is down, the page follows its own all the same. */
function follow() {
  if (isOpen()) return;
  fire(`ticket-${current()}-changed`);
  fire('inbox-changed');
}

export function undoLast() {
  if (!last?.row.isConnected) return;
  last.row.remove();
  undo(last.told);
}

on('told', ({ detail: told }) => {
  const row = toast(told.text, told.undo ? { text: words.undo, run: () => undo(told) } : null, 'status');
  // What changed nothing leaves what was done before to be undone.
  if (told.is_empty) return;
  // One at a time: what came before may be undone by this already.
  shown?.remove();
  shown = row;
  last = told.undo ? { told, row } : null;
  follow();
});

// Every toast goes by itself, also those that the server put there.
new MutationObserver((changes) => {
  for (const change of changes) for (const row of change.addedNodes) if (row.nodeType === 1) fade(row);
}).observe(document.getElementById('toasts'), { childList: true });
