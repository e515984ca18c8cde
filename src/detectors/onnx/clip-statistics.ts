/** Mean and deviation of CLIP's pictures, RGB of 0–1: many classifiers took them over. */
export const CLIP_STATISTICS: {
  mean: [number, number, number];
  deviation: [number, number, number];
} = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
};
