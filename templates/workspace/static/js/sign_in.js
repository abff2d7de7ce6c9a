// Shows the password on demand.
const password = document.getElementById('id_password');
const show = document.getElementById('show-password');
show.addEventListener('click', () => {
  const isShown = password.type === 'text';
  password.type = isShown ? 'password' : 'text';
  show.setAttribute('aria-pressed', String(!isShown));
  password.focus();
});
