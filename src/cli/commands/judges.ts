import { type AddCommand, examples } from '../command.ts';
import { addCompile } from '../judges-compile.ts';
import { addEvaluate } from '../judges-evaluate.ts';

export const addJudges: AddCommand = (program, context) => {
  const command = program
    .command('judges')
    .description(
      'models that judge media: what they are asked, and how well they agree with people',
    )
    .addHelpText(
      'after',
      examples(
        'safelight judges compile --policy my.yaml --out my.preconditions.yaml',
        'safelight judges evaluate reports/today --labels labels.jsonl',
      ),
    );
  addCompile(command, context);
  addEvaluate(command, context);
};
