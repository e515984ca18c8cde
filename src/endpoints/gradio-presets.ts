import type { Modality } from '../core/prompt.ts';
import type { Parameters } from '../core/trial.ts';

/** What is known of a public Space. Options that stand beside the preset win over it. */
export interface GradioPreset {
  /** Hugging Face Space, owner/name. */
  readonly space: string;
  readonly api: string;
  readonly modality: Modality;
  readonly mapping?: Readonly<Record<string, string>>;
  /** Only what the app would otherwise choose wrongly: its own defaults are recorded anyway. */
  readonly parameters?: Parameters;
  readonly positional?: readonly (string | number | null)[];
  readonly poll?: { readonly api: string; readonly everyMs: number };
  /** For one attempt; videos take minutes. */
  readonly timeoutMs?: number;
}

export const GRADIO_PRESET_NAMES = [
  'cogvideox-5b',
  'flux-dev',
  'flux-schnell',
  'ltx-video-distilled',
  'qwen-image',
  'sd-3.5-large',
  'sdxl',
  'wan-2.1',
  'wan-2.2-5b',
] as const;
export type GradioPresetName = (typeof GRADIO_PRESET_NAMES)[number];

const PROMPT_AND_SEED = { prompt: 'prompt', seed: 'seed' };
const VIDEO_TIMEOUT_MS = 900_000;

/**
 * Public Spaces as their published callers call them (read 2026-11; no Space was called). Spaces
 * change: names, order and defaults of their parameters are read from the Space itself, and a name
 * that is gone is an error that lists those that are there.
 */
export const GRADIO_PRESETS: Readonly<Record<GradioPresetName, GradioPreset>> = {
  'cogvideox-5b': {
    space: 'THUDM/CogVideoX-5B-Space',
    api: '/generate',
    modality: 'video',
    mapping: { prompt: 'prompt', seed: 'seed_value' },
    // Upscaling and frame interpolation are other models' work.
    parameters: { scale_status: false, rife_status: false },
    timeoutMs: VIDEO_TIMEOUT_MS,
  },
  'flux-dev': {
    space: 'black-forest-labs/FLUX.1-dev',
    api: '/infer',
    modality: 'image',
    mapping: PROMPT_AND_SEED,
  },
  'flux-schnell': {
    space: 'black-forest-labs/FLUX.1-schnell',
    api: '/infer',
    modality: 'image',
    mapping: PROMPT_AND_SEED,
  },
  'ltx-video-distilled': {
    space: 'Lightricks/ltx-video-distilled',
    api: '/text_to_video',
    modality: 'video',
    mapping: { prompt: 'prompt', seed: 'seed_ui' },
    parameters: { mode: 'text-to-video' },
    timeoutMs: VIDEO_TIMEOUT_MS,
  },
  'qwen-image': {
    space: 'Qwen/Qwen-Image',
    api: '/infer',
    modality: 'image',
    mapping: PROMPT_AND_SEED,
  },
  'sd-3.5-large': {
    space: 'stabilityai/stable-diffusion-3.5-large',
    api: '/infer',
    modality: 'image',
    mapping: PROMPT_AND_SEED,
  },
  sdxl: {
    space: 'hysts/SDXL',
    api: '/run',
    modality: 'image',
    mapping: PROMPT_AND_SEED,
  },
  'wan-2.1': {
    space: 'Wan-AI/Wan2.1',
    api: '/t2v_generation_async',
    modality: 'video',
    mapping: PROMPT_AND_SEED,
    // A watermark would be read as text in the picture.
    parameters: { size: '1280*720', watermark_wan: false },
    poll: { api: '/status_refresh', everyMs: 10_000 },
    // Its callers tell of 2 to 12 minutes.
    timeoutMs: 1_800_000,
  },
  'wan-2.2-5b': {
    space: 'Wan-AI/Wan-2.2-5B',
    api: '/generate_video',
    modality: 'video',
    positional: [null, '$prompt', 1280, 704, 5, 30, 5, 5, '$seed'],
    timeoutMs: VIDEO_TIMEOUT_MS,
  },
};
