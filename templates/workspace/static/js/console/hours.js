// The editor of a schedule: openings of a day that are added, copied and taken away, holidays that are written and removed.

const say = document.getElementById('announcer');
const times = (opening) => [...opening.querySelectorAll('input')].map((input) => input.value);

/** Tell of each opening whether it ends on the next day, and of a day without any that it is closed. */
function tell(day) {
  const openings = [...day.querySelectorAll('[data-opening]')];
  day.querySelector('[data-closed]').hidden = openings.length > 0;
  for (const opening of openings) {
    const [from, to] = times(opening);
    opening.querySelector('[data-all]').hidden = !(from && from === to);
    opening.querySelector('[data-next]').hidden = !(from && to && to < from && to !== '00:00');
  }
}

function add(day, from, to) {
  const opening = day.querySelector('template').content.firstElementChild.cloneNode(true);
  const [starts, ends] = opening.querySelectorAll('input');
  if (from !== undefined) [starts.value, ends.value] = [from, to];
  day.querySelector('[data-openings]').append(opening);
  return starts;
}

/** Give the times of a day's next opening: an hour after its last one, for as long as is left of the day. */
function following(day) {
  const last = [...day.querySelectorAll('[data-opening]')].at(-1);
  const end = last && times(last)[1];
  if (!end || end >= '22:00' || end <= times(last)[0]) return last ? ['', ''] : [];
  const hour = Number(end.slice(0, 2)) + 1;
  return [`${String(hour).padStart(2, '0')}:${end.slice(3, 5)}`, hour < 18 ? '18:00' : '00:00'];
}

function clear(day) {
  for (const opening of day.querySelectorAll('[data-opening]')) opening.remove();
}

function startWeek(week) {
  const days = [...week.querySelectorAll('[data-day]')];
  week.addEventListener('click', ({ target }) => {
    const day = target.closest('[data-day]');
    const button = target.closest('button');
    if (!day || !button) return;
    if ('add' in button.dataset) add(day, ...following(day)).focus();
    if ('whole' in button.dataset) {
      clear(day);
      add(day, '00:00', '00:00');
    }
    if ('drop' in button.dataset) {
      button.closest('[data-opening]').remove();
      day.querySelector('[data-add]').focus();
    }
    if ('copyTo' in button.dataset) {
      const copied = [...day.querySelectorAll('[data-opening]')].map(times);
      for (const other of days.filter((each) => each !== day && button.dataset.copyTo.split(',').includes(each.dataset.day))) {
        clear(other);
        for (const [from, to] of copied) add(other, from, to);
        tell(other);
      }
      say.textContent = week.dataset.copied;
    }
    tell(day);
  });
  week.addEventListener('input', ({ target }) => tell(target.closest('[data-day]')));
  days.forEach(tell);
}

function startHolidays(list) {
  const name = list.dataset.name;
  const rows = list.querySelector('[data-rows]');

  function write(values = {}, into = rows) {
    const row = list.querySelector('template').content.firstElementChild.cloneNode(true);
    for (const [part, value] of Object.entries(values)) row.querySelector(`[name="${name}_${part}"]`).value = value;
    into.append(row);
    row.querySelector(`[name="${name}_name"]`).focus();
  }
  function remove(line, isGone) {
    line.classList.toggle('gone', isGone);
    line.querySelector('[type=hidden]')?.remove();
    if (!isGone) return;
    const mark = document.createElement('input');
    [mark.type, mark.name, mark.value] = ['hidden', `${name}_removed`, line.dataset.holiday];
    line.append(mark);
  }
  list.addEventListener('click', ({ target }) => {
    const button = target.closest('button');
    if (!button) return;
    const line = button.closest('[data-holiday]');
    if ('add' in button.dataset) write();
    if ('edit' in button.dataset) {
      const { holiday: pk, said, first, last, from, to, yearly, open } = line.dataset;
      line.classList.add('edited');
      write({ pk, name: said, first, last, from, to, yearly, open }, line);
    }
    if ('remove' in button.dataset) {
      remove(line, true);
      line.querySelector('[data-restore]').focus();
    }
    if ('restore' in button.dataset) {
      remove(line, false);
      line.querySelector('[data-remove]').focus();
    }
    if ('drop' in button.dataset) {
      const row = button.closest('[data-row]');
      const pk = row.querySelector(`[name="${name}_pk"]`).value;
      row.remove();
      const shown = pk && list.querySelector(`[data-holiday="${pk}"]`);
      if (shown) shown.hidden = shown.classList.toggle('edited', false);
      (shown ? shown.querySelector('[data-edit]') : list.querySelector('[data-add]')).focus();
    }
  });
  // Most holidays are one day: the last follows the first until it is set.
  list.addEventListener('change', ({ target }) => {
    if (target.name !== `${name}_first`) return;
    const last = target.closest('[data-row]').querySelector(`[name="${name}_last"]`);
    if (!last.value || last.value < target.value) last.value = target.value;
  });
}

/** Call the countries by their names in the language of the page, in its order. */
function startCountries(field) {
  const offered = document.getElementById('countries');
  const names = new Intl.DisplayNames([document.documentElement.lang], { type: 'region' });
  const options = [...offered.children];
  for (const option of options) option.value = `${names.of(option.dataset.code)} (${option.dataset.code})`;
  offered.replaceChildren(...options.sort((one, other) => one.value.localeCompare(other.value, document.documentElement.lang)));
  const chosen = options.find((option) => option.dataset.code === field.value);
  if (chosen) field.value = chosen.value;
  // Whoever writes the whole name means this country, though they chose nothing of what is offered.
  field.addEventListener('change', () => {
    const meant = options.find((option) => names.of(option.dataset.code).toLocaleLowerCase() === field.value.trim().toLocaleLowerCase());
    if (meant) field.value = meant.value;
  });
}

export function startHours() {
  document.querySelectorAll('[data-week]').forEach(startWeek);
  document.querySelectorAll('[data-holidays]').forEach(startHolidays);
  document.querySelectorAll('[data-country]').forEach(startCountries);
}
