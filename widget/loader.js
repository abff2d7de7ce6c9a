/* Madang: draws the launcher, and opens the messenger in a frame of its own origin. One global: madang. */
(function () {
  'use strict';
  var C = __CONFIG__, w = window, d = document;
  var said = w.madang || {}, queue = said.q || [], heard = said.heard || {};
  var calls = {};
  // Before anything else: whatever comes of the rest, the page's calls work.
  var api = w.madang = function (name, ...given) {
    if (!calls[name]) return console.warn('madang: unknown call ' + name);
    return calls[name](...given);
  };
  api.heard = heard;
  var nothing = () => {};
  calls = { open: nothing, close: nothing, show: nothing, hide: nothing, on: on };
  function on(name, f) {
    (heard[name] = heard[name] || []).push(f);
    return () => { heard[name] = heard[name].filter((g) => g !== f); };
  }
  function say(name, value) {
    (heard[name] || []).forEach((f) => { try { f(value); } catch (e) { console.error(e); } });
  }
  if (C.origins.length && C.origins.indexOf(location.origin) < 0) {
    console.warn('Madang: this widget is not for ' + location.origin);
    return;
  }

  var tag = d.getElementById('ze-snippet') || d.currentScript;
  var wishes = [C.language, tag && tag.dataset && tag.dataset.lang, d.documentElement.lang].concat(navigator.languages || navigator.language);
  var lang = 'en';
  wishes.some((wish) => {
    return [wish, String(wish).split('-')[0]].some((tag) => {
      return Object.keys(C.words).some((l) => l.toLowerCase() === String(tag).toLowerCase() && (lang = l));
    });
  });
  function word(at, n) {
    var text = C.words[lang][at];
    if (text.other) text = text[new Intl.PluralRules(lang).select(n)] || text.other;
    return text.replace('{n}', n);
  }

  var old = d.querySelector('madang-widget');
  var wasOpen = old && old.hasAttribute('open');
  if (old) { old.dispatchEvent(new Event('end')); old.remove(); }
  var frame = null, isOpen = false, isReady = false, unread = 0, title = d.title, ours = '';
  var phone = w.matchMedia('(max-width:480px)'), viewport = w.visualViewport, inert = [];
  var host = d.createElement('madang-widget'), root = host.attachShadow({ mode: 'open' });
  var css = ':host{all:initial}button,iframe{position:fixed;' + C.side + ':20px;border:0;z-index:999999}' +
    'button{bottom:20px;width:56px;height:56px;padding:0;border-radius:20px;background:' + C.brand + ';color:' + C.on +
    ';cursor:pointer;box-shadow:0 8px 24px -4px rgb(0 0 0/.3),0 2px 6px rgb(0 0 0/.16);transition:transform .14s}' +
    'button:hover{transform:translateY(-1px)}button:focus-visible{outline:3px solid ' + C.on + ';box-shadow:0 0 0 6px ' + C.brand +
    '}svg{width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round;' +
    'display:block;margin:auto}svg+svg,.open svg{display:none}.open svg+svg{display:block}i{position:absolute;top:-6px;right:-6px;min-width:22px;height:22px;box-sizing:border-box;' +
    'padding:0 5px;border-radius:11px;background:#c3321a;color:#fff;font:600 12px/22px system-ui;text-align:center;box-shadow:0 0 0 2px #fff}' +
    'i:empty{display:none}p{position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}' +
    'iframe{bottom:92px;width:380px;max-width:calc(100vw - 40px);height:min(680px,calc(100dvh - 108px));border-radius:16px;' +
    'box-shadow:0 24px 56px -12px rgb(35 33 30/.28),0 4px 16px rgb(35 33 30/.08);color-scheme:normal}iframe[hidden]{display:none}' +
    '@media(max-width:480px){iframe{inset:0;width:100%;max-width:none;height:100dvh;border-radius:0}.open{display:none}}' +
    '@media(max-height:420px) and (min-width:481px){iframe{bottom:8px;height:calc(100dvh - 16px);' + C.side + ':88px}}@media(prefers-reduced-motion:reduce){button{transition:none}}';
  try {
    var sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch (e) {
    // Browsers before 2023; a page with a strict policy shows them the launcher unstyled.
    root.appendChild(d.createElement('style')).textContent = css;
  }
  function svg(path) {
    var s = d.createElementNS('http://www.w3.org/2000/svg', 'svg');
    s.setAttribute('viewBox', '0 0 24 24');
    s.setAttribute('aria-hidden', 'true');
    s.appendChild(d.createElementNS(s.namespaceURI, 'path')).setAttribute('d', path);
    return s;
  }
  var button = d.createElement('button'), badge = d.createElement('i'), live = d.createElement('p');
  button.type = 'button';
  badge.setAttribute('aria-hidden', 'true');
  live.setAttribute('role', 'status');
  button.appendChild(svg('M8.5 18.5H7.25A3.25 3.25 0 0 1 4 15.25v-7.5A3.25 3.25 0 0 1 7.25 4.5h9.5A3.25 3.25 0 0 1 20 7.75v7.5a3.25 3.25 0 0 1-3.25 3.25h-3.5L8.5 22zM8.5 11.5h.01M12 11.5h.01M15.5 11.5h.01'));
  button.appendChild(svg('m6.5 9.5 5.5 5.5 5.5-5.5'));
  button.appendChild(badge);
  root.appendChild(button);
  root.appendChild(live);

  function draw() {
    var shown = isOpen ? 0 : unread;
    button.setAttribute('aria-label', word(+isOpen) + (shown ? ', ' + word(2, shown) : ''));
    button.setAttribute('aria-expanded', String(isOpen));
    button.className = isOpen ? 'open' : '';
    badge.textContent = shown > 9 ? '9+' : shown || '';
    live.textContent = shown ? word(3, shown) : '';
    if (d.title !== ours) title = d.title;
    ours = shown ? '(' + shown + ') ' + word(4, shown) + ' · ' + title : title;
    if (d.title !== ours) d.title = ours;
  }
  // On a phone the messenger is the whole screen: the page under it rests, and the keyboard pushes nothing away.
  function fit() {
    var isModal = isOpen && phone.matches;
    inert.forEach((e) => { e.inert = false; });
    inert = isModal ? [].filter.call(d.body.children, (e) => e !== host && !e.inert) : [];
    inert.forEach((e) => { e.inert = true; });
    d.documentElement.style.overflow = isModal ? 'hidden' : '';
    if (frame) {
      frame.style.height = isModal && viewport ? viewport.height + 'px' : '';
      frame.style.top = isModal && viewport && viewport.offsetTop ? viewport.offsetTop + 'px' : '';
    }
    tell(isModal);
  }
  function tell(isModal) {
    if (isReady) frame.contentWindow.postMessage({ madang: C.key, type: isOpen ? 'open' : 'close', isModal: isModal }, C.base);
  }
  function load() {
    if (frame) return;
    frame = d.createElement('iframe');
    frame.title = 'Messaging window';
    frame.hidden = true;
    frame.allow = 'geolocation; clipboard-write; autoplay';
    frame.src = C.base + '/widget/' + C.key + '/?lang=' + encodeURIComponent(lang);
    root.insertBefore(frame, button);
  }
  function open() {
    load();
    if (isOpen) return;
    isOpen = true;
    host.setAttribute('open', '');
    frame.hidden = false;
    // A frame that is given the focus while it still loads never gets it inside.
    if (isReady) frame.focus();
    draw();
    fit();
    try { localStorage.setItem('madang:' + C.key, '1'); } catch (e) { /* storage is blocked: nothing to remember */ }
    say('open');
  }
  function close() {
    if (!isOpen) return;
    isOpen = false;
    host.removeAttribute('open');
    frame.hidden = true;
    draw();
    fit();
    button.focus();
    say('close');
  }
  function known() { try { return localStorage.getItem('madang:' + C.key); } catch (e) { return null; } }
  function take(event) {
    var data = event.data;
    if (!frame || event.source !== frame.contentWindow || event.origin !== C.base || !data || data.madang !== C.key) return;
    if (data.type === 'ready') { isReady = true; if (isOpen) frame.focus(); fit(); }
    if (data.type === 'close') close();
    if (data.type === 'unread' && unread !== +data.count) { unread = +data.count || 0; draw(); say('unread', unread); }
  }

  button.addEventListener('click', () => { (isOpen ? close : open)(); });
  root.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
  w.addEventListener('message', take);
  phone.addEventListener('change', fit);
  if (viewport) viewport.addEventListener('resize', fit);
  // A second script of ours takes over: leave nothing behind.
  host.addEventListener('end', () => {
    w.removeEventListener('message', take);
    phone.removeEventListener('change', fit);
    if (viewport) viewport.removeEventListener('resize', fit);
    isReady = isOpen = false;
    unread = 0;
    draw();
    fit();
  });

  calls.open = open;
  calls.close = close;
  calls.show = () => { host.style.display = ''; };
  calls.hide = () => { host.style.display = 'none'; };
  function start() {
    d.body.appendChild(host);
    draw();
    [].forEach.call(queue, (args) => { api(...args); });
    if (wasOpen) open();
    else if (known()) (w.requestIdleCallback || setTimeout)(load);
  }
  if (d.body) start(); else d.addEventListener('DOMContentLoaded', start);
})();
