import { type AddCommand, examples } from '../command.ts';
import { addCompile } from '../judges-compile.ts';

export const addJudges: AddCommand = (program, context) => {
  const command = program
    .command('judges')
    .description('models that judge media: what they are asked')
    .addHelpText(
      'after',
      examples('safelight judges compile --policy my.yaml --out my.preconditions.yaml'),
    );
  addCompile(command, context);
};
