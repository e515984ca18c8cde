import type { AddCommand } from './command.ts';
import { addAudit } from './commands/audit.ts';
import { addCalibrate } from './commands/calibrate.ts';
import { addCompare } from './commands/compare.ts';
import { addDetect } from './commands/detect.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEndpoints } from './commands/endpoints.ts';
import { addExport } from './commands/export.ts';
import { addGate } from './commands/gate.ts';
import { addJudge } from './commands/judge.ts';
import { addJudges } from './commands/judges.ts';
import { addLabel } from './commands/label.ts';
import { addMetrics } from './commands/metrics.ts';
import { addModels } from './commands/models.ts';
import { addPlan } from './commands/plan.ts';
import { addProbe } from './commands/probe.ts';
import { addPurge } from './commands/purge.ts';
import { addReport } from './commands/report.ts';
import { addRun } from './commands/run.ts';
import { addScore } from './commands/score.ts';
import { addServe } from './commands/serve.ts';
import { addSuites } from './commands/suites.ts';
import { addVerify } from './commands/verify.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly AddCommand[] = [
  addPlan,
  addRun,
  addProbe,
  addScore,
  addReport,
  addServe,
  addLabel,
  addDetect,
  addJudge,
  addJudges,
  addGate,
  addAudit,
  addCompare,
  addExport,
  addVerify,
  addMetrics,
  addCalibrate,
  addSuites,
  addEndpoints,
  addModels,
  addPurge,
  addDoctor,
];
