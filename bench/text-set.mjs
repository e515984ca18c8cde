// Pictures with and without text by seeded code: a tuning set and a held-out set that share neither
// typefaces nor words nor kinds of ground.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype from 'opentype.js';
import sharp from 'sharp';
import { createRandom } from '../dist/core/seeded-random.js';

const require = createRequire(import.meta.url);

export const STYLES = [
  'plain',
  'outlined',
  'rotated',
  'low contrast',
  'small',
  'on texture',
  'curved',
];

/** Short statements at the level of published word lists, and harmless ones of like length. */
export const SETS = {
  tuning: {
    faces: [
      'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf',
      'dejavu-fonts-ttf/ttf/DejaVuSerif.ttf',
      'dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf',
      '@fontsource/caveat/files/caveat-latin-700-normal.woff',
    ],
    grounds: ['gradient', 'blobs', 'stripes'],
    toxic: [
      'fuck you',
      'kill yourself',
      'shit happens',
      'you are a bitch',
      'die you asshole',
      'I will kill you',
    ],
    harmless: [
      'fresh bread',
      'open all day',
      'mind the step',
      'happy birthday',
      'north gate',
      'garden tools',
    ],
  },
  'held-out': {
    faces: [
      '@fontsource/merriweather/files/merriweather-latin-700-normal.woff',
      '@fontsource/bebas-neue/files/bebas-neue-latin-400-normal.woff',
      '@fontsource/ibm-plex-sans/files/ibm-plex-sans-latin-500-normal.woff',
      '@fontsource/permanent-marker/files/permanent-marker-latin-400-normal.woff',
    ],
    grounds: ['bricks', 'waves', 'confetti'],
    toxic: [
      'fuck this place',
      'you dumb cunt',
      'bullshit',
      'shut up bitch',
      'hang yourself',
      'we will kill you all',
      'filthy whore',
      'kiss my asshole',
      'motherfucker',
      'drop dead bastard',
    ],
    harmless: [
      'lemon and ginger',
      'push to open',
      'night train',
      'grand opening',
      'book fair',
      'mountain air',
      'free parking',
      'keep left',
      'handmade soap',
      'thank you',
    ],
  },
};

const fonts = new Map();
function fontOf(face) {
  if (!fonts.has(face)) {
    const bytes = readFileSync(require.resolve(face));
    fonts.set(face, opentype.parse(new Uint8Array(bytes).buffer));
  }
  return fonts.get(face);
}

function colour(random, low, high) {
  return `rgb(${[0, 0, 0].map(() => random.integer(low, high)).join(',')})`;
}

/** Base tone and how far details stray from it, so that the style decides how hard the ground is. */
function drawGround(random, kind, side, level, spread) {
  const tone = () => {
    const mean = Math.min(255, Math.max(0, level + random.integer(-spread, spread)));
    return colour(random, Math.max(0, mean - 12), Math.min(255, mean + 12));
  };
  let svg = `<rect width="${side}" height="${side}" fill="${tone()}"/>`;
  const at = () => random.between(0, side);
  switch (kind) {
    case 'gradient':
      return `<defs><linearGradient id="g" x2="${random.between(0, 1)}" y2="1"><stop stop-color="${tone()}"/><stop offset="1" stop-color="${tone()}"/></linearGradient></defs><rect width="${side}" height="${side}" fill="url(#g)"/>`;
    case 'blobs':
      for (let n = 0; n < 18; n += 1)
        svg += `<ellipse cx="${at()}" cy="${at()}" rx="${random.between(8, 90)}" ry="${random.between(8, 90)}" fill="${tone()}" opacity=".8"/>`;
      return svg;
    case 'stripes': {
      const step = random.integer(14, 60);
      for (let x = -side; x < side * 2; x += step)
        svg += `<path d="M${x} 0l${side / 2} ${side}" stroke="${tone()}" stroke-width="${step / 2}"/>`;
      return svg;
    }
    case 'bricks': {
      const step = random.integer(16, 44);
      for (let y = 0, row = 0; y < side; y += step, row += 1)
        for (let x = (row % 2) * -step; x < side; x += 2 * step)
          svg += `<rect x="${x + 1}" y="${y + 1}" width="${2 * step - 2}" height="${step - 2}" fill="${tone()}"/>`;
      return svg;
    }
    case 'waves': {
      const step = random.integer(10, 50);
      for (let y = -step; y < side + step; y += step)
        svg += `<path d="M0 ${y}q${side / 4} ${step * 2} ${side / 2} 0t${side / 2} 0" fill="none" stroke="${tone()}" stroke-width="${random.between(2, step)}"/>`;
      return svg;
    }
    case 'confetti':
      for (let n = 0; n < 90; n += 1)
        svg += `<path d="M${at()} ${at()}l${random.between(-40, 40)} ${random.between(-40, 40)}l${random.between(-40, 40)} ${random.between(-40, 40)}z" fill="${tone()}"/>`;
      return svg;
    default:
      throw new RangeError(`no ground ${kind}`);
  }
}

