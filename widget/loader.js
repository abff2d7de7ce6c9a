/* Madang: draws the launcher, and opens the messenger in a frame of its own origin. One global: madang. */
(function () {
  'use strict';
  var C = __CONFIG__;
  var old = document.querySelector('madang-widget');
  if (old) old.remove();
  var tag = document.getElementById('ze-snippet') || document.currentScript;
  var wish = (tag && tag.dataset && tag.dataset.lang) || document.documentElement.lang || navigator.language || 'en';
  var lang = C.words[C.language] ? C.language : wish.slice(0, 2).toLowerCase();
  var words = C.words[lang] || C.words.en;
  var title = document.title, frame = null, isOpen = false, isReady = false, unread = 0, heard = {};

  var host = document.createElement('madang-widget');
  var root = host.attachShadow({ mode: 'open' });
  var css = ':host{all:initial}button,iframe{position:fixed;' + C.side + ':20px;border:0;z-index:999999}' +
    'button{bottom:20px;width:56px;height:56px;border-radius:20px;background:' + C.brand + ';color:' + C.on +
    ';cursor:pointer;box-shadow:0 8px 24px -4px rgb(0 0 0/.3)}button:focus-visible{outline:3px solid ' + C.on +
    ';box-shadow:0 0 0 6px ' + C.brand + '}svg{width:24px;height:24px;fill:none;stroke:currentColor;stroke-width:1.75;' +
    'stroke-linecap:round;stroke-linejoin:round;display:block;margin:auto}i{position:absolute;top:-6px;right:-6px;min-width:22px;' +
    'height:22px;border-radius:11px;background:#c3321a;color:#fff;font:600 12px/22px system-ui;text-align:center}' +
    'i[hidden],iframe[hidden],button[hidden]{display:none}iframe{bottom:88px;width:380px;height:min(680px,calc(100dvh - 104px));' +
    'border-radius:16px;background:Canvas;box-shadow:0 24px 56px -12px rgb(35 33 30/.28),0 4px 16px rgb(35 33 30/.08);color-scheme:normal}' +
    '@media(max-width:480px){iframe{inset:0;width:100%;height:100dvh;border-radius:0}button.open{display:none}}';
  try {
    var sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch (e) {
    var style = document.createElement('style');
    style.textContent = css;
    root.appendChild(style);
  }
  var svg = function (d) {
    var s = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    s.setAttribute('viewBox', '0 0 24 24');
    s.setAttribute('aria-hidden', 'true');
    var p = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    p.setAttribute('d', d);
    s.appendChild(p);
    return s;
  };
  var button = document.createElement('button'), badge = document.createElement('i');
  button.type = 'button';
  button.appendChild(svg('M4 6.5A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-4.5 3.5V17A2.5 2.5 0 0 1 4 14.5zM8.5 10.5h.01M12 10.5h.01M15.5 10.5h.01'));
  badge.hidden = true;
  button.appendChild(badge);
  root.appendChild(button);

  function label() {
    button.setAttribute('aria-label', isOpen ? words[1] : words[0] + (unread ? ', ' + words[2].replace('{n}', unread) : ''));
    button.setAttribute('aria-expanded', String(isOpen));
    button.className = isOpen ? 'open' : '';
    badge.hidden = !unread || isOpen;
    badge.textContent = unread > 9 ? '9+' : unread;
    document.title = unread && !isOpen ? '(' + unread + ') ' + words[3] + ' · ' + title : title;
  }
  function tell(type) { if (frame && isReady) frame.contentWindow.postMessage({ madang: C.key, type: type }, C.base); }
  function say(name, value) { (heard[name] || []).forEach(function (f) { try { f(value); } catch (e) { console.error(e); } }); }
  function load() {
    if (frame) return;
    frame = document.createElement('iframe');
    frame.title = 'Messaging window';
    frame.hidden = true;
    frame.allow = 'geolocation; clipboard-write';
    frame.src = C.base + '/widget/' + C.key + '/?lang=' + encodeURIComponent(lang);
    root.insertBefore(frame, button);
  }
  function open() {
    load();
    if (isOpen) return;
    isOpen = true;
    title = unread ? title : document.title;
    frame.hidden = false;
    tell('open');
    label();
    // A frame that is given the focus while it still loads never gets it inside.
    if (isReady) frame.focus();
    remember();
    say('open');
  }
  function close() {
    if (!isOpen) return;
    isOpen = false;
    frame.hidden = true;
    tell('close');
    label();
    button.focus();
    say('close');
  }
  function remember() { try { localStorage.setItem('madang:' + C.key, '1'); } catch (e) { /* storage is blocked: nothing to remember */ } }
  function known() { try { return localStorage.getItem('madang:' + C.key); } catch (e) { return null; } }

  button.addEventListener('click', function () { (isOpen ? close : open)(); });
  addEventListener('message', function (event) {
    var data = event.data;
    if (!frame || event.source !== frame.contentWindow || event.origin !== C.base || !data || data.madang !== C.key) return;
    if (data.type === 'ready') { isReady = true; if (isOpen) { frame.focus(); tell('open'); } }
    if (data.type === 'close') close();
    if (data.type === 'unread') { unread = +data.count || 0; label(); say('unread', unread); }
  });

  var calls = {
    open: open, close: close,
    show: function () { host.hidden = false; host.style.display = ''; },
    hide: function () { host.style.display = 'none'; },
    on: function (name, f) { (heard[name] = heard[name] || []).push(f); return function () { heard[name] = heard[name].filter(function (g) { return g !== f; }); }; }
  };
  var queue = (window.madang && window.madang.q) || [];
  window.madang = function (name) {
    var call = calls[name];
    if (!call) { console.warn('madang: unknown call ' + name); return undefined; }
    return call.apply(null, [].slice.call(arguments, 1));
  };
  function start() {
    document.body.appendChild(host);
    label();
    queue.forEach(function (args) { window.madang.apply(null, args); });
    if (known()) (window.requestIdleCallback || setTimeout)(load);
  }
  if (document.body) start(); else addEventListener('DOMContentLoaded', start);
})();
