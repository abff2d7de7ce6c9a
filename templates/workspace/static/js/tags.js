// Fields of tags suggest those in use: the browser's own list, fetched as the field gets the focus.
import { fragment, on } from './words.js';

on('focusin', async ({ target }) => {
  if (!target.dataset?.tags) return;
  const fresh = await fragment(target.dataset.tags).catch(() => null);
  if (fresh) document.getElementById('used-tags').replaceChildren(fresh);
});