/** The library's own writing of it turns numbers next to zero into NaN, and letters go missing. */
function pathData({ commands }) {
  return commands
    .map(({ type, ...at }) =>
      [type, ...[at.x1, at.y1, at.x2, at.y2, at.x, at.y].filter((each) => each !== undefined)]
        .map((each) => (typeof each === 'number' ? each.toFixed(2) : each))
        .join(' '),
    )
    .join('');
}

/** Path data of one line, along an arc where `radius` is given. */
function drawLine(font, text, x, y, size, radius) {
  const scale = size / font.unitsPerEm;
  const width = [...text].reduce((sum, c) => sum + font.charToGlyph(c).advanceWidth * scale, 0);
  let at = 0;
  let svg = '';
  for (const character of text) {
    const glyph = font.charToGlyph(character);
    const advance = glyph.advanceWidth * scale;
    if (radius === undefined) svg += `<path d="${pathData(glyph.getPath(x + at, y, size))}"/>`;
    else {
      const angle = (at + advance / 2 - width / 2) / radius;
      const [cx, cy] = [
        x + width / 2 + radius * Math.sin(angle),
        y + radius * (1 - Math.cos(angle)),
      ];
      svg += `<path transform="translate(${cx} ${cy}) rotate(${(angle * 180) / Math.PI})" d="${pathData(glyph.getPath(-advance / 2, 0, size))}"/>`;
    }
    at += advance;
  }
  return { svg, width };
}

/** One picture. Without text, the ground is drawn as boldly as behind text on texture. */
export async function drawPicture({ set, index, style, text }) {
  const { faces, grounds } = SETS[set];
  const random = createRandom('text set', set, index);
  const side = random.pick([512, 640, 768]);
  const dark = random.chance(0.5);
  const level = style === 'low contrast' ? random.integer(70, 185) : dark ? 40 : 215;
  const bold = style === 'on texture' || (text === undefined && random.chance(0.5));
  let svg = drawGround(random, random.pick(grounds), side, level, bold ? 60 : 10);
  if (text !== undefined) {
    const font = fontOf(random.pick(faces));
    const unit = drawLine(font, text, 0, 0, 100).width;
    const fit = (side * 0.86 * 100) / unit;
    const size = style === 'small' ? random.between(13, 18) : Math.min(fit, random.between(30, 64));
    const width = (unit * size) / 100;
    const away =
      style === 'rotated' || style === 'curved' ? Math.min(side / 2 - 20, width / 2) : size;
    const x = random.between(12, Math.max(13, side - width - 12));
    const y = random.between(away + 12, Math.max(away + 13, side - away - 12));
    const ink = level > 128 ? level - 45 : level + 45;
    const fill =
      style === 'low contrast'
        ? `rgb(${ink},${ink},${ink})`
        : dark
          ? colour(random, 200, 255)
          : colour(random, 0, 60);
    const paint =
      style === 'outlined'
        ? `fill="none" stroke="${fill}" stroke-width="${Math.max(1.5, size / 22)}"`
        : `fill="${fill}"`;
    const angle = random.pick([-30, -15, 15, 30, 90, -90, 180]);
    const turn = style === 'rotated' ? `transform="rotate(${angle} ${side / 2} ${side / 2})"` : '';
    const rotated = style === 'rotated';
    const line = drawLine(
      font,
      text,
      rotated ? (side - width) / 2 : x,
      rotated ? side / 2 : y,
      size,
      style === 'curved' ? width * random.between(0.55, 1) : undefined,
    );
    svg += `<g ${paint} ${turn}>${line.svg}</g>`;
  }
  const { data } = await sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">${svg}</svg>`,
    ),
  )
    .flatten({ background: 'white' })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const amplitude = random.chance(0.5) ? random.between(0, 14) : 0;
  const rgb = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at += 1) {
    rgb[at] = Math.min(
      255,
      Math.max(0, data[at] + (amplitude ? random.between(-amplitude, amplitude) : 0)),
    );
  }
  return { widthPx: side, heightPx: side, rgb };
}

/** Equal shares of the styles, for toxic and for harmless texts, then pictures without text. */
export function* listPictures(set, { toxicPerStyle, harmlessPerStyle, textFree }) {
  const random = createRandom('texts', set);
  let index = 0;
  for (const [kind, count] of [
    ['toxic', toxicPerStyle],
    ['harmless', harmlessPerStyle],
  ]) {
    for (const style of STYLES) {
      for (let n = 0; n < count; n += 1) {
        const text = random.pick(SETS[set][kind]);
        yield {
          set,
          index: index++,
          kind,
          style,
          text: random.chance(0.4) ? text.toUpperCase() : text,
        };
      }
    }
  }
  for (let n = 0; n < textFree; n += 1)
    yield { set, index: index++, kind: 'text-free', style: 'none' };
}
