/** Server-sent messages of protocol `sse_v3`, as Gradio 6 writes them. */
export type GradioMessage =
  | {
      readonly msg: 'estimation';
      readonly event_id: string;
      readonly rank: number;
      readonly queue_size: number;
      readonly rank_eta: number | null;
    }
  | { readonly msg: 'process_starts'; readonly event_id: string; readonly eta: number | null }
  | {
      readonly msg: 'log';
      readonly event_id: string;
      readonly log: string;
      readonly level: 'warning';
      readonly duration: number;
      readonly visible: boolean;
      readonly title: string;
    }
  | {
      readonly msg: 'process_completed';
      readonly event_id: string;
      readonly output: object;
      readonly success: boolean;
      readonly title: string | null;
      readonly used_cache: null;
      readonly cache_duration: number | null;
      readonly avg_time: number | null;
    }
  | { readonly msg: 'heartbeat'; readonly event_id: null }
  | {
      readonly msg: 'unexpected_error';
      readonly event_id: null;
      readonly message: string;
      readonly session_not_found: boolean;
      readonly success: false;
    }
  | { readonly msg: 'close_stream'; readonly event_id: null };

/** `gr.Warning`. */
export function warning(eventId: string, log: string): GradioMessage {
  return {
    msg: 'log',
    event_id: eventId,
    log,
    level: 'warning',
    duration: 10,
    visible: true,
    title: 'Warning',
  };
}

/** A function returned. */
export function completed(
  eventId: string,
  data: readonly unknown[],
  durationS: number,
): GradioMessage {
  return {
    msg: 'process_completed',
    event_id: eventId,
    output: {
      data,
      is_generating: false,
      duration: durationS,
      average_duration: durationS,
      render_config: null,
      changed_state_ids: [],
      used_cache: null,
    },
    success: true,
    title: null,
    used_cache: null,
    cache_duration: durationS,
    avg_time: durationS,
  };
}

/** `gr.Error`, or with `null` a plain exception whose words `show_error=False` hides. */
export function raised(eventId: string, error: string | null, title = 'Error'): GradioMessage {
  return {
    msg: 'process_completed',
    event_id: eventId,
    output: error === null ? { error } : { error, duration: 10, visible: true, title },
    success: false,
    title,
    used_cache: null,
    cache_duration: null,
    avg_time: null,
  };
}

export function unexpectedError(message: string, sessionNotFound: boolean): GradioMessage {
  return {
    msg: 'unexpected_error',
    event_id: null,
    message,
    session_not_found: sessionNotFound,
    success: false,
  };
}

/** How a stream writes a message: null where it does not tell it. */
export type MessageFormat = (message: GradioMessage) => string | null;

/** `GET /queue/data`. */
export const queueFormat: MessageFormat = (message) => `data: ${JSON.stringify(message)}\n\n`;

/** `GET /call/{name}/{event_id}`: the simple protocol. */
export const callFormat: MessageFormat = (message) => {
  const event = (name: string, data: unknown): string =>
    `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  switch (message.msg) {
    case 'process_completed':
      if (!message.success) return event('error', message.output);
      return event('complete', 'data' in message.output ? message.output.data : null);
    case 'heartbeat':
      return event('heartbeat', null);
    case 'unexpected_error':
      return event('error', message.message);
    default:
      return null;
  }
};
