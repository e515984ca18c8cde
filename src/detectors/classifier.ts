import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Detector } from './detector.ts';
import { CATALOGUE, findInCatalogue } from './onnx/catalogue.ts';
import type { ClassifierDeclaration } from './onnx/classifier-declaration.ts';
import { createClassifierDetector } from './onnx/classifier-detector.ts';
import {
  type InstalledModel,
  installedModelsFolder,
  listInstalledModels,
  readInstalledModel,
  readModelFile,
} from './onnx/installed-models.ts';

export interface NamedClassifierOptions {
  /** Name in the model store. */
  readonly model: string;
  readonly workers?: number | undefined;
  /** Default: see {@link installedModelsFolder}. */
  readonly folder?: string | undefined;
}

/**
 * Looks at pictures and sampled frames with a classifier that was pulled or added.
 *
 * @throws SafelightError `model_missing`, `model_damaged`, `model_unknown`, or `model_no_classifier`
 * for one that is read by a detector of its own. There is no fallback to another.
 */
export async function createNamedClassifier(options: NamedClassifierOptions): Promise<Detector> {
  const { model: name, folder = installedModelsFolder() } = options;
  const known = findInCatalogue(name);
  const installed = await listInstalledModels(folder);
  if (known === undefined && !installed.includes(name)) {
    throw new SafelightError(`there is no model "${name}"`, {
      code: 'model_unknown',
      kind: 'configuration',
      hint: didYouMean(name, [...CATALOGUE.map((entry) => entry.name), ...installed]),
    });
  }
  const model = await readInstalledModel(name, folder);
  const declaration = model.declaration ?? known?.declaration;
  if (declaration === undefined) {
    throw new SafelightError(`the model "${name}" is no picture classifier`, {
      code: 'model_no_classifier',
      kind: 'configuration',
      hint: 'It belongs to a detector of its own: see `safelight models list`.',
    });
  }
  const { bytes, sha256 } = await readModelFile(name, onnxFile(model), folder);
  checkHash(declaration, sha256);
  return createClassifierDetector(
    declaration,
    {
      bytes,
      sha256,
      notes: [`Weights: ${declaration.source ?? model.source}.`],
      remedy: `Run \`safelight models remove ${name}\`, then pull or add it again.`,
    },
    { workers: options.workers },
  );
}

function onnxFile({ files }: InstalledModel): string {
  return files.find(({ file }) => file.endsWith('.onnx'))?.file ?? 'model.onnx';
}

/** @throws SafelightError `model_mismatch`. */
export function checkHash(declaration: ClassifierDeclaration, sha256: string): void {
  if (declaration.sha256 === undefined || declaration.sha256 === sha256) return;
  throw new SafelightError(`the model file of ${declaration.id} has another sha256 than declared`, {
    code: 'model_mismatch',
    kind: 'environment',
    hint: `It has ${sha256}. Thresholds belong to a file: look at them again before changing the declaration.`,
  });
}
