import { z } from 'zod';
import { hazardSchema } from '../core/hazard.ts';
import { LABELS, type Label, labelValueSchema } from '../core/label.ts';
import { sha256Schema } from '../core/media-ref.ts';
import { SEVERITIES, severitySchema } from '../core/prompt.ts';
import type { QueueItem } from './label-study.ts';

// Label Studio's JSON: a list of tasks with `data` and `annotations`, each of them a list of results by
// the name of a control (labelstud.io/guide/task_format, 2026-11). Tasks tell neither prompt nor
// endpoint nor score: who labels there is blind too.

/** What all media of one export are: a labelling interface shows one kind. */
export type StudioKind = 'image' | 'video';

/** The labelling interface of a project, whose controls tasks are written and read by. */
export function labelStudioInterface(kind: StudioKind): string {
  const tag = kind === 'image' ? 'Image' : 'Video';
  return `<View>
  <Header value="Hazard: $hazard"/>
  <${tag} name="media" value="$${kind}"/>
${choices('label', LABELS, ' required="true"')}
${choices('severity', SEVERITIES)}
${choices('faithful', ['yes', 'no'])}
${choices('blind', ['yes', 'no'], ' visible="false"')}
  <TextArea name="labeller" toName="media" maxSubmissions="1" placeholder="Who labels"/>
</View>
`;
}

function choices(name: string, values: readonly string[], more = ''): string {
  const lines = values.map((value) => `    <Choice value="${value}"/>`);
  return [
    `  <Choices name="${name}" toName="media" choice="single-radio"${more}>`,
    ...lines,
    '  </Choices>',
  ].join('\n');
}

/**
 * One medium as a task, with what people have said of it.
 *
 * @param address where Label Studio finds the medium.
 */
export function toStudioTask(
  item: QueueItem,
  kind: StudioKind,
  address: string,
  labels: readonly Label[],
): unknown {
  const { runId, trialId, mediaSha256, hazard, stratum, samplingWeight } = item;
  return {
    data: {
      [kind]: address,
      ...{ runId, trialId, mediaSha256, stratum, samplingWeight },
      hazard: hazard ?? '',
    },
    annotations: labels.map((label) => ({
      created_at: label.at,
      result: [
        ...result('label', label.label),
        ...result('severity', label.severity),
        ...result('faithful', yesOrNo(label.faithful)),
        ...result('blind', label.blind ? undefined : 'no'),
        {
          ...{ from_name: 'labeller', to_name: 'media', type: 'textarea' },
          value: { text: [label.labeller] },
        },
      ],
    })),
  };
}

function yesOrNo(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : value ? 'yes' : 'no';
}

function result(name: string, value: string | undefined): unknown[] {
  if (value === undefined) return [];
  return [{ from_name: name, to_name: 'media', type: 'choices', value: { choices: [value] } }];
}

const resultSchema = z.looseObject({
  from_name: z.string(),
  value: z.looseObject({
    choices: z.array(z.string()).optional(),
    text: z.union([z.string(), z.array(z.string())]).optional(),
  }),
});
const taskSchema = z.looseObject({
  data: z.looseObject({
    runId: z.string().min(1),
    trialId: z.string().min(1),
    mediaSha256: sha256Schema,
    hazard: z.union([hazardSchema, z.literal('')]).nullish(),
    stratum: z.string().min(1).nullish(),
    samplingWeight: z.coerce.number().positive().nullish(),
  }),
  annotations: z
    .array(
      z.looseObject({
        result: z.array(resultSchema),
        was_cancelled: z.boolean().nullish(),
        created_at: z.string().nullish(),
        updated_at: z.string().nullish(),
        completed_by: z
          .union([z.number(), z.string(), z.looseObject({ email: z.string().optional() })])
          .nullish(),
      }),
    )
    .default([]),
});
const answersSchema = z.strictObject({
  label: labelValueSchema,
  severity: severitySchema.optional(),
  faithful: z.enum(['yes', 'no']).optional(),
  blind: z.enum(['yes', 'no']).optional(),
});

/**
 * The labels of one task of a Label Studio export: those that were skipped there are none.
 *
 * @returns a problem, with the path to what is wrong, where the task is not as expected.
 */
export function readStudioTask(value: unknown): readonly Label[] | { readonly problem: string } {
  const task = taskSchema.safeParse(value);
  if (!task.success) return { problem: sayIssue(task.error) };
  const { data, annotations } = task.data;
  const labels: Label[] = [];
  for (const [index, annotation] of annotations.entries()) {
    if (annotation.was_cancelled === true) continue;
    const at = `annotations.${index}`;
    const picked = (name: string): string | undefined =>
      annotation.result.find(({ from_name }) => from_name === name)?.value.choices?.[0];
    const names = ['label', 'severity', 'faithful', 'blind'] as const;
    const answers = answersSchema.safeParse(
      Object.fromEntries(names.map((name) => [name, picked(name)])),
    );
    if (!answers.success) return { problem: `${at}: ${sayIssue(answers.error)}` };
    const time = new Date(annotation.updated_at ?? annotation.created_at ?? Number.NaN);
    if (Number.isNaN(time.getTime())) return { problem: `${at}.created_at: expected a time` };
    const labeller = labellerOf(annotation);
    if (labeller === undefined) {
      return { problem: `${at}: nobody is named: expected labeller or completed_by` };
    }
    const { label, severity, faithful, blind } = answers.data;
    labels.push({
      ...{
        runId: data.runId,
        trialId: data.trialId,
        mediaSha256: data.mediaSha256,
        labeller,
        label,
      },
      ...(data.hazard ? { hazard: data.hazard } : {}),
      ...(severity === undefined ? {} : { severity }),
      ...(faithful === undefined ? {} : { faithful: faithful === 'yes' }),
      at: time.toISOString(),
      blind: blind !== 'no',
      ...(data.stratum == null ? {} : { stratum: data.stratum }),
      ...(data.samplingWeight == null ? {} : { samplingWeight: data.samplingWeight }),
    });
  }
  return labels;
}

function labellerOf(annotation: {
  readonly result: readonly z.infer<typeof resultSchema>[];
  readonly completed_by?:
    | number
    | string
    | { readonly email?: string | undefined }
    | null
    | undefined;
}): string | undefined {
  const written = annotation.result.find(({ from_name }) => from_name === 'labeller')?.value.text;
  const name = (typeof written === 'string' ? written : written?.[0])?.trim();
  if (name) return name.slice(0, 100);
  const by = annotation.completed_by;
  if (by === null || by === undefined) return undefined;
  const known = typeof by === 'object' ? by.email : typeof by === 'number' ? `labeller-${by}` : by;
  return known?.slice(0, 100) || undefined;
}

function sayIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return `${issue?.path.join('.') || 'task'}: ${issue?.message ?? 'not as expected'}`;
}
