import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawFigures } from '../report/export/figures.ts';
import type { JudgedRun } from './open-judged.ts';

/** Twice the size on screen: sharp in print at 7 inches of width. */
const PNG_DENSITY = 192;

/** Writes every chart into a folder. Returns how many. */
export async function writeFigures(
  target: string,
  { summary }: JudgedRun,
  form: 'svg' | 'png',
): Promise<number> {
  const figures = drawFigures(summary.endpoints);
  await mkdir(target, { recursive: true });
  const { default: sharp } = await import('sharp');
  for (const { name, svg } of figures) {
    const bytes =
      form === 'svg'
        ? svg
        : await sharp(Buffer.from(svg), { density: PNG_DENSITY }).png({ palette: true }).toBuffer();
    await writeFile(join(target, `${name}.${form}`), bytes);
  }
  return figures.length;
}
