// The shares of a queue: how many percent they are together while they are written; those nobody uses are not shown.

export function startShares() {
  const place = document.querySelector('[data-share-sum]');
  if (!place) return;
  const percents = [...document.querySelectorAll('[data-share]')];
  const row = (field) => field.closest('.form-row');
  const rows = percents.map((percent) => [row(percent), document.querySelector(`.field-share_${percent.dataset.share}_groups`)]);
  const isUsed = (pair) => pair.some((each) => each.classList.contains('errors') || each.querySelector(':checked') || each.querySelector('[data-share]')?.value);

  function tell() {
    const sum = percents.reduce((total, { value }) => total + (Number(value) || 0), 0);
    const last = rows.findLastIndex(isUsed);
    place.textContent = last < 0 ? '' : place.dataset.text.replace('{sum}', sum);
    place.classList.toggle('bad', sum !== 100);
    rows.forEach((pair, at) => pair.forEach((each) => (each.hidden = at > last + 1)));
  }
  document.querySelector('#content-main form').addEventListener('input', tell);
  tell();
}
