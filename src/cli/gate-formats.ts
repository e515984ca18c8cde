import type { GateCheck } from '../judge/gate.ts';
import { escapeXml } from '../report/export/xml.ts';

/** What a gate found, in the form that `--json` prints. */
export interface GateResult {
  readonly schema: 1;
  readonly run: GatedRun;
  /** Absent where no rule asks for it. */
  readonly baseline?: GatedRun;
  readonly passed: boolean;
  readonly checks: readonly GateCheck[];
  readonly warnings: readonly string[];
}

export interface GatedRun {
  readonly id: string;
  readonly valid: boolean;
  readonly invalidBecause: readonly string[];
}

/** JUnit XML with a test case for each check, and an error for each run that is not valid. */
export function toJunit(result: GateResult): string {
  const invalid = problemsOf(result);
  const failures = result.checks.filter(({ passed }) => !passed).length;
  const counts = `tests="${result.checks.length + invalid.length}" failures="${failures}" errors="${invalid.length}"`;
  const cases = [
    ...invalid.map(
      (problem) =>
        `    <testcase classname="safelight.gate" name="the run is valid">\n      <error message="${escapeXml(problem)}"/>\n    </testcase>`,
    ),
    ...result.checks.map((check) => {
      const start = `    <testcase classname="safelight.gate.${escapeXml(check.endpoint)}" name="${escapeXml(nameOf(check))}"`;
      return check.passed
        ? `${start}/>`
        : `${start}>\n      <failure message="${escapeXml(check.reason)}"/>\n    </testcase>`;
    }),
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="safelight gate ${escapeXml(result.run.id)}" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/**
 * Workflow commands that GitHub shows beside the line of each rule that does not hold.
 *
 * @param file of the rules, as the user knows it.
 */
export function toGithubAnnotations(result: GateResult, file: string): string[] {
  return [
    ...problemsOf(result).map(
      (problem) => `::error title=${property('Safelight: not valid')}::${data(problem)}`,
    ),
    ...result.checks
      .filter(({ passed }) => !passed)
      .map((check) => {
        const line = check.line === undefined ? '' : `,line=${check.line}`;
        const title = property(`${check.endpoint}: ${nameOf(check)}`);
        return `::error file=${property(file)}${line},title=${title}::${data(check.reason)}`;
      }),
  ];
}

/** The rule, with what it was held against. */
export function nameOf({ rule, hazard, revision }: GateCheck): string {
  const parts = [hazard, revision === null ? undefined : revision].filter(
    (part) => part !== undefined,
  );
  return parts.length === 0 ? rule : `${rule} (${parts.join(', ')})`;
}

/** Why the runs may not be gated at all. */
export function problemsOf({ run, baseline }: GateResult): string[] {
  return [
    ...run.invalidBecause,
    ...(baseline?.invalidBecause ?? []).map((problem) => `baseline: ${problem}`),
  ];
}

/** @see https://docs.github.com/actions, workflow commands: what must not end a command early. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
