// Files on their way: several at once, with progress, and out again before they are sent.
import { app, copy, current, fill, on, toast, words } from './words.js';

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
  file.row.lastChild.before(progressOf(file));
  list.push(file);
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
  file.request.send(body);
}

function fail(file, reason = '') {
  toast(`${fill(words.fileBig, { name: file.name })} ${reason}`);
  remove(file);
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
