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
  const label = () => {
    toggle.textContent = current() === 'dark' ? 'Light' : 'Dark';
    toggle.setAttribute('aria-label', toggle.textContent + ' colours');
  };
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

  const variable = /var\\(--([a-z0-9_-]+)\\)/g;
  const saveChart = (figure) => {
    const chart = [...figure.querySelectorAll('svg.chart')].find((one) => one.getClientRects().length > 0);
    if (!chart) return;
    const style = getComputedStyle(root);
    const colour = (text) => text.replace(variable, (_, name) => style.getPropertyValue('--' + name).trim());
    const space = 'http://www.w3.org/2000/svg';
    const make = (name, attributes, text) => {
      const node = document.createElementNS(space, name);
      for (const key of Object.keys(attributes)) node.setAttribute(key, attributes[key]);
      if (text) node.textContent = text;
      return node;
    };
    const inner = chart.cloneNode(true);
    for (const node of [inner, ...inner.querySelectorAll('*')])
      for (const attribute of [...node.attributes]) attribute.value = colour(attribute.value);
    const width = chart.viewBox.baseVal.width;
    const entries = [...figure.querySelectorAll('.legend li')];
    const page = make('svg', { 'font-family': 'Helvetica, Arial, sans-serif', 'font-size': 12, color: colour('var(--ink)') });
    const paper = make('rect', { width: '100%', height: '100%', fill: colour('var(--paper)') });
    page.append(paper);
    let x = 16, y = 16;
    for (const entry of entries) {
      const label = entry.textContent.trim();
      const wide = 36 + label.length * 7;
      if (x > 16 && x + wide > width) { x = 16; y += 22; }
      page.append(make('rect', { x, y, width: 12, height: 12, rx: 3, fill: colour(entry.querySelector('rect').getAttribute('fill')) }));
      page.append(make('text', { x: x + 18, y: y + 10.5, fill: colour('var(--ink)') }, label));
      x += wide;
    }
    const top = entries.length > 0 ? y + 28 : 16;
    inner.setAttribute('x', 16);
    inner.setAttribute('y', top);
    inner.setAttribute('overflow', 'visible');
    page.append(inner);
    page.setAttribute('viewBox', '0 0 ' + (width + 32) + ' ' + (chart.viewBox.baseVal.height + top + 16));
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(page)], { type: 'image/svg+xml' }));
    link.download = 'safelight-chart.svg';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  for (const figure of document.querySelectorAll('figure:not(.timeline)')) {
    const chart = figure.querySelector('svg.chart');
    if (!chart) continue;
    const save = document.createElement('button');
    save.type = 'button';
    save.className = 'save';
    save.textContent = 'Save SVG';
    save.setAttribute('aria-label', 'Save SVG: ' + chart.getAttribute('aria-label').split(/[.:]/)[0]);
    save.addEventListener('click', () => saveChart(figure));
    figure.append(save);
  }

  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details.print-open')) details.open = true;
  });
})();
`;
