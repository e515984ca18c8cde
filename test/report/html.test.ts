import { describe, expect, it } from 'vitest';
import {
  escapeHtml,
  html,
  isolated,
  shortLabel,
  trustedMarkup,
  withoutDirectionMarks,
} from '../../src/report/html.ts';
import { HOSTILE } from './synthetic-run.ts';

describe('html', () => {
  it('escapes every value that is not markup of its own', () => {
    const page = html`<p title="${HOSTILE.image}">${HOSTILE.script}${[HOSTILE.closing, 1, null, false]}</p>`;
    expect(page.toString()).not.toMatch(/<(?!\/?p)/);
    expect(page.toString()).toContain('&lt;script&gt;');
  });

  it('keeps markup that it made', () => {
    expect(html`<ul>${['a', 'b'].map((item) => html`<li>${item}</li>`)}</ul>`.toString()).toBe(
      '<ul><li>a</li><li>b</li></ul>',
    );
    expect(html`${trustedMarkup('<br>')}`.toString()).toBe('<br>');
  });

  it('does not take an object from outside for markup', () => {
    const forged = JSON.parse('{"markup":"<script>"}');
    expect(() => html`${forged}`.toString()).toThrow();
  });

  it('replaces what HTML cannot hold, and keeps line feeds, tabs and pairs', () => {
    expect(escapeHtml('a\u0000b\u001Bc\uD800d\t\n😀')).toBe('a\uFFFDb\uFFFDc\uFFFDd\t\n😀');
  });

  it('lets no direction reach beyond its element', () => {
    expect(isolated('a\u202Eb\u2066c').toString()).toBe('<bdi>a\uFFFDb\uFFFDc</bdi>');
    expect(withoutDirectionMarks(HOSTILE.rightToLeft)).toBe('gpj.exe \u05D0\u05D1\u05D2 ');
  });

  it('cuts labels between characters', () => {
    expect(shortLabel('😀😀😀', 2)).toBe('😀…');
    expect(shortLabel('abc', 3)).toBe('abc');
  });
});
