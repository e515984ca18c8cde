import { describe, expect, it } from 'vitest';
import { followJsonPath, parseJsonPath } from '../../src/core/json-path.ts';

const answer = {
  data: [{ url: 'a' }, { url: null }, { b64: 'c' }],
  'odd key': { 'x.y': 1 },
  empty: [],
  list: [1, 2, 3],
};

function follow(text: string) {
  const path = parseJsonPath(text);
  if (typeof path === 'string') throw new Error(path);
  return followJsonPath(path, answer);
}

describe('parseJsonPath', () => {
  it.each([
    ['$', [answer]],
    ['$.data[0].url', ['a']],
    ['$.data[*].url', ['a', null]],
    ['$.list[-1]', [3]],
    ['$.list[9]', []],
    ['$.list[-9]', []],
    ['$.list.*', [1, 2, 3]],
    [`$['odd key']["x.y"]`, [1]],
    ['$.nowhere.further', []],
    ['$.list.length', []],
    ['$.__proto__', []],
  ])('follows %s', (text, values) => expect(follow(text).values).toEqual(values));

  it('tells an empty list from a place that is not there', () => {
    expect(follow('$.empty[*].url')).toEqual({ values: [], metEmpty: true });
    expect(follow('$.absent[*].url')).toEqual({ values: [], metEmpty: false });
  });

  it.each(['', 'data[0]', '$data', '$.', '$..url', '$[', '$[a]', '$[?(@.a)]', '$[0:2]', '$.a b'])(
    'says what is wrong with "%s"',
    (text) => expect(parseJsonPath(text)).toMatch(/JSON path/),
  );
});
