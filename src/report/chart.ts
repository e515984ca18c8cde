import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { escapeHtml, type Html, trustedMarkup } from './html.ts';

const { document } = parseHTML('<html><body></body></html>');

/** A node of the drawn tree: what is read of it, since the compiler knows no browser types here. */
interface DrawnNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: Iterable<DrawnNode>;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
}

const ELEMENT_NODE = 1;
const TEXT_NODE = 3;

/** Attributes that Plot draws with. Anything else, such as `style` or `class`, is left out. */
const KEPT_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...['viewBox', 'width', 'height', 'transform', 'd', 'x', 'y', 'x1', 'x2', 'y1', 'y2'],
  ...['dx', 'dy', 'cx', 'cy', 'r', 'rx', 'ry', 'fill', 'stroke', 'opacity', 'fill-opacity'],
  ...['stroke-opacity', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'stroke-linecap'],
  ...['paint-order', 'text-anchor', 'font-size', 'font-weight', 'font-variant', 'font-style'],
]);

/**
 * Draws a chart to SVG markup that obeys the page's Content-Security-Policy: Plot's own style
 * element and every style attribute are left out, coordinates are rounded to hundredths of a
 * pixel, and text is escaped by the page's own escaper.
 *
 * @param summary what a person who cannot see the chart is told.
 */
export function drawChart(options: Plot.PlotOptions, summary: string): Html {
  const drawn: DrawnNode = Plot.plot({ ...options, document });
  const attributes = readAttributes(drawn);
  const size = ['width', 'height', 'viewBox']
    .map((name) => ` ${name}="${escapeHtml(attributes.get(name) ?? '')}"`)
    .join('');
  const inner = Array.from(drawn.childNodes, serialize).join('');
  return trustedMarkup(
    `<svg class="chart" role="img" aria-label="${escapeHtml(summary)}" text-anchor="middle" fill="currentColor"${size}>${inner}</svg>`,
  );
}

function serialize(node: DrawnNode): string {
  if (node.nodeType === TEXT_NODE) return escapeHtml(node.textContent ?? '');
  if (node.nodeType !== ELEMENT_NODE) return '';
  const name = node.nodeName.toLowerCase();
  if (name === 'style' || name === 'script') return '';
  const attributes = Array.from(readAttributes(node))
    .filter(([key]) => KEPT_ATTRIBUTES.has(key))
    .map(([key, value]) => ` ${key}="${escapeHtml(roundNumbers(value))}"`)
    .join('');
  const inner = Array.from(node.childNodes, serialize).join('');
  return `<${name}${attributes}>${inner}</${name}>`;
}

/** By name, so that the order does not depend on the document implementation. */
function readAttributes(node: DrawnNode): Map<string, string> {
  return new Map(
    Array.from(node.attributes, ({ name, value }): [string, string] => [name, value]).sort(
      ([a], [b]) => (a < b ? -1 : 1),
    ),
  );
}

function roundNumbers(value: string): string {
  return value.replace(/-?\d+\.\d{3,}/g, (digits) =>
    String(Math.round(Number(digits) * 100) / 100),
  );
}
