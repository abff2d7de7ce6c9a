// What a screen reader hears, and the optional sound.
import { h } from './dom.js';
import { nameOf, wordsOf } from './summary.js';
import { recall, remember } from './storage.js';
import { config, t } from './words.js';

const FLOOD = 3;
const FLOOD_MS = 5000;
const MAX_CHARS = 200;

const polite = h('div', { class: 'vh', 'aria-live': 'polite', id: 'polite' });
const urgent = h('div', { class: 'vh', 'aria-live': 'assertive', id: 'urgent' });
export const regions = [polite, urgent];
/** @type {{ at: number, name: string }[]} */
let lately = [];
/** @type {AudioContext | null} */
let audio = null;

// A new element each time: the same words twice are read twice.
export const say = (text) => polite.replaceChildren(h('span', {}, text));
export const sayAtOnce = (text) => urgent.replaceChildren(h('span', {}, text));

/** Say who wrote what; of more than three messages in five seconds only how many. @param {any} message */
export function sayMessage(message) {
  const name = nameOf(message.author);
  const now = Date.now();
  lately = [...lately.filter((each) => now - each.at < FLOOD_MS), { at: now, name }];
  if (lately.length <= FLOOD) return say(t('announce', { name, text: wordsOf(message.content).slice(0, MAX_CHARS) }));
  const isOne = lately.every((each) => each.name === name);
  return say(t(isOne ? 'announceManyFrom' : 'announceMany', { name, n: lately.length }));
}

export const isSoundOn = () => config.sound && recall('sound') !== false;
export const setSound = (isOn) => remember('sound', isOn);

/** Sound once, if the visitor has it on; browsers allow it only after the visitor has touched the page. */
export function beep() {
  if (!isSoundOn() || navigator.userActivation?.hasBeenActive === false) return;
  try {
    audio ??= new AudioContext();
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    const now = audio.currentTime;
    tone.frequency.value = 660;
    gain.gain.setValueAtTime(0.08, now);
    gain.gain.exponentialRampToValueAtTime(0.001, now + 0.25);
    tone.connect(gain).connect(audio.destination);
    tone.start(now);
    tone.stop(now + 0.25);
    audio.resume().catch(() => {});
  } catch {
    // No sound device: the message is there all the same.
  }
}
