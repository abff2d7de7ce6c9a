// The shop's own script: its button opens the messenger, as any page may.
for (const button of document.querySelectorAll('[data-ask]')) {
  button.addEventListener('click', () => window.madang?.('open'));
}
