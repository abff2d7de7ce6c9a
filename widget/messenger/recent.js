// The rows of conversations, as the first screen and the list show them.
import { avatar, button, h } from './dom.js';
import { isLocal } from './outbox.js';
import { store } from './store.js';
import { wordsOf } from './summary.js';
import { ageOf, config, t } from './words.js';

/** One conversation: who wrote last, what, when, and what is unread.
 * @param {any} conversation @param {(id: string) => void} open */
export function conversationRow(conversation, open) {
  const { id, author, preview, preview_author, unread, last_message_at } = conversation;
  const name = author?.name ? t('personFrom', { name: author.name, brand: config.brand }) : conversation.display_name || config.brand;
  const words = preview_author === 'contact' ? t('youSaid', { text: preview }) : preview || t('message');
  return button(
    { class: 'mw-card mw-row', onclick: () => open(id) },
    avatar(author ?? null, true),
    h(
      'span', { class: 'g' },
      h('span', { class: 'hd' }, h('span', { class: 'med trunc', dir: 'auto' }, name), h('span', { class: 't12 c3 at' }, ageOf(last_message_at))),
      h('span', { class: unread ? 'trunc bl' : 'c2 trunc bl', dir: 'auto' }, words),
    ),
    unread ? h('span', { class: 'mw-n' }, h('span', { 'aria-hidden': 'true' }, String(unread)), h('span', { class: 'vh' }, t('unread', { n: unread }))) : null,
  );
}

/** Threads whose first message is still on its way, as rows. @param {(id: string) => void} open */
export function waitingRows(open) {
  const entries = store.outbox.entries.filter((entry) => isLocal(entry.conversation));
  const ids = [...new Set(entries.map((entry) => entry.conversation))];
  return ids.map((id) => {
    const first = entries.find((entry) => entry.conversation === id);
    const state = t(first.state === 'failed' ? 'failed' : store.isOnline ? 'sending' : 'waiting');
    return button(
      { class: 'mw-card mw-row', onclick: () => open(id) },
      avatar(null, true),
      h('span', { class: 'g' }, h('span', { class: 'med trunc bl', dir: 'auto' }, wordsOf(first.content)), h('span', { class: 't12 c3 bl' }, state)),
    );
  });
}
