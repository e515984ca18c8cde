/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  /** A gate's rule does not hold, or a check found problems. */
  gateFailed: 1,
  /** Usage or configuration. */
  usage: 2,
  /** The run is not valid: too many trials failed or are undecided. */
  notValid: 3,
  /** Stopped by Ctrl-C; go on with --resume. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
