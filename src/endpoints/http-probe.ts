import { SafelightError } from '../core/errors.ts';
import { DeadlineExceeded } from '../net/deadline.ts';
import type { HttpAdapter, HttpAdapterDescription, HttpCall } from './http-adapter.ts';
import type { HttpOptions } from './http-options.ts';
import type { HttpTransport, WireProblem, WireReply } from './http-transport.ts';

/**
 * Makes an adapter's probe, where it has one.
 *
 * @returns the revision that it resolved.
 * @throws SafelightError where the endpoint is unreachable, or does not let us in.
 */
export async function probeHttp<Options extends HttpOptions>(
  id: string,
  { probe }: HttpAdapter<Options>,
  options: Options,
  { authorization }: HttpAdapterDescription,
  transport: HttpTransport,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (probe === undefined) return undefined;
  const reply = await sendProbe(transport, probe.buildCall(options), signal);
  if (reply.kind === 'problem') {
    throw new SafelightError(`endpoint "${id}" cannot be reached (${reply.code})`, {
      code: 'endpoint_unreachable',
      kind: 'environment',
      hint: 'Check the address and the network.',
    });
  }
  if (reply.status === 401 || reply.status === 403) {
    const variables = Object.values(authorization.variables).join(', ');
    throw new SafelightError(`endpoint "${id}" does not let us in (HTTP status ${reply.status})`, {
      code: 'endpoint_unauthorized',
      kind: 'configuration',
      hint:
        variables === ''
          ? 'It wants a credential: name the environment variable that holds it.'
          : `Check the value of ${variables}.`,
    });
  }
  // A server without the probe's route can generate all the same.
  if (reply.status >= 400 || reply.body.kind !== 'json') return undefined;
  const result = probe.parse(
    { status: reply.status, headers: reply.headers, body: reply.body },
    options,
  );
  if (result.kind === 'ok') return result.revision;
  throw new SafelightError(`endpoint "${id}": ${result.message}`, {
    code: 'endpoint_misfit',
    kind: 'configuration',
    hint: result.hint,
  });
}

async function sendProbe(
  transport: HttpTransport,
  call: HttpCall,
  signal: AbortSignal,
): Promise<WireReply | WireProblem> {
  try {
    return await transport.send(call, signal);
  } catch (error) {
    if (!(error instanceof DeadlineExceeded)) throw error;
    return { kind: 'problem', where: 'request', code: 'timeout', message: error.message };
  }
}
