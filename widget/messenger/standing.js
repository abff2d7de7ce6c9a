// The line above the composer: how the visitor waits for a person, or who is here.
import { h } from './dom.js';
import { store } from './store.js';
import { t } from './words.js';

const LAST_PLACE = 100;

/** @param {() => string} conversation  whose thread is open */
export function standingView(conversation) {
  // There before it says anything: a screen reader hears what changes in it.
  const view = h('p', { class: 'mw-stand t12 c3', role: 'status' });

  function render() {
    // Who may not write is not waiting for anybody, and nobody is with them.
    const text = store.closing.isClosed ? '' : wordsOf(store.conversations.get(conversation())?.standing);
    if (view.textContent !== text) view.textContent = text;
  }
  return { view, render };
}

function wordsOf(standing) {
  if (!standing) return '';
  const { agent, text, position, minutes } = standing;
  if (agent) return t('here', { name: agent });
  const place = position && (position > LAST_PLACE ? t('placeFar', { n: LAST_PLACE }) : t('place', { n: position }));
  return [text, place, minutes && waitOf(minutes)].filter(Boolean).join(' · ');
}

const waitOf = (minutes) => (minutes < 60 ? t('waitMinutes', { n: minutes }) : t('waitHours', { n: Math.ceil(minutes / 60) }));
