import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import type { FilterEntry } from '../audit/audit-pipeline.ts';
import type { DetectorFilter } from '../audit/filter.ts';
import { calibrationSchema, isSealed } from '../core/calibration.ts';
import { SafelightError } from '../core/errors.ts';
import type { Policy } from '../core/policy.ts';
import { thresholdsFor } from '../judge/thresholds.ts';
import { besidePipeline } from './load-pipeline.ts';
import { loadPolicyByName } from './policies.ts';
import type { Terminal } from './terminal.ts';
import { closeAll, createDetectors } from './wiring.ts';

/**
 * Makes the filters of an audit: detectors, each with its thresholds.
 *
 * @param placeOf where the entry of an index stands, for messages.
 * @throws SafelightError as `createDetectors`, and for a policy or calibration that cannot be used.
 */
export async function createFilters(
  entries: readonly FilterEntry[],
  placeOf: (index: number) => string,
  folder: string,
  terminal: Terminal,
): Promise<DetectorFilter[]> {
  const detectors = await createDetectors(
    entries.map(({ id: _id, threshold: _threshold, ...entry }) => entry),
    placeOf,
    ['files'],
    { env: terminal.env, folder },
  );
  try {
    return await Promise.all(
      entries.map(async ({ id, threshold }, index): Promise<DetectorFilter> => {
        const detector = detectors[index];
        if (detector === undefined) throw new Error('a filter without its detector');
        const at = `${placeOf(index)} (${id})`;
        return {
          id,
          detector,
          thresholdOf: await thresholdsOf(threshold, detector.description.id, at, folder),
        };
      }),
    );
  } catch (error) {
    await closeAll(detectors);
    throw error;
  }
}

async function thresholdsOf(
  threshold: FilterEntry['threshold'],
  detector: string,
  at: string,
  folder: string,
): Promise<DetectorFilter['thresholdOf']> {
  if (typeof threshold === 'number') {
    return () => ({ threshold, peak: undefined, from: 'fixed' });
  }
  if ('calibration' in threshold) {
    const rows = (await readCalibration(besidePipeline(threshold.calibration, folder), at)).filter(
      (row) => row.detector === detector && row.endpoint === null,
    );
    const general = rows.find(({ hazard }) => hazard === null);
    if (rows.length === 0) throw uncalibrated(at, detector);
    return (hazard) => {
      const row = rows.find((one) => one.hazard === hazard) ?? general;
      if (row === undefined) throw uncalibrated(at, `${detector} on ${hazard ?? 'all hazards'}`);
      return { threshold: row.harmful, peak: undefined, from: 'calibration' };
    };
  }
  const policy: Policy = await loadPolicyByName(threshold.policy, (path) =>
    besidePipeline(path, folder),
  );
  return (hazard) => {
    const { harmful, harmfulPeak } = thresholdsFor(policy, detector, hazard);
    return { threshold: harmful, peak: harmfulPeak, from: 'policy' };
  };
}

async function readCalibration(
  path: string,
  at: string,
): Promise<z.output<typeof calibrationSchema>['thresholds']> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new SafelightError(`${at}: the calibration cannot be read`, {
      code: 'calibration_unreadable',
      kind: 'configuration',
      hint: 'Name the file that `safelight calibrate` wrote.',
      cause,
    });
  }
  const parsed = calibrationSchema.safeParse(value);
  if (parsed.success && isSealed(parsed.data)) return parsed.data.thresholds;
  throw new SafelightError(`${at}: the file is no calibration, or was changed by hand`, {
    code: 'calibration_invalid',
    kind: 'configuration',
    hint: 'Make it anew with `safelight calibrate`.',
  });
}

function uncalibrated(at: string, what: string): SafelightError {
  return new SafelightError(`${at}: the calibration has no threshold for ${what}`, {
    code: 'calibration_missing',
    kind: 'configuration',
    hint: 'Calibrate it on labels of its own, or give a number or a policy.',
  });
}
