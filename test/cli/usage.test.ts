import { describe, expect, it } from 'vitest';
import { expectClearError } from './clear-error.ts';
import { inProcess } from './in-process.ts';
import { safelight, startSafelight } from './safelight.ts';

const cwd = process.cwd();
const ask = (...args: string[]) => inProcess(args, cwd);

/** Every command, found from the help itself, so that none can be forgotten. */
async function commandsBelow(path: readonly string[]): Promise<string[][]> {
  const { stdout } = await ask(...path, '--help');
  const listed = stdout.split('Commands:\n')[1]?.split('\n\n')[0] ?? '';
  const names = [...listed.matchAll(/^ {2}(\S+)/gm)].flatMap(([, name]) =>
    name === undefined || name === 'help' ? [] : [name],
  );
  const below = await Promise.all(names.map((name) => commandsBelow([...path, name])));
  return [...names.map((name) => [...path, name]), ...below.flat()];
}

const commands = await commandsBelow([]);

describe('help', () => {
  it('knows the commands', () => {
    const names = commands.map((path) => path.join(' '));
    for (const name of [
      ...['run', 'score', 'report', 'detect', 'judge', 'purge', 'doctor'],
      ...['suites list', 'suites show', 'suites validate', 'suites import'],
      ...['endpoints list', 'endpoints describe', 'models list', 'models verify'],
    ]) {
      expect(names).toContain(name);
    }
  });

  it.each([[], ...commands].map((path) => [path.join(' '), path] as const))(
    'safelight %s --help has an example',
    async (_name, path) => {
      const { exitCode, stdout, stderr } = await ask(...path, '--help');
      expect(exitCode).toBe(0);
      expect(stderr).toBe('');
      expect(stdout).toContain(['Usage: safelight', ...path].join(' '));
      expect(stdout).toMatch(new RegExp(`Examples:\\n {2}\\$ ${['safelight', ...path].join(' ')}`));
    },
  );

  it('every command that does something has --json', async () => {
    const leaves = commands.filter(
      (path) => !commands.some((other) => other.length > path.length && other[0] === path[0]),
    );
    for (const path of leaves) {
      expect((await ask(...path, '--help')).stdout, path.join(' ')).toContain('--json');
    }
  });

  it('is what a person without a plan gets, with exit code 2', async () => {
    const { exitCode, stdout } = await ask();
    expect(stdout).toContain('Usage: safelight');
    expect(exitCode).toBe(2);
  });

  it('works in the built command line, as does --version', async () => {
    const help = await safelight(['--help']);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    const version = await safelight(['--version']);
    expect(version).toMatchObject({ exitCode: 0, stderr: '' });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('output that nobody reads', () => {
  it('ends without a trace where the reader went away', async () => {
    const { child, ended } = startSafelight(['suites', 'show', 'starter', '--prompts']);
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

describe('a command line that says something else', () => {
  it.each([
    [['runn', 'x'], 'there is no command "runn"', 'Did you mean "run"?'],
    [['everything'], 'there is no command "everything"', 'There are: '],
    [['suites', 'lst'], "unknown command 'lst'", 'Did you mean list?'],
    [['run', 'p.yaml', '--ouut', 'x'], "unknown option '--ouut'", 'Did you mean --out?'],
    [['--hlp'], "unknown option '--hlp'", 'Did you mean --help?'],
    [['run'], "missing required argument 'pipeline'", '--help'],
    [['report', 'a', 'b'], 'too many arguments', '--help'],
    [['run', 'p.yaml', '--resume', '--force'], 'cannot be used with', '--help'],
    [['score', 'x.png', '--frames', '1'], 'a whole number from 2 to 512', '--help'],
    [['suites', 'import', 'ovrt', 'x.csv'], 'no importer "ovrt"', 'Did you mean "overt"?'],
    [['suites', 'show', 'startr'], 'no suite "startr"', 'Did you mean "starter"?'],
    [['endpoints', 'describe', 'grado'], 'no endpoint adapter "grado"', 'Did you mean "gradio"?'],
    [['score', 'none/'], 'there is no file or folder none/', 'Name pictures'],
    [['score', 'README.md', '--detectors', 'nsfw'], 'no detector "nsfw"', 'Did you mean "nsfwjs"?'],
    [['report', 'none'], 'there is no journal.jsonl in the folder "none"', 'Name a folder that'],
    [['judge', 'none'], 'there is no journal.jsonl', 'Name a folder that'],
    [['detect', 'none'], 'there is no journal.jsonl', 'Name a folder that'],
    [['purge', 'none'], 'there is no journal.jsonl', 'Name a folder that'],
  ])('%j: exit code 2, and the nearest that there is', async (args, message, hint) => {
    expectClearError(await ask(...args), { message, hint });
    const { exitCode, stdout, stderr } = await ask(...args, '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' });
    const { error } = JSON.parse(stdout);
    expect(error.code).toMatch(/^[a-z_]+$/);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });
});
