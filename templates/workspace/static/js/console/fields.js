// Fields that show what they hold: a colour beside its digits, a logo beside its address, the widget as it will look.

const HEX = /^#[0-9a-f]{6}$/i;

/** Give white or ink, whichever reads better on the colour (the server decides the same way). */
function textOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((from) => parseInt(colour.slice(from, from + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.0657 ? '#ffffff' : '#23211e';
}

function startColours(changed) {
  for (const picker of document.querySelectorAll('[data-picker]')) {
    const text = picker.parentElement.querySelector('input:not([data-picker])');
    picker.addEventListener('input', () => {
      text.value = picker.value;
      changed();
    });
    text.addEventListener('input', () => {
      if (HEX.test(text.value)) picker.value = text.value;
      changed();
    });
  }
}

function startLogos() {
  for (const picture of document.querySelectorAll('[data-logo]')) {
    const address = picture.parentElement.querySelector('input');
    const show = () => {
      picture.hidden = !/^https:\/\/./.test(address.value);
      picture.src = picture.hidden ? 'data:,' : address.value;
    };
    address.addEventListener('change', show);
    picture.addEventListener('error', () => (picture.hidden = true));
    show();
  }
}

/** Draw the launcher and the messenger with what stands in the form, saved or not. */
function previewer(stage) {
  const launcher = stage.querySelector('button');
  const field = (name) => document.getElementById(`id_${name}`)?.value ?? '';
  const frame = () => stage.querySelector('iframe');

  function dress() {
    const colour = HEX.test(field('colour')) ? field('colour') : '#244fb9';
    stage.dataset.side = field('position');
    launcher.style.setProperty('background', colour);
    launcher.style.setProperty('color', textOn(colour));
    const page = frame()?.contentDocument;
    const root = page?.getElementById('mw');
    if (!root) return;
    root.style.setProperty('--mw-brand', colour);
    root.style.setProperty('--mw-on-brand', textOn(colour));
    const greeting = page.querySelector('.mw-hero h1');
    const words = field(`greeting_${page.documentElement.lang}`);
    if (greeting && words && greeting.textContent !== words) greeting.textContent = words;
  }
  function show(isOpen) {
    frame().hidden = !isOpen;
    launcher.setAttribute('aria-expanded', String(isOpen));
  }
  // The messenger asks the page around it to close it.
  addEventListener('message', ({ data, source }) => {
    if (frame() && source === frame().contentWindow && data?.type === 'close') show(false);
  });
  launcher.addEventListener('click', () => {
    if (frame()) {
      show(frame().hidden);
    } else {
      const messenger = document.createElement('iframe');
      messenger.title = stage.dataset.title;
      const language = field('language') === 'auto' ? document.documentElement.lang : field('language');
      messenger.src = `${stage.dataset.messenger}?preview&lang=${language}`;
      messenger.addEventListener('load', () => {
        dress();
        // The messenger draws its first screen once its script has come.
        new MutationObserver(dress).observe(messenger.contentDocument.getElementById('mw'), { childList: true, subtree: true });
      });
      stage.append(messenger);
      show(true);
    }
  });
  document.querySelector('#content-main form').addEventListener('input', dress);
  dress();
  return dress;
}

export function startFields() {
  const stage = document.querySelector('[data-messenger]');
  const dress = stage ? previewer(stage) : () => {};
  startColours(dress);
  startLogos();
}
