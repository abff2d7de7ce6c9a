// One conversation: its log, kept in the order of seq, and what can be done in it.
import { call } from './api.js';
import { composerView } from './composer.js';
import { contentView } from './content.js';
import { h, icon, iconButton } from './dom.js';
import { DEFAULT, store } from './store.js';
import { config, dayOf, t, timeOf } from './words.js';

/** @param {string} openedId @param {{ back: () => void, close: () => void }} go */
export function threadView(openedId, go) {
  let id = openedId;
  let hasEarlier = false;
  const list = h('div', { role: 'list' });
  const log = h('div', { class: 'mw-log', role: 'log', 'aria-live': 'off', 'aria-label': t('conversation'), tabindex: '0' }, list);
  const offline = h('div', { class: 'mw-bn', role: 'status', hidden: true }, h('i', { class: 'sp' }), t('offline'));
  const composer = composerView(() => id);
  const menu = h('div', { class: 'mw-menu', hidden: true }, h('button', { type: 'button', onclick: askEnd }, t('end')));
  const more = iconButton(t('more'), 'more', () => (menu.hidden = !menu.hidden));
  const header = h(
    'header', { class: 'mw-h' },
    iconButton(t('back'), 'back', go.back),
    h('span', { class: 'mw-av b', 'aria-hidden': 'true' }, [...config.brand][0]),
    h('div', { class: 'g' }, h('h1', { class: 'semi trunc' }, config.brand)),
    more,
    iconButton(t('close'), 'close', go.close),
  );
  const panel = h('div', { class: 'mw-p full' }, header, menu, offline, log, composer.view);

  const hands = {
    send: (content) => store.send(id, content),
    zoom(src, alt) {
      const done = () => box.remove();
      const box = h('div', { class: 'mw-zoom', role: 'dialog', 'aria-label': alt, onclick: done }, h('img', { src, alt }), iconButton(t('closeImage'), 'close', done));
      panel.append(box);
      box.querySelector('button').focus();
    },
    press(message, action) {
      if (action.type === 'reply') store.send(id, { type: 'text', text: action.text, payload: action.payload });
      if (action.type === 'postback') call('POST', `conversations/${id}/postback`, { message: message.id, payload: action.payload }).catch(() => {});
      if (action.type === 'locationRequest') {
        navigator.geolocation.getCurrentPosition(
          ({ coords }) => store.send(id, { type: 'location', coordinates: { lat: coords.latitude, long: coords.longitude } }),
          () => offline.before(h('div', { class: 'mw-bn', role: 'alert' }, t('noLocation'))),
        );
      }
    },
    answersOf(message) {
      const all = [...store.thread(id).values()];
      return all.find((each) => each.content.quotedMessageId === message.id)?.content.fields ?? null;
    },
  };

  function askEnd() {
    menu.hidden = true;
    const done = () => { ask.remove(); more.focus(); };
    const yes = h('button', { class: 'mw-btn', type: 'button', onclick: () => { done(); call('POST', `conversations/${id}/end`).catch(() => {}); } }, t('endYes'));
    const no = h('button', { class: 'mw-btn q', type: 'button', onclick: done }, t('cancel'));
    const ask = h('div', { class: 'mw-ask', role: 'alertdialog', 'aria-label': t('endAsk'), onkeydown: (event) => { if (event.key === 'Escape') { event.stopPropagation(); done(); } } }, h('div', {}, h('p', {}, t('endAsk')), yes, no));
    panel.append(ask);
    no.focus();
  }

  function render() {
    const messages = [...store.thread(id).values()].sort((a, b) => a.seq - b.seq);
    const waiting = store.outbox.filter((entry) => entry.conversation === id || (entry.conversation === DEFAULT && id === DEFAULT));
    const conversation = store.conversations.get(id);
    const rows = [];
    if (hasEarlier) rows.push(h('button', { type: 'button', class: 'mw-early', onclick: earlier }, t('earlier')));
    messages.forEach((message, index) => {
      const before = messages[index - 1];
      if (!before || dayOf(before.created_at) !== dayOf(message.created_at)) rows.push(h('div', { class: 'mw-day', role: 'listitem' }, `${dayOf(message.created_at)} ${timeOf(message.created_at)}`));
      const isLast = index === messages.length - 1 && !waiting.length;
      rows.push(store.isMine(message) ? mine(message, isLast ? receipt(message, conversation) : '') : theirs(message, before));
    });
    rows.push(...waiting.map(pending));
    if (conversation && conversation.session.state === 'none' && messages.length && !waiting.length) rows.push(h('p', { class: 'mw-ev', role: 'listitem' }, t('ended')));
    const chips = (messages.at(-1)?.content.actions || []).filter((action) => action.type === 'reply' || action.type === 'locationRequest');
    const isAsked = messages.length && !store.isMine(messages.at(-1)) && !waiting.length;
    if (chips.length && isAsked) rows.push(h('div', { class: 'mw-qr', role: 'group', 'aria-label': t('suggestions') }, ...chips.map((action) => h('button', { type: 'button', onclick: () => hands.press(messages.at(-1), action) }, action.text))));
    const typing = store.typing.get(id);
    if (typing) rows.push(h('div', { class: 'mw-m', 'aria-hidden': 'true' }, h('div', { class: 'who' }, typing.author.name), h('div', { class: 'mw-b mw-typ' }, h('i'), h('i'), h('i'))));
    keepForms(rows);
    composer.hide(Boolean(messages.at(-1)?.content.blockChatInput && isAsked));
    more.hidden = !conversation?.may_end;
    offline.hidden = store.isOnline;
    if (!document.hidden && document.hasFocus()) store.read(id);
  }

  /** Put the new rows in place, keeping a form that is being filled in. */
  function keepForms(rows) {
    const focused = list.contains(document.activeElement) && document.activeElement.closest('form')?.closest('[data-id]');
    list.replaceChildren(...rows.map((row) => (focused && row.dataset?.id === focused.dataset.id ? focused : row)));
  }

  function theirs(message, before) {
    const isNext = before && before.author.type === message.author.type && before.author.id === message.author.id && new Date(message.created_at) - new Date(before.created_at) < 120000;
    const isBot = message.author.type === 'bot';
    return h(
      'div', { class: isNext ? 'mw-m k' : 'mw-m', role: 'listitem', 'data-id': message.id },
      h('span', { class: isBot ? 'mw-av b' : 'mw-av', 'aria-hidden': 'true' }, [...(message.author.name || config.brand)][0]),
      isNext ? null : h('div', { class: 'who' }, message.author.name || t('team'), isBot ? h('span', { class: 'mw-ai' }, t('ai')) : null),
      ...contentView(message, hands).filter(Boolean).map((part) => h('div', { class: 'mw-part' }, part)),
    );
  }

  function mine(message, state) {
    return h('div', { class: 'mw-me', role: 'listitem', 'data-id': message.id }, ...contentView(message, hands).filter(Boolean), state ? h('span', { class: 'mw-rc' }, state) : null);
  }

  function pending(entry) {
    const view = mine({ id: entry.client_id, content: entry.content }, '');
    view.querySelector('.mw-b, .mw-img')?.classList.add('pend');
    const again = h('button', { type: 'button', onclick: () => store.retry(entry.client_id) }, t('retry'));
    const drop = h('button', { type: 'button', onclick: () => store.discard(entry.client_id) }, t('discard'));
    if (entry.state === 'failed') view.append(h('span', { class: 'mw-rc fail' }, icon('alert', true), `${entry.reason || t('failed')} · `, again, ' ', drop));
    else view.append(h('span', { class: 'mw-rc' }, icon('clock', true), t(store.isOnline ? 'sending' : 'waiting')));
    return view;
  }

  async function earlier() {
    const first = Math.min(...store.thread(id).keys());
    hasEarlier = await store.load(id, first);
    render();
  }

  const on = (what, react) => { store.addEventListener(what, react); off.push(() => store.removeEventListener(what, react)); };
  const off = [];
  for (const what of ['messages', 'conversations', 'typing', 'online']) on(what, render);
  on('acknowledged', ({ detail }) => {
    if (id === DEFAULT) { id = detail.conversation; render(); }
  });
  addEventListener('focus', render);
  off.push(() => removeEventListener('focus', render));
  panel.addEventListener('dragover', (event) => event.preventDefault());
  panel.addEventListener('drop', (event) => { event.preventDefault(); composer.attach(event.dataTransfer?.files[0]); });
  render();
  if (id !== DEFAULT) store.load(id).then((more) => { hasEarlier = more; render(); }, () => {});
  return { view: panel, focus: composer.focus, leave: () => off.forEach((each) => each()), id: () => id };
}

function receipt(message, conversation) {
  const far = conversation?.business || { read_seq: 0, delivered_seq: 0 };
  if (far.read_seq >= message.seq) return t('read');
  return t(far.delivered_seq >= message.seq ? 'delivered' : 'sent');
}
