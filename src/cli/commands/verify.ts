import { resolve } from 'node:path';
import { verifyBundle } from '../../run/verify-bundle.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { openBundle } from '../open-bundle.ts';
import type { Terminal } from '../terminal.ts';

interface VerifyOptions {
  readonly expect?: string;
  readonly json?: boolean;
}

export const addVerify: AddCommand = (program, { terminal, action }) => {
  program
    .command('verify <bundle>')
    .description(
      'check every hash of an audit bundle, and that its verdicts follow from its journal',
    )
    .option('--expect <sha256>', 'the digest that was told when the bundle was made')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('safelight verify bundle.tar.gz', 'safelight verify bundle --json'),
    )
    .action(action((bundle: string, options: VerifyOptions) => verify(bundle, options, terminal)));
};

async function verify(path: string, options: VerifyOptions, terminal: Terminal): Promise<ExitCode> {
  const bundle = await openBundle(resolve(terminal.cwd, path));
  try {
    const report = await verifyBundle(bundle.folder);
    const expected = options.expect?.toLowerCase();
    const problems =
      expected === undefined || expected === report.digest
        ? report.problems
        : [
            { path: 'bundle.json', problem: `has SHA-256 ${report.digest}, not the expected one` },
            ...report.problems,
          ];
    if (options.json === true) {
      terminal.out(JSON.stringify({ ...report, verified: problems.length === 0, problems }));
    } else {
      for (const { path: file, problem } of problems) terminal.out(`CHANGED  ${file}: ${problem}`);
      terminal.out(
        problems.length === 0
          ? `Verified: ${report.files} files of run ${report.runId}; the verdicts follow from the journal.\nDigest: ${report.digest}`
          : `Not verified: ${problems.length} problem(s) in run ${report.runId}.`,
      );
    }
    return problems.length === 0 ? EXIT.done : EXIT.gateFailed;
  } finally {
    await bundle.close();
  }
}
