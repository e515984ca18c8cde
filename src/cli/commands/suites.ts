import { type AddCommand, examples } from '../command.ts';
import { addAugment } from '../suites-augment.ts';
import { addCoverage } from '../suites-coverage.ts';
import { addCrosswalk } from '../suites-crosswalk.ts';
import { addGenerate } from '../suites-generate.ts';
import { addImport } from '../suites-import.ts';
import { addList } from '../suites-list.ts';
import { addPull } from '../suites-pull.ts';
import { addReview } from '../suites-review.ts';
import { addSample } from '../suites-sample.ts';
import { addSeal } from '../suites-seal.ts';
import { addValidate } from '../suites-validate.ts';

export const addSuites: AddCommand = (program, context) => {
  const command = program
    .command('suites')
    .description('the prompts: list, check and import them')
    .addHelpText('after', examples('safelight suites list', 'safelight suites show starter'));
  addList(command, context);
  addValidate(command, context);
  addImport(command, context);
  addPull(command, context);
  addSeal(command, context);
  addAugment(command, context);
  addCoverage(command, context);
  addSample(command, context);
  addGenerate(command, context);
  addReview(command, context);
  addCrosswalk(command, context);
};
