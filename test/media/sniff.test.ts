import { describe, expect, test } from 'vitest';
import { demuxerOf, sniffMedia } from '../../src/media/sniff.ts';
import { animate, drawScene, toSharp } from './made-media.ts';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

describe('sniffMedia', () => {
  test.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)(
    'knows a still %s by its bytes',
    async (format) => {
      const bytes = await toSharp(drawScene(40, 30)).toFormat(format).toBuffer();
      expect(await sniffMedia(bytes)).toEqual({ kind: 'image', mime: `image/${format}` });
    },
  );

  test.each(['gif', 'webp'] as const)('takes an animated %s for a video', async (format) => {
    const bytes = await animate([0, 100, 200], [100, 100, 100], format);
    expect(await sniffMedia(bytes)).toEqual({ kind: 'video', mime: `image/${format}` });
  });

  test('says that no bytes are no medium', async () => {
    expect(await sniffMedia(new Uint8Array())).toMatchObject({ kind: 'problem', code: 'empty' });
  });

  test('is not fooled by a name: text is of unknown type', async () => {
    const found = await sniffMedia(text('once upon a time there was no picture'));
    expect(found).toMatchObject({ kind: 'problem', code: 'unknown_type' });
  });

  test.each([
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    '<!-- a comment first --><svg/>',
    '%PDF-1.7\n',
  ])('refuses %s as unsupported', async (content) => {
    expect(await sniffMedia(text(content))).toMatchObject({ code: 'unsupported_type' });
  });

  test('refuses playlists, through which ffmpeg could be led to other files', async () => {
    for (const playlist of ['#EXTM3U\n#EXTINF:1,\nfile.ts\n', 'ffconcat version 1.0\nfile a.mp4']) {
      expect(await sniffMedia(text(playlist))).toMatchObject({ kind: 'problem' });
    }
  });

  test('refuses an AVIF of moving pictures, of which only one would be seen', async () => {
    const bytes = await toSharp(drawScene(40, 30)).avif().toBuffer();
    bytes.write('avis', 8, 'latin1');
    expect(await sniffMedia(bytes)).toMatchObject({ code: 'unsupported_type' });
  });

  test('names a sound file by what it lacks', async () => {
    const wave = Buffer.concat([Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1'), Buffer.alloc(64)]);
    expect(await sniffMedia(wave)).toMatchObject({ code: 'no_video_stream' });
  });
});

test('demuxerOf gives nothing for a key of every object', () => {
  expect(demuxerOf('constructor')).toBeUndefined();
  expect(demuxerOf('video/mp4')).toBe('mov');
});
