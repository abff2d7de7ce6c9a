// The thread under the pointer is fetched before the click, so that it opens at once; what came since is asked for then.
import { fragment, on } from './words.js';

const AFTER_MS = 60;
const FRESH_MS = 10_000;
const kept = new Map();
let timer = 0;

const conversationOf = (url) => new URL(url, location.href).pathname.match(/^\/workspace\/inbox\/[^/]+\/([^/]+)\/$/)?.[1];

/** Begin to fetch the thread that this address opens. */
export function preload(url) {
  const id = conversationOf(url);
  if (!id || kept.get(id)?.at > Date.now() - FRESH_MS) return;
  kept.clear();
  kept.set(id, { at: Date.now(), thread: fragment(`/workspace/conversations/${id}/`).catch(() => null) });
}

/** Put the fetched thread in place of the region's own request. */
async function place(region) {
  const thread = await kept.get(region.dataset.conversation).thread;
  kept.delete(region.dataset.conversation);
  if (!region.isConnected) return;
  if (!thread) return window.htmx.trigger(region, 'try-again');
  const box = document.createElement('div');
  box.append(thread);
  return window.htmx.swap(region, box.innerHTML, { swapStyle: 'innerHTML' }, { eventInfo: { target: region } });
}

on('htmx:beforeRequest', (event) => {
  const region = event.detail.elt;
  const held = region.id === 'conversation' && kept.get(region.dataset.conversation);
  if (!held || held.at < Date.now() - FRESH_MS) return;
  event.preventDefault();
  place(region);
});
on('pointerover', (event) => {
  const link = event.target.closest?.('a[data-row]');
  clearTimeout(timer);
  if (link && !link.getAttribute('aria-current')) timer = setTimeout(() => preload(link.href), AFTER_MS);
});
