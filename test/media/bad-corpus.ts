import { readFile } from 'node:fs/promises';
import { crc32, deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import type { FfmpegTools } from '../../src/media/ffmpeg.ts';
import { animate, drawScene, h264, makeVideo, SILENT_TONE, toSharp } from './made-media.ts';

/** File name → bytes. */
export type Corpus = ReadonlyMap<string, Uint8Array>;

/** What hostile files point at: nothing may open any of it. */
export interface Traps {
  /** A picture and a video of one colour, and a named pipe that hangs whoever opens it. */
  readonly picture: string;
  readonly video: string;
  readonly pipe: string;
  /** A server that counts its connections, such as `http://127.0.0.1:4711`. */
  readonly server: string;
  readonly port: number;
}

const CLIP = ['-f', 'lavfi', '-i', 'testsrc=s=64x48:r=10:d=1'];

/** Containers and codecs that the sniffer sends to ffmpeg. */
const VIDEOS: Readonly<Record<string, readonly string[]>> = {
  'plain.mp4': h264(),
  'fragments.mp4': h264('-movflags', '+frag_keyframe+empty_moov'),
  'movie.mov': h264('-movflags', '+faststart'),
  'matroska.mkv': h264('-g', '3'),
  'old.avi': ['-c:v', 'mpeg4'],
  'stream.ts': ['-c:v', 'mpeg2video'],
  'program.mpg': ['-c:v', 'mpeg2video', '-r', '25'],
  'flash.flv': ['-c:v', 'flv'],
};

/** At least 150 damaged or hostile files, always the same from the same ffmpeg. */
export async function makeBadCorpus(
  folder: string,
  tools: FfmpegTools,
  traps: Traps,
): Promise<Corpus> {
  const videos = new Map<string, Buffer>();
  for (const [name, codec] of Object.entries(VIDEOS)) {
    const path = await makeVideo(folder, name, tools, [...CLIP, ...codec]);
    videos.set(name, await readFile(path));
  }
  const stills = await makeStills();
  const plain = need(videos, 'plain.mp4');
  return new Map<string, Uint8Array>([
    ...damaged(stills, [0.01, 0.1, 0.5, 0.9]),
    ...damaged(videos, [0.02, 0.3, 0.7, 0.97]),
    ...notMedia(traps),
    ...wrongNames(stills, videos),
    ...(await bombs()),
    ...hugeHeaders(stills, plain),
    ...manyStreams(plain),
    ...brokenClocks(plain),
    ...(await shiftedClocks(folder, tools)),
    ...pointers(traps),
    ...referringMovies(plain, traps),
    ...polyglots(stills, plain, traps),
  ]);
}

async function makeStills(): Promise<Map<string, Buffer>> {
  const scene = toSharp(drawScene(64, 48));
  return new Map([
    ['still.png', await scene.clone().png().toBuffer()],
    ['still.jpg', await scene.clone().jpeg().toBuffer()],
    ['still.webp', await scene.clone().webp().toBuffer()],
    ['still.gif', await scene.clone().gif().toBuffer()],
    ['still.avif', await scene.clone().avif({ effort: 0 }).toBuffer()],
    ['still.tiff', await scene.clone().tiff().toBuffer()],
    ['moving.gif', await animate([0, 90, 200], [100, 100, 100], 'gif')],
    ['moving.webp', await animate([0, 90, 200], [100, 100, 100], 'webp')],
  ]);
}

/** Cut at several points, and with bytes turned over: in the header, and by a fixed stride. */
function* damaged(
  files: ReadonlyMap<string, Buffer>,
  shares: readonly number[],
): Generator<[string, Uint8Array]> {
  for (const [name, bytes] of files) {
    for (const share of shares) {
      yield [`cut-${share}-${name}`, bytes.subarray(0, Math.ceil(bytes.length * share))];
    }
    yield [`cut-last-byte-${name}`, bytes.subarray(0, -1)];
    for (const [what, start, stride] of [
      ['head', 12, 7],
      ['thin', 64, 211],
      ['thick', 64, 13],
    ] as const) {
      const flipped = Buffer.from(bytes);
      const end = what === 'head' ? Math.min(64, flipped.length) : flipped.length;
      for (let at = start; at < end; at += stride) flipped[at] = (flipped[at] ?? 0) ^ 0xff;
      yield [`flipped-${what}-${name}`, flipped];
    }
  }
}

function* notMedia({ server }: Traps): Generator<[string, Uint8Array]> {
  const texts = {
    'empty.png': '',
    'empty.mp4': '',
    'space.jpg': ' ',
    'words.png': 'no picture at all\n',
    'page.png': `<!doctype html><img src="${server}/page.png">`,
    'answer.mp4': '{"error":"try again later"}',
    'script.gif': '#!/bin/sh\nexit 1\n',
    'nulls.mp4': '\0'.repeat(4096),
  };
  for (const [name, text] of Object.entries(texts)) yield [name, Buffer.from(text, 'latin1')];
  yield ['noise.jpg', noise(4096)];
  yield ['noise.mp4', noise(4097)];
  yield ['packed.png', gzipSync('not a picture')];
  yield ['program.png', Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), noise(512)])];
}

