import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';

export function unknownParameter(
  endpointId: string,
  name: string,
  existing: readonly string[],
): SafelightError {
  return new SafelightError(
    `endpoint "${endpointId}": the app has no parameter "${name}", only ${existing.join(', ')}`,
    {
      code: 'gradio_unknown_parameter',
      kind: 'configuration',
      hint: didYouMean(name, existing),
    },
  );
}

export function noPromptParameter(endpointId: string, existing: readonly string[]): SafelightError {
  return new SafelightError(
    `endpoint "${endpointId}": none of the app's parameters is plainly the prompt: ${existing.join(', ')}`,
    {
      code: 'gradio_no_prompt_parameter',
      kind: 'configuration',
      hint: 'Name it under `mapping`, as `prompt: <name>`.',
    },
  );
}

export function fixedPrompt(endpointId: string, name: string): SafelightError {
  return new SafelightError(
    `endpoint "${endpointId}": parameter "${name}" takes the prompt and cannot be fixed`,
    {
      code: 'gradio_fixed_prompt',
      kind: 'configuration',
      hint: 'Remove it from `parameters`, or name another parameter as `prompt` under `mapping`.',
    },
  );
}
