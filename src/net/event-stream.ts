// A gallery as data URIs in one event is large; a stream that never ends its line is an attack.
const MAX_EVENT_LENGTH = 64 * 1024 * 1024;

/** Raised for a line that outgrows every sensible event. */
export class EventTooLarge extends Error {
  constructor() {
    super(`an event is longer than ${MAX_EVENT_LENGTH} characters`);
    this.name = 'EventTooLarge';
  }
}

/**
 * Reads server-sent events (HTML Living Standard, section 9.2.6) and yields the data of each. Event
 * names and ids are dropped. An unfinished event at the end is not yielded.
 */
export async function* readEventStream(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  for await (const chunk of body) {
    const text = rest + decoder.decode(chunk, { stream: true });
    // A line ends in \n, \r\n or \r; an \r at the very end may be half of \r\n.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (rest.length > MAX_EVENT_LENGTH) throw new EventTooLarge();
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield data.join('\n');
        data = [];
      } else if (line.startsWith('data:')) {
        data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
      }
    }
  }
}