/** The name lies about the type: the bytes decide. */
function* wrongNames(
  stills: ReadonlyMap<string, Buffer>,
  videos: ReadonlyMap<string, Buffer>,
): Generator<[string, Uint8Array]> {
  yield ['a-png.mp4', need(stills, 'still.png')];
  yield ['a-jpeg.png', need(stills, 'still.jpg')];
  yield ['a-gif.mkv', need(stills, 'moving.gif')];
  yield ['an-mp4.png', need(videos, 'plain.mp4')];
  yield ['an-avi.jpg', need(videos, 'old.avi')];
  yield ['a-matroska.mp4', need(videos, 'matroska.mkv')];
  yield ['%d-a-pattern.mp4', need(videos, 'plain.mp4')];
  yield ['-y.mp4', need(videos, 'plain.mp4')];
  yield ['concat:a|b.mp4', need(videos, 'plain.mp4')];
}

/** Small files that unfold into much. */
async function bombs(): Promise<[string, Uint8Array][]> {
  const flat = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#000' } });
  const small = await flat(8, 8).png().toBuffer();
  const unfolding = deflateSync(Buffer.alloc(64 * 1024 * 1024));
  const withText = (type: string, head: string): Buffer =>
    afterHeader(small, pngChunk(type, Buffer.concat([Buffer.from(head, 'latin1'), unfolding])));
  return [
    ['bomb-pixels.png', await flat(8000, 7000).png({ palette: true, colours: 2 }).toBuffer()],
    ['bomb-long.jpg', await flat(60_000, 900).jpeg({ quality: 1 }).toBuffer()],
    ['bomb-text.png', withText('zTXt', 'Comment\0\0')],
    ['bomb-profile.png', withText('iCCP', 'profile\0\0')],
    ['bomb-words.png', withText('iTXt', 'Comment\0\u0001\0\0\0')],
    ['bomb-rows.png', rowsBomb()],
    ['bomb-pages.gif', manyPages(20_000, 8)],
    ['bomb-large-pages.gif', manyPages(40, 8000)],
  ];
}

