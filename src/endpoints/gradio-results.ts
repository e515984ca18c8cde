import { gradioFileSchema } from './gradio-schema.ts';

/** Where a medium of an answer lies. */
export type GradioFile =
  | { readonly kind: 'url'; readonly url: string }
  /** Inlined by the app. */
  | { readonly kind: 'inline'; readonly bytes: Uint8Array };

// More than any app returns for one prompt; each is a request.
const MAX_FILES = 64;
// A video's subtitles, a JSON or a log beside the media.
const OTHER_TYPE = /^(text|application|audio|font|model)\//;
const OTHER_NAME = /\.(txt|json|csv|vtt|srt|log|zip|pdf|html?|mp3|wav|glb|obj|safetensors)$/i;

/**
 * Finds the media in an answer's values, in order and without repeats: a picture, a gallery of
 * `{image}` or `{video}`, a video as a file or as `{video}`, a file, a slider's pair, an inlined
 * data URI. Nothing here is fetched.
 *
 * @param fileUrl makes an address of a path on the app's own machine.
 */
export function findFiles(
  values: readonly unknown[],
  fileUrl: (path: string) => string,
): GradioFile[] {
  const files = new Map<string, GradioFile>();
  const add = (key: string, file: GradioFile | undefined): void => {
    if (file !== undefined && files.size < MAX_FILES && !files.has(key)) files.set(key, file);
  };
  const visit = (value: unknown, depth: number): void => {
    if (depth > 6) return;
    if (typeof value === 'string') {
      if (value.startsWith('data:')) add(value, inlineFile(value));
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const item of value) visit(item, depth + 1);
      return;
    }
    const file = gradioFileSchema.safeParse(value);
    if (file.success && (isText(file.data.url) || isText(file.data.path))) {
      const { url, path, mime_type: mime, orig_name: name } = file.data;
      const address = isText(url) ? url : fileUrl(path ?? '');
      const other = OTHER_TYPE.test(mime ?? '') || OTHER_NAME.test(name ?? path ?? '');
      if (!other)
        add(
          address,
          address.startsWith('data:') ? inlineFile(address) : { kind: 'url', url: address },
        );
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      if (key !== 'subtitles' && key !== 'caption') visit(item, depth + 1);
    }
  };
  for (const value of values) visit(value, 0);
  return [...files.values()];
}

/** The words among an answer's values: what stands there in place of media. */
export function findWords(values: readonly unknown[]): string[] {
  return values.filter(
    (value): value is string =>
      typeof value === 'string' && value !== '' && !value.startsWith('data:'),
  );
}

function isText(value: string | null | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

function inlineFile(uri: string): GradioFile | undefined {
  const match = /^data:(?:image|video)\/[\w.+-]+;base64,/.exec(uri);
  if (match === null) return undefined;
  return { kind: 'inline', bytes: Buffer.from(uri.slice(match[0].length), 'base64') };
}
