// Files on their way up, each with its progress and a way to stop it.
import { sayAtOnce } from './announce.js';
import { button, h, iconButton } from './dom.js';
import { icon } from './icons.js';
import { upload } from './upload.js';
import { sizeOf, t } from './words.js';

/** @param {(content: object) => void} send  takes the message of a file that is up */
export function attachmentsView(send) {
  const view = h('ul', { class: 'mw-ups' });
  // One after another, in the order they were given.
  let queue = Promise.resolve();
  /** The newest refusal, the only one that is shown. @type {HTMLElement | null} */
  let refused = null;

  /** @param {File} file */
  function add(file) {
    const stop = new AbortController();
    const bar = h('progress', { max: 1, value: 0, 'aria-label': t('uploading', { name: file.name }) });
    const line = h('span', { class: 't12 c3' }, sizeOf(file.size));
    const name = h('span', { class: 'med trunc', dir: 'auto' }, file.name);
    const cancel = iconButton(t('cancelUpload', { name: file.name }), 'close', () => { stop.abort(); row.remove(); });
    const row = h('li', {}, icon('file'), h('div', { class: 'g' }, name, line, bar), cancel);
    view.append(row);
    queue = queue.then(() => run(file, { stop, bar, line, row }));
  }

  async function run(file, { stop, bar, line, row }) {
    if (stop.signal.aborted) return;
    const told = (share) => {
      bar.value = share;
      line.textContent = `${Math.round(share * 100)} % · ${sizeOf(file.size)}`;
    };
    try {
      const kept = await upload(file, told, stop.signal);
      row.remove();
      const type = kept.width ? 'image' : 'file';
      send({ type, mediaUrl: kept.url, altText: kept.name, mediaType: kept.media_type, mediaSize: kept.size });
    } catch (error) {
      if (stop.signal.aborted) return;
      const reason = error.message || t('failed');
      const kinds = error.status && file.size && !error.limit ? t('kinds') : '';
      bar.remove();
      line.replaceWith(h('span', { class: 'er' }, icon('alert', 's'), reason), h('span', { class: 't12 c3' }, kinds));
      sayAtOnce(`${file.name}: ${reason} ${kinds}`);
      // A file the server refuses is refused again; one that found no network may go up later.
      if (error.status) replaceRefused(row);
      else row.querySelector('.g').append(button({ class: 'mw-link', onclick: () => { row.remove(); add(file); } }, t('retry')));
    }
  }

  function replaceRefused(row) {
    refused?.remove();
    refused = row;
  }
  return { view, add, forgetRefused: () => refused?.remove() };
}
