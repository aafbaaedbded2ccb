// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Upstart's, not JavaScript's.
import { describe, expect, test } from 'vitest';
import { expand, lookupIn } from '../src/expand.js';

const lookup = lookupIn(['FOO=old', 'BAR=bar', 'EMPTY=', 'NAME=FOO', 'ODD=FOO:-z', 'DOL=$FOO', 'ignored', 'FOO=foo']);

describe('expansion', () => {
  test.each([
    { template: 'plain', value: 'plain' },
    { template: 'a/$FOO.conf', value: 'a/foo.conf' },
    { template: '$FOO$BAR ${FOO}bar', value: 'foobar foobar' },
    { template: '$ $$ $1 $( a$', value: '$ $$ $1 $( a$' },
    { template: '$$FOO', value: '$foo' },
    { template: '${}FOO $${}', value: '$FOO $$' },
    { template: '${FOO:-d} ${EMPTY:-d} ${NOPE:-d}', value: 'foo d d' },
    { template: '${FOO-d} ${EMPTY-d} ${NOPE-d}', value: 'foo  d' },
    { template: '${FOO:+a} ${EMPTY:+a} ${NOPE:+a}', value: 'a  ' },
    { template: '${FOO+a} ${EMPTY+a} ${NOPE+a}', value: 'a a ' },
    { template: '${$NAME} ${${NAME}}', value: 'foo foo' },
    { template: '${NOPE:-${NOPE2:-deep}}x', value: 'deepx' },
    { template: '${NOPE:-{x}}', value: '{x}' },
    { template: '${NOPE:-a:b-c+d}', value: 'a:b-c+d' },
    { template: '${:-x}', value: 'x' },
    { template: '$DOL', value: '$FOO' },
    { template: '\\$FOO "$FOO"', value: '\\foo "foo"' },
    { template: '${FOO:-$NOPE}${FOO-${$NOPE}}${NOPE:+$NOPE2}', value: 'foofoo' },
  ])('$template', ({ template, value }) => {
    expect(expand(template, lookup)).toEqual({ ok: true, value });
  });

  test.each([
    { template: '$NOPE', message: 'Unknown parameter: NOPE' },
    { template: '$FOObar', message: 'Unknown parameter: FOObar' },
    { template: '${$ODD}', message: 'Unknown parameter: FOO:-z' },
    { template: '${K?x}', message: 'Unknown parameter: K?x' },
    { template: '${NOPE:-$NOPE2}', message: 'Unknown parameter: NOPE2' },
    { template: '${FOO', message: 'Mismatched braces' },
    { template: '${FOO:-x', message: 'Mismatched braces' },
    { template: '${FOO:=x}', message: 'Expected operator' },
    { template: '${FOO:}', message: 'Expected operator' },
    { template: '${NO{PE:-x}', message: 'Illegal parameter' },
  ])('$template fails: $message', ({ template, message }) => {
    expect(expand(template, lookup)).toMatchObject({ ok: false, error: { message } });
  });

  test('expands unused defaults where it is asked to, as the original does', () => {
    expect(expand('${FOO:-$NOPE}', lookup, { defaults: 'eager' })).toMatchObject({
      ok: false,
      error: { code: 'unknown-parameter', parameter: 'NOPE' },
    });
  });

  test('takes any depth', () => {
    const depth = 100_000;
    expect(expand(`${'${NOPE:-'.repeat(depth)}x${'}'.repeat(depth)}`, lookup)).toEqual({ ok: true, value: 'x' });
  });
});
