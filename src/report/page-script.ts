/** Niceties only: the page is complete without it. Runs in the reader's browser. */
export const PAGE_SCRIPT = `'use strict';
(() => {
  const root = document.documentElement;
  const store = {
    get() { try { return localStorage.getItem('safelight-theme'); } catch { return null; } },
    set(theme) { try { localStorage.setItem('safelight-theme', theme); } catch { /* from disk, some browsers keep nothing */ } },
  };
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const toggle = document.querySelector('.theme');
  const current = () => root.dataset.theme ?? (dark.matches ? 'dark' : 'light');
  const label = () => { toggle.textContent = current() === 'dark' ? 'Light' : 'Dark'; };
  const saved = store.get();
  if (saved === 'dark' || saved === 'light') root.dataset.theme = saved;
  toggle.hidden = false;
  label();
  toggle.addEventListener('click', () => {
    root.dataset.theme = current() === 'dark' ? 'light' : 'dark';
    store.set(root.dataset.theme);
    label();
  });
  dark.addEventListener('change', label);

  const filter = document.querySelector('.filter');
  if (filter) {
    const shots = [...document.querySelectorAll('.shot')];
    const apply = () => {
      const verdict = filter.elements.verdict.value;
      const endpoint = filter.elements.endpoint.value;
      let shown = 0;
      for (const shot of shots) {
        const match = (verdict === '' || shot.dataset.verdict === verdict) && (endpoint === '' || shot.dataset.endpoint === endpoint);
        shot.hidden = !match;
        if (match) shown += 1;
      }
      filter.querySelector('output').textContent = shown + ' shown';
    };
    filter.hidden = false;
    filter.addEventListener('change', apply);
    filter.addEventListener('submit', (event) => event.preventDefault());
    apply();
  }

  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details.print-open')) details.open = true;
  });
})();
`;
