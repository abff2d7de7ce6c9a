// The editor of files: each is uploaded as it is chosen, and the form sends the ids of those that stay.

function editor(root) {
  const [list, picker, adder, error] = ['ul', 'input[type=file]', '[data-add]', '[data-error]'].map((each) => root.querySelector(each));
  const form = root.closest('form');
  const told = (text, name) => text.replace('{name}', name);
  const say = (text) => { document.getElementById('announcer').textContent = text; };
  const complain = (text) => { error.textContent = text; error.hidden = !text; };
  const csrf = () => document.getElementById('app')?.dataset.csrf || form.elements.csrfmiddlewaretoken?.value;

  /** What is on its way is not sent without: the form waits. */
  function keep() {
    const isWaiting = Boolean(list.querySelector('progress'));
    for (const each of form.elements) if (each.type === 'submit') each.disabled = isWaiting;
    adder.disabled = list.children.length >= Number(root.dataset.most);
  }
  function out(row) {
    const name = row.querySelector('[data-called]').textContent;
    row.remove();
    keep();
    adder.focus();
    say(told(root.dataset.removed, name));
    root.dispatchEvent(new Event('change', { bubbles: true }));
  }
  function fail(row, name, reason = '') {
    row.remove();
    keep();
    complain(`${told(root.dataset.failed, name)} ${reason}`);
  }
  function settle(row, name, kept) {
    row.querySelector('progress').remove();
    row.querySelector('[data-called]').textContent = kept.name;
    row.querySelector('[data-size]').textContent = kept.size;
    row.append(Object.assign(document.createElement('input'), { type: 'hidden', name: root.dataset.name, value: kept.id }));
    keep();
    say(told(root.dataset.added, name));
    root.dispatchEvent(new Event('change', { bubbles: true }));
  }
  function upload(file) {
    if (list.children.length >= Number(root.dataset.most)) return complain(root.dataset.full);
    const row = root.querySelector('template').content.firstElementChild.cloneNode(true);
    const request = new XMLHttpRequest();
    row.querySelector('[data-called]').textContent = file.name;
    row.querySelector('progress').setAttribute('aria-label', file.name);
    row.querySelector('.rm').setAttribute('aria-label', told(root.dataset.remove, file.name));
    row.querySelector('.rm').addEventListener('click', () => request.abort());
    list.append(row);
    keep();
    const body = new FormData();
    body.append('file', file);
    body.append('brand', form.elements.brand?.value || root.dataset.brand);
    request.open('POST', root.dataset.upload);
    request.setRequestHeader('X-CSRFToken', csrf());
    request.responseType = 'json';
    request.upload.onprogress = (event) => { row.querySelector('progress').value = (100 * event.loaded) / event.total; };
    request.onload = () => (request.status === 201 ? settle(row, file.name, request.response) : fail(row, file.name, request.response?.error?.title));
    request.onerror = () => fail(row, file.name);
    return request.send(body);
  }

  adder.addEventListener('click', () => picker.click());
  picker.addEventListener('change', () => {
    complain('');
    [...picker.files].forEach(upload);
    picker.value = '';
  });
  list.addEventListener('click', (event) => {
    const row = event.target.closest('.rm')?.closest('li');
    if (row) out(row);
  });
  keep();
}

/** Bring every editor of files in this part of the page to life. */
export function startFiles(part = document) {
  for (const each of part.querySelectorAll('[data-files]')) editor(each);
}
