// The live screen follows agents too: their facts are told one by one, and fetched as one, as lists are.
import { inboxChanged } from './socket.js';
import { on } from './words.js';

on('fact', ({ detail }) => {
  if (document.getElementById('live') && detail.name.startsWith('agent-')) inboxChanged();
});
