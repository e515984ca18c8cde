import { useEffect, useState } from 'preact/hooks';
import { ask } from './ask.ts';

/** The newest answer to a question; an older one that comes late is dropped. */
export function useAnswer<T>(
  path: string,
  body: unknown,
): { readonly value: T | null; readonly problem: string } {
  const [state, setState] = useState<{ value: T | null; problem: string }>({
    value: null,
    problem: '',
  });
  const question = JSON.stringify(body);
  useEffect(() => {
    let isCurrent = true;
    ask<T>(path, JSON.parse(question))
      .then((value) => isCurrent && setState({ value, problem: '' }))
      .catch((error: Error) => isCurrent && setState({ value: null, problem: error.message }));
    return () => {
      isCurrent = false;
    };
  }, [path, question]);
  return state;
}
