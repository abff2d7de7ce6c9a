// The command palette: commands of the page first, people and messages from the server under them.
import { app, words } from './words.js';

const box = document.getElementById('palette');
const input = document.getElementById('palette-input');
const found = document.getElementById('palette-found');
const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
// The keys of the two-set Korean layout, to read Latin words typed with the Korean layout on.
const LATIN = 'qwertyuiopasdfghjklzxcvbnm';
const HANGUL = 'ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ';
let timer = 0;

const initials = (text) => [...text].map((char) => (char >= '가' && char <= '힣' ? INITIALS[Math.floor((char.charCodeAt(0) - 0xac00) / 588)] : char)).join('');
const asLatin = (text) => [...text].map((char) => (HANGUL.includes(char) ? LATIN[HANGUL.indexOf(char)] : char)).join('');

function matches(label, typed) {
  const text = label.toLowerCase();
  return [typed, asLatin(typed)].some((each) => text.includes(each)) || initials(text).replaceAll(' ', '').includes(typed);
}

const rows = () => [...box.querySelectorAll('[role=option]')].filter((row) => !row.hidden);

function mark(index) {
  rows().forEach((row, at) => row.setAttribute('aria-selected', String(at === index)));
  rows()[index]?.scrollIntoView({ block: 'nearest' });
}

function typed() {
  const text = input.value.trim().toLowerCase();
  for (const row of box.querySelectorAll('[data-command]')) row.hidden = Boolean(text) && !matches(row.textContent.trim(), text);
  mark(0);
  clearTimeout(timer);
  timer = setTimeout(async () => {
    if (!text) return found.replaceChildren();
    const answer = await fetch(`${app.dataset.search}?q=${encodeURIComponent(input.value.trim())}`, { headers: { 'HX-Request': 'true' } });
    found.innerHTML = answer.ok ? await answer.text() : words.nothing;
    return mark(0);
  }, 150);
}

export function openPalette(text = '') {
  if (!box.open) box.showModal();
  input.value = text;
  input.focus();
  typed();
}

input.addEventListener('input', typed);
box.addEventListener('keydown', (event) => {
  if (event.isComposing) return;
  const at = rows().findIndex((row) => row.getAttribute('aria-selected') === 'true');
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    mark((at + (event.key === 'ArrowDown' ? 1 : -1) + rows().length) % rows().length);
  }
  if (event.key === 'Enter') {
    event.preventDefault();
    rows()[Math.max(0, at)]?.click();
  }
});
box.addEventListener('click', (event) => {
  if (event.target === box || event.target.closest('[data-press]')) box.close();
});
