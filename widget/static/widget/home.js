// The first screen: a greeting, a way to write, and earlier conversations.
import { h, icon, iconButton } from './dom.js';
import { DEFAULT, store } from './store.js';
import { config, dayOf, t } from './words.js';

/** @param {{ open: (id: string) => void, close: () => void }} go */
export function homeView(go) {
  const cards = h('div', { class: 'mw-cards' });
  const mark = config.logo ? h('img', { class: 'mw-av', src: config.logo, alt: '' }) : h('span', { class: 'mw-av', 'aria-hidden': 'true' }, [...config.brand][0]);
  const hero = h('div', { class: 'mw-hero' }, h('div', { class: 'top' }, mark, h('span', { class: 'semi' }, config.brand)), h('h2', {}, config.greeting));
  hero.querySelector('.top').append(iconButton(t('close'), 'close', go.close));
  const panel = h('div', { class: 'mw-p full' }, hero, cards);

  function render() {
    const recent = [...store.conversations.values()].filter((each) => each.last_seq);
    const fresh = recent.some((each) => !each.last_message_at) ? DEFAULT : recent.length ? 'new' : DEFAULT;
    const focused = [...cards.querySelectorAll('button')].indexOf(document.activeElement);
    cards.replaceChildren(
      h('button', { type: 'button', class: 'mw-card', onclick: () => go.open(fresh) }, h('span', { class: 'mw-row' }, h('span', { class: 'g' }, h('span', { class: 'med' }, t('newMessage')), h('br'), h('span', { class: 't12 c3' }, t('newHint'))), icon('plane'))),
      ...(recent.length ? [h('h3', { class: 't12 c3' }, t('recent')), ...recent.map(row)] : []),
    );
    if (focused >= 0) cards.querySelectorAll('button')[focused]?.focus();
  }
  function row(conversation) {
    const isMine = conversation.preview_author === 'contact';
    return h(
      'button', { type: 'button', class: 'mw-card', onclick: () => go.open(conversation.id) },
      h(
        'span', { class: 'mw-row' },
        h('span', { class: 'g' }, h('span', { class: 'med trunc', dir: 'auto' }, `${isMine ? `${t('you')}: ` : ''}${conversation.preview}`), h('br'), h('span', { class: 't12 c3' }, dayOf(conversation.last_message_at))),
        conversation.unread ? h('span', { class: 'mw-n', 'aria-label': t('unread', { n: conversation.unread }) }, String(conversation.unread)) : null,
      ),
    );
  }
  store.addEventListener('conversations', render);
  render();
  return { view: panel, focus: () => cards.querySelector('button')?.focus(), leave: () => store.removeEventListener('conversations', render) };
}
