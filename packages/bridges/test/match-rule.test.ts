import { expect, test } from 'vitest';
import { matchRule } from '../src/match-rule.js';

test.each([
  { args: [], rule: '' },
  { args: ['SIGNAL=Hello'], rule: ",member='Hello'" },
  { args: ['Hello'], rule: ",member='Hello'" },
  { args: ['Hello', 'session'], rule: ",member='Hello'" },
  {
    args: ['INTERFACE=com.example.X', 'OBJPATH=/a/b', 'SENDER=:1.4'],
    rule: ",interface='com.example.X',path='/a/b',sender=':1.4'",
  },
  { args: ['SENDER=org.freedesktop.DBus'], rule: ",sender='org.freedesktop.DBus'" },
  { args: ['ARG0=hello', "ARG2=it's"], rule: ",arg0='hello',arg2='it'\\''s'" },
  { args: ['ARG0=hello', 'ARG0=other'], rule: ",arg0='hello'" },
])('$args asks for signals$rule', ({ args, rule }) => {
  expect(matchRule({ args })).toBe(`type='signal'${rule}`);
});

test.each([
  { what: 'patterns', args: ['SIGNAL=He*', 'INTERFACE=com.$X', 'ARG0=[ab]'] },
  { what: 'what is not', args: ['SIGNAL!=Hello'] },
  { what: 'what may be no string', args: ['ARG0=TRUE', 'ARG1=-5', 'ARG2=1.500000', 'ARG3=/a/b'] },
  { what: 'what a bus does not compare', args: ['BUS=session', 'DESTINATION=:1.4', 'ARG64=x'] },
])('$what is left to the daemon', ({ args }) => {
  expect(matchRule({ args })).toBe("type='signal'");
});

test.each([['SIGNAL=not-a-name'], ['INTERFACE=x'], ['OBJPATH=x'], ['SENDER=com.example.Server']])(
  '%s never comes',
  (arg) => {
    expect(matchRule({ args: [arg] })).toBeUndefined();
  },
);
