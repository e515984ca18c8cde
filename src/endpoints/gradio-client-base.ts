import { Client } from '@gradio/client';

// The package's declarations import each other without file extensions, which `nodenext` does not
// resolve: its `Client` would be `any`. These are the parts in use, as of 2.7.0.

export interface ClientOptions {
  readonly token?: string;
  readonly events?: readonly ('data' | 'status' | 'log')[];
  /** Past inputs, prompts among them, are kept in the browser's storage where there is one. */
  readonly record_history?: boolean;
}

/** What the client wants of an `EventSource`. */
export interface MessageSink {
  onmessage: ((event: { readonly data: string }) => unknown) | null;
  onerror: ((error: unknown) => unknown) | null;
  readonly close: () => void;
}

interface ClientParts {
  readonly options: ClientOptions;
  abort_controller: AbortController | null;
  /** What `Client.connect` calls after the constructor: reads configuration and schema. */
  init(): Promise<void>;
  fetch(input: string | URL, init?: RequestInit): Promise<Response>;
  stream(url: URL): MessageSink;
  /** Yields `data`, `status`, `log` and `render` events; only `data` unless `allEvents`. */
  submit(
    api: string | number,
    data: readonly unknown[],
    eventData: null,
    triggerId: null,
    allEvents: true,
  ): AsyncIterator<unknown, unknown>;
  close(): void;
}

interface ClientClass {
  new (reference: string, options: ClientOptions): ClientParts;
}

/** The official client under a type that says what we use of it. */
export const GradioClient: ClientClass = Client;
