// Files on their way: several at once, with progress, and out again before they are sent.
import { app, copy, current, fill, on, words } from './words.js';

let list = [];
const composer = () => document.getElementById('composer');

function show(file) {
  const row = document.createElement('li');
  row.className = 'm-chip ed';
  const name = document.createElement('span');
  name.className = 'trunc';
  name.textContent = file.name;
  const out = document.createElement('button');
  out.type = 'button';
  out.className = 'rm';
  out.setAttribute('aria-label', fill(words.remove, { name: file.name }));
  out.append(copy('cross'));
  out.addEventListener('click', () => remove(file));
  row.append(copy('clip'), name, out);
  document.getElementById('attached').append(row);
  return row;
}

/** A size as the server says it: a thousand to each step. */
function sizeOf(count) {
  if (count < 1000) return `${count} B`;
  const [size, unit] = count < 1_000_000 ? [count / 1000, 'kB'] : [count / 1_000_000, 'MB'];
  return `${size.toFixed(1).replace('.0', '')} ${unit}`;
}

function progressOf(file) {
  const state = Object.assign(document.createElement('progress'), { max: 100, value: 0 });
  state.setAttribute('aria-label', file.name);
  return state;
}

function remove(file) {
  file.request?.abort();
  file.row.remove();
  list = list.filter((each) => each !== file);
  file.settle();
}

function upload(source) {
  const file = { name: source.name, id: null, request: new XMLHttpRequest() };
  file.done = new Promise((settle) => { file.settle = settle; });
  file.row = show(file);
  list.push(file);
  const most = Number(composer().dataset.maxFile);
  if (source.size > most) return refuse(file, fill(words.tooLarge, { name: file.name, size: sizeOf(source.size), limit: sizeOf(most) }));
  file.row.lastChild.before(progressOf(file));
  const body = new FormData();
  body.append('file', source);
  body.append('conversation', current());
  file.request.open('POST', composer().dataset.upload);
  file.request.setRequestHeader('X-CSRFToken', app.dataset.csrf);
  file.request.responseType = 'json';
  file.request.upload.onprogress = (event) => { file.row.querySelector('progress').value = (100 * event.loaded) / event.total; };
  file.request.onload = () => {
    if (file.request.status === 201) {
      file.id = file.request.response.id;
      file.row.querySelector('progress').remove();
      file.settle();
    } else {
      fail(file, file.request.response?.error?.title);
    }
  };
  file.request.onerror = () => fail(file);
  return file.request.send(body);
}

const fail = (file, reason = '') => refuse(file, `${fill(words.fileBig, { name: file.name })} ${reason}`);

/** It stays, with what is wrong, until it is taken out or the reply goes without it. */
function refuse(file, said) {
  file.refused = 'new';
  file.row.querySelector('progress')?.remove();
  file.row.classList.add('refused');
  const told = file.row.querySelector('.trunc');
  told.className = 'told';
  told.setAttribute('role', 'alert');
  told.textContent = said.trim();
  file.settle();
}

export const files = {
  add: (sources) => composer() && [...sources].forEach(upload),
  /** Add files that are uploaded already: [{ id, name }]; each once. */
  attach: (kept) => kept.filter(({ id }) => !list.some((file) => file.id === id)).forEach((each) => {
    const file = { ...each, done: Promise.resolve(), settle: () => {} };
    file.row = show(file);
    list.push(file);
  }),
  /** The uploaded ones, once none is on its way: [{ id, name }]. */
  ready: async () => {
    await Promise.all(list.map((file) => file.done));
    return list.filter((file) => file.id);
  },
  /** The names of those that were refused since this was last asked. */
  takeRefused: () => {
    const fresh = list.filter((file) => file.refused === 'new');
    fresh.forEach((file) => { file.refused = 'told'; });
    return fresh.map((file) => file.name);
  },
  clear: () => {
    list.forEach((file) => { file.request?.abort(); file.row.remove(); file.settle(); });
    list = [];
  },
};

on('change', (event) => {
  if (event.target.id !== 'file') return;
  files.add(event.target.files);
  event.target.value = '';
});
on('paste', (event) => event.target.id === 'reply' && files.add(event.clipboardData.files));
on('dragover', (event) => {
  if (!event.target.closest?.('.thread') || !composer()) return;
  event.preventDefault();
  document.body.classList.add('dropping');
});
on('dragleave', (event) => event.relatedTarget?.closest?.('.thread') || document.body.classList.remove('dropping'));
on('drop', (event) => {
  document.body.classList.remove('dropping');
  if (!event.target.closest?.('.thread') || !composer()) return;
  event.preventDefault();
  files.add(event.dataTransfer.files);
});