/** A header of 10 × 10 and a gigabyte of rows behind it, packed to a megabyte. */
function rowsBomb(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(10, 0);
  header.writeUInt32BE(10, 4);
  header.set([8, 2], 8);
  const rows = deflateSync(Buffer.alloc(128 * 1024 * 1024));
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', header),
    pngChunk('IDAT', rows),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A GIF of pages that say nothing, on a screen of `side` × `side` pixels. */
function manyPages(pages: number, side: number): Buffer {
  const screen = Buffer.alloc(13);
  screen.write('GIF89a', 'latin1');
  screen.writeUInt16LE(side, 6);
  screen.writeUInt16LE(side, 8);
  screen[10] = 0x80;
  const colours = Buffer.from([0, 0, 0, 255, 255, 255]);
  // Control (10 ms), descriptor of one pixel, the pixel itself.
  const page = Buffer.from(
    '21f9040001000000 2c00000000010001000002024401 00'.replaceAll(' ', ''),
    'hex',
  );
  return Buffer.concat([
    screen,
    colours,
    ...Array.from({ length: pages }, () => page),
    Buffer.from([0x3b]),
  ]);
}

/** Headers that promise more than there is. */
function* hugeHeaders(
  stills: ReadonlyMap<string, Buffer>,
  plain: Buffer,
): Generator<[string, Uint8Array]> {
  const png = Buffer.from(need(stills, 'still.png'));
  png.writeUInt32BE(0x7fffffff, 16);
  png.writeUInt32BE(0x7fffffff, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  yield ['huge.png', png];
  const zero = Buffer.from(need(stills, 'still.png'));
  zero.writeUInt32BE(0, 16);
  zero.writeUInt32BE(crc32(zero.subarray(12, 29)), 29);
  yield ['no-width.png', zero];
  const gif = Buffer.from(need(stills, 'still.gif'));
  gif.writeUInt32LE(0xffffffff, 6);
  yield ['huge.gif', gif];
  const jpeg = Buffer.from(need(stills, 'still.jpg'));
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  jpeg.writeUInt32BE(0xffffffff, frame + 5);
  yield ['huge.jpg', jpeg];
  yield ['huge-sample.mp4', patched(plain, 'avc1', 24 + 4, Buffer.from([0xff, 0xff, 0xff, 0xff]))];
  yield ['huge-track.mp4', patched(plain, 'tkhd', 76 + 4, Buffer.alloc(8, 0x7f))];
  yield ['huge-box.mp4', patched(plain, 'moov', -4, Buffer.from([0x7f, 0xff, 0xff, 0xff]))];
  yield ['endless-box.mp4', patched(plain, 'trak', -4, Buffer.from([0, 0, 0, 0]))];
  yield ['huge-count.mp4', patched(plain, 'stsz', 12, Buffer.from([0x7f, 0xff, 0xff, 0xff]))];
  yield ['huge-run.mp4', patched(plain, 'stts', 8, Buffer.from([0x7f, 0xff, 0xff, 0xff]))];
}

/** Thousands of tracks in one movie. */
function* manyStreams(plain: Buffer): Generator<[string, Uint8Array]> {
  const at = plain.indexOf('trak', 0, 'latin1') - 4;
  const track = plain.subarray(at, at + plain.readUInt32BE(at));
  const movieAt = plain.indexOf('moov', 0, 'latin1') - 4;
  for (const count of [100, 1200, 5000]) {
    const copies = Buffer.concat(Array.from({ length: count }, () => track));
    const many = Buffer.concat([plain.subarray(0, at), copies, plain.subarray(at)]);
    many.writeUInt32BE(many.readUInt32BE(movieAt) + copies.length, movieAt);
    yield [`streams-${count}.mp4`, many];
  }
}

function* brokenClocks(plain: Buffer): Generator<[string, Uint8Array]> {
  const zeros = Buffer.alloc(4);
  yield ['no-duration.mp4', patched(plain, 'mvhd', 20, zeros)];
  yield ['no-track-duration.mp4', patched(plain, 'mdhd', 20, zeros)];
  yield ['no-timescale.mp4', patched(plain, 'mdhd', 16, zeros)];
  yield ['no-samples.mp4', patched(plain, 'stsz', 12, zeros)];
  yield ['still-clock.mp4', patched(plain, 'stts', 16 - 4 + 4, zeros)];
  yield ['long-ticks.mp4', patched(plain, 'stts', 16, Buffer.from([0x7f, 0xff, 0xff, 0xff]))];
  yield ['edited-away.mp4', patched(plain, 'elst', 16, Buffer.from([0xff, 0xff, 0xff, 0xff]))];
  yield ['far-edit.mp4', patched(plain, 'elst', 16, Buffer.from([0x7f, 0xff, 0xff, 0xff]))];
  yield ['no-edit-length.mp4', patched(plain, 'elst', 12, zeros)];
}

/** Times below zero and far above, one frame, sound alone. */
async function shiftedClocks(folder: string, tools: FfmpegTools): Promise<[string, Uint8Array][]> {
  const args: Readonly<Record<string, readonly string[]>> = {
    'negative.mkv': [...h264(), '-output_ts_offset', '-5', '-avoid_negative_ts', 'disabled'],
    'negative.ts': ['-c:v', 'mpeg2video', '-output_ts_offset', '-5', '-copyts'],
    'late.mp4': [...h264(), '-output_ts_offset', '90000'],
    'late.ts': ['-c:v', 'mpeg2video', '-output_ts_offset', '95000'],
    'one.mp4': h264('-frames:v', '1'),
    'one.avi': ['-c:v', 'mpeg4', '-frames:v', '1'],
    'unseekable.mkv': h264('-live', '1'),
  };
  const made: [string, Uint8Array][] = [];
  for (const [name, more] of Object.entries(args)) {
    const path = await makeVideo(folder, `clock-${name}`, tools, [...CLIP, ...more]);
    made.push([`clock-${name}`, await readFile(path)]);
  }
  const sound = await makeVideo(folder, 'sound.mkv', tools, [...SILENT_TONE]);
  return [...made, ['sound.mkv', await readFile(sound)]];
}

/** Texts that name other files: playlists, subtitles, SVG. Under names that readers might trust. */
function* pointers({ picture, video, pipe, server, port }: Traps): Generator<[string, Uint8Array]> {
  const hls = (line: string): string =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n${line}\n#EXT-X-ENDLIST\n`;
  const svg = (inside: string, head = ''): string =>
    `<?xml version="1.0"?>${head}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">${inside}</svg>`;
  const texts: Readonly<Record<string, string>> = {
    'hls-file.mp4': hls(`file://${video}`),
    'hls-path.ts': hls(video),
    'hls-pipe.mkv': hls(pipe),
    'hls-http.mp4': hls(`${server}/list.ts`),
    'hls-concat.avi': hls(`concat:${server}/head|file://${picture}`),
    'hls-key.ts': `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="${server}/key"\n#EXTINF:1,\n${video}\n`,
    'hls-subfile.mov': hls(`subfile,,start,0,end,9,,:${video}`),
    'concat.mp4': `ffconcat version 1.0\nfile '${video}'\n`,
    'concat-pipe.mkv': `ffconcat version 1.0\nfile '${pipe}'\n`,
    'concat-http.webm': `ffconcat version 1.0\nfile '${server}/a.mp4'\n`,
    'dash.mp4': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>${server}/</BaseURL></Period></MPD>`,
    'session.mp4': `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP 96\n`,
    'asx.avi': `<asx version="3.0"><entry><ref href="${server}/a.avi"/></entry></asx>`,
    'pls.mp4': `[playlist]\nFile1=${server}/a.mp4\nNumberOfEntries=1\n`,
    'rtsp.mov': `rtsptextRTSP://127.0.0.1:${port}/a`,
    'subtitles.mkv': `1\n00:00:00,000 --> 00:00:01,000\n<img src="file://${picture}">\n`,
    'subtitles.mp4': `WEBVTT\n\nSTYLE\n@import url(${server}/a.css);\n`,
    'styled.avi': `[Script Info]\n[V4+ Styles]\n[Fonts]\nfontname: ${picture}\n`,
    'index.mpg': `# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\n`,
    'sheet.mp4': `FILE "${video}" WAVE\n  TRACK 01 AUDIO\n`,
    'svg-file.png': svg(`<image xlink:href="file://${picture}" width="64" height="64"/>`),
    'svg-path.jpg': svg(`<image href="${picture}" width="64" height="64"/>`),
    'svg-http.webp': svg(`<image href="${server}/a.png" width="64" height="64"/>`),
    'svg-style.gif': svg(`<style>@import url(${server}/a.css)</style>`),
    'svg-entity.png': svg(
      '<text>&x;</text>',
      `<!DOCTYPE svg [<!ENTITY x SYSTEM "file://${picture}">]>`,
    ),
    'svg-laughs.png': svg('<text>&c;</text>', laughs()),
    'svg-use.tiff': svg(`<use xlink:href="${server}/a.svg#x"/>`),
    'mvg.png': `push graphic-context\nviewbox 0 0 64 64\nimage over 0,0 0,0 '${server}/a.png'\n`,
    'postscript.png': `%!PS\n(${picture}) (r) file\n`,
  };
  for (const [name, text] of Object.entries(texts)) yield [`pointer-${name}`, Buffer.from(text)];
  yield ['pointer-svgz.png', gzipSync(svg(`<image href="${picture}" width="9" height="9"/>`))];
}

/** Entities of entities: a few hundred bytes of them unfold into gigabytes. */
function laughs(): string {
  const ten = (name: string): string => `&${name};`.repeat(10);
  const names = ['a', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7', 'c'];
  const entities = names.map((name, k) =>
    k === 0 ? '<!ENTITY a "ha">' : `<!ENTITY ${name} "${ten(names[k - 1] ?? 'a')}">`,
  );
  return `<!DOCTYPE svg [${entities.join('')}]>`;
}

/** Movies whose own structure says that the samples, or the movie, lie in another file. */
function* referringMovies(plain: Buffer, traps: Traps): Generator<[string, Uint8Array]> {
  const targets = {
    file: `file://${traps.video}`,
    path: traps.video,
    pipe: traps.pipe,
    http: `${traps.server}/a.mp4`,
  };
  for (const [name, target] of Object.entries(targets)) {
    yield [`samples-elsewhere-${name}.mp4`, withDataReference(plain, target)];
    const reference = Buffer.concat([
      Buffer.from([0, 0, 0, 0]),
      Buffer.from('url ', 'latin1'),
      uint32(target.length + 1),
      Buffer.from(`${target}\0`),
    ]);
    const movie = box('moov', box('rmra', box('rmda', box('rdrf', reference))));
    yield [`movie-elsewhere-${name}.mov`, Buffer.concat([plain.subarray(0, 32), movie])];
  }
}

/** Replaces "in this file" by a reference, and lengthens every box around it. */
function withDataReference(plain: Buffer, target: string): Buffer {
  const url = plain.indexOf('url ', 0, 'latin1') - 4;
  const entry = Buffer.concat([Buffer.from([0, 0, 0, 0]), Buffer.from(`${target}\0`)]);
  const replaced = box('url ', entry);
  const grown = replaced.length - plain.readUInt32BE(url);
  const bytes = Buffer.concat([
    plain.subarray(0, url),
    replaced,
    plain.subarray(url + plain.readUInt32BE(url)),
  ]);
  for (const type of ['moov', 'trak', 'mdia', 'minf', 'dinf', 'dref']) {
    const at = bytes.indexOf(type, 0, 'latin1') - 4;
    bytes.writeUInt32BE(bytes.readUInt32BE(at) + grown, at);
  }
  return bytes;
}

/** Two things in one file. */
function* polyglots(
  stills: ReadonlyMap<string, Buffer>,
  plain: Buffer,
  { server, video, picture }: Traps,
): Generator<[string, Uint8Array]> {
  const png = need(stills, 'still.png');
  const list = Buffer.from(`#EXTM3U\n#EXTINF:1,\n${server}/a.ts\n${video}\n`);
  const markup = Buffer.from(`<svg><image href="${picture}"/></svg>`);
  yield ['both-png-list.png', Buffer.concat([png, list])];
  yield ['both-png-video.png', Buffer.concat([png, plain])];
  yield ['both-png-svg.png', Buffer.concat([png, markup])];
  yield [
    'both-jpeg-zip.jpg',
    Buffer.concat([need(stills, 'still.jpg'), Buffer.from('PK\x03\x04')]),
  ];
  yield [
    'both-gif-script.gif',
    Buffer.concat([Buffer.from('GIF89a/*'), noise(64), Buffer.from('*/=1;alert(1)')]),
  ];
  yield ['both-video-list.mp4', Buffer.concat([plain, list])];
  yield ['both-list-video.mp4', Buffer.concat([list, plain])];
  yield [
    'both-free-list.mp4',
    Buffer.concat([plain.subarray(0, 32), box('free', list), plain.subarray(32)]),
  ];
  yield ['both-brand-list.mp4', Buffer.concat([plain.subarray(0, 32), list])];
  yield [
    'both-pdf-jpeg.jpg',
    Buffer.concat([Buffer.from('%PDF-1.7\n'), need(stills, 'still.jpg')]),
  ];
  yield ['both-avi-list.avi', Buffer.concat([riff('AVI ', list), list])];
  yield ['both-webp-svg.webp', riff('WEBP', Buffer.concat([Buffer.from('VP8X'), markup]))];
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Signature and IHDR. */
const PNG_HEADER_BYTES = 33;

function pngChunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([uint32(data.length), typed, uint32(crc32(typed))]);
}

function afterHeader(png: Buffer, chunk: Buffer): Buffer {
  return Buffer.concat([png.subarray(0, PNG_HEADER_BYTES), chunk, png.subarray(PNG_HEADER_BYTES)]);
}

function box(type: string, content: Buffer): Buffer {
  return Buffer.concat([uint32(content.length + 8), Buffer.from(type, 'latin1'), content]);
}

function riff(type: string, content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(content.length + 4);
  return Buffer.concat([Buffer.from('RIFF'), size, Buffer.from(type), content]);
}

/** Writes over what stands `offset` bytes after the four letters of a box's type, less its length. */
function patched(bytes: Buffer, type: string, offset: number, value: Buffer): Buffer {
  const at = bytes.indexOf(type, 0, 'latin1');
  if (at < 0) throw new Error(`the video has no ${type}`);
  const copy = Buffer.from(bytes);
  value.copy(copy, at + offset);
  return copy;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Bytes without a pattern, always the same. */
function noise(length: number): Buffer {
  let state = length;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 24;
    }),
  );
}

function need(files: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`no ${name} was made`);
  return bytes;
}
