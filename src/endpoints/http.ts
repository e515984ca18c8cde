import type { HttpAdapter } from './http-adapter.ts';
import type { HttpDeclaration } from './http-declaration.ts';
import { buildDeclaredCall, describeDeclared } from './http-declared-call.ts';
import { parseDeclaredReply } from './http-declared-reply.ts';
import { endpointFactory } from './http-endpoint.ts';

// No provider of its own, so nothing to verify: what is declared is what is sent and read.

/** A provider as a pipeline file declares it: templates for calls, JSON paths for answers. */
export const http: HttpAdapter<HttpDeclaration> = {
  protocol: 'http',
  describe: describeDeclared,
  buildRequest: buildDeclaredCall,
  parseResponse: parseDeclaredReply,
};

/** An endpoint over HTTP that a pipeline file declares. */
export const createDeclaredHttpEndpoint = endpointFactory(http);
