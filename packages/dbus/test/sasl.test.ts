import { describe, expect, test } from 'vitest';
import { ClientHandshake, type Handshake, ServerHandshake } from '../src/sasl.js';

const hex = (text: string): string => Buffer.from(text).toString('hex');
const feed = (handshake: Handshake, text: string) => handshake.feed(Buffer.from(text, 'latin1'));
const server = (): Handshake => new ServerHandshake(1000, 'GUID');

describe('the server', () => {
  test.each([
    ['EXTERNAL with its uid', `AUTH EXTERNAL ${hex('1000')}`, 'OK GUID'],
    ['EXTERNAL that lets the kernel say who', 'AUTH EXTERNAL ', 'OK GUID'],
    ['EXTERNAL that is asked for its uid', `AUTH EXTERNAL\r\nDATA ${hex('1000')}`, 'DATA|OK GUID'],
    ['EXTERNAL that answers nothing when asked', 'AUTH EXTERNAL\r\nDATA', 'DATA|OK GUID'],
    ['descriptors after it', `AUTH EXTERNAL ${hex('1000')}\r\nNEGOTIATE_UNIX_FD`, 'OK GUID|AGREE_UNIX_FD'],
    ['descriptors before it', 'NEGOTIATE_UNIX_FD', 'ERROR "Need to authenticate first"'],
    ["another's uid", `AUTH EXTERNAL ${hex('0')}`, 'REJECTED EXTERNAL'],
    ['rubbish for a uid', 'AUTH EXTERNAL zz', 'REJECTED EXTERNAL'],
    ['ANONYMOUS', 'AUTH ANONYMOUS 00', 'REJECTED EXTERNAL'],
    ['a question for the mechanisms', 'AUTH', 'REJECTED EXTERNAL'],
    ['a second thought', `AUTH EXTERNAL ${hex('1000')}\r\nCANCEL`, 'OK GUID|REJECTED EXTERNAL'],
    ['data out of turn', 'DATA 31', 'ERROR "Not expecting DATA"'],
    ['an unknown command', 'HELO', 'ERROR "Unknown command"'],
  ])('answers %s', (_, lines, answers) => {
    const { send, outcome } = feed(server(), `\0${lines}\r\n`);
    expect(send.trimEnd().replaceAll('\r\n', '|')).toBe(answers);
    expect(outcome.kind).toBe('more');
  });

  test('takes everything at once, and hands on what follows', () => {
    const { outcome } = feed(server(), `\0AUTH EXTERNAL ${hex('1000')}\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\nl\x01rest`);
    expect(outcome).toEqual({ kind: 'done', rest: Buffer.from('l\x01rest'), passesDescriptors: true });
  });

  test('takes one byte after the other', () => {
    const handshake = server();
    const kinds = [...`\0AUTH EXTERNAL ${hex('1000')}\r\nBEGIN\r\n`].map((byte) => feed(handshake, byte).outcome.kind);
    expect(kinds.filter((kind) => kind === 'done')).toHaveLength(1);
    expect(kinds.at(-1)).toBe('done');
  });

  test.each([
    ['that does not begin with NUL', 'AUTH EXTERNAL\r\n', 'does not begin with a NUL byte'],
    ['that begins without authentication', '\0BEGIN\r\n', 'BEGIN before authentication'],
    ['with an endless line', `\0${'x'.repeat(20_000)}`, 'too long'],
    ['that never gets it right', `\0${'AUTH\r\n'.repeat(7)}`, 'too many failed authentications'],
    ['that never comes to an end', `\0${'HELO\r\n'.repeat(65)}`, 'too many commands'],
  ])('drops a client %s', (_, text, reason) => {
    const { outcome } = feed(server(), text);
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining(reason) });
  });
});

describe('the client', () => {
  test('says all it has to say at once', () => {
    expect(new ClientHandshake(1000).opening).toBe(`\0AUTH EXTERNAL ${hex('1000')}\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n`);
  });

  test.each([
    ['that passes descriptors', 'OK 1234\r\nAGREE_UNIX_FD\r\nl', true],
    ['that does not', 'OK 1234\r\nERROR "no"\r\nl', false],
  ])('gets on with a server %s', (_, answers, passesDescriptors) => {
    const { outcome } = feed(new ClientHandshake(0), answers);
    expect(outcome).toEqual({ kind: 'done', rest: Buffer.from('l'), passesDescriptors });
  });

  test.each([
    ['refuses it', 'REJECTED EXTERNAL\r\n', 'the server refused the authentication: REJECTED EXTERNAL'],
    ['says why it does', 'ERROR "only root may"\r\n', 'only root may'],
    ['answers otherwise', 'OK 1\r\nWHAT\r\n', 'unexpected answer in the authentication: WHAT'],
  ])('gives up when the server %s', (_, answers, reason) => {
    expect(feed(new ClientHandshake(0), answers).outcome).toEqual({ kind: 'failed', reason });
  });

  test('gets on with our server', () => {
    const client = new ClientHandshake(1000);
    const answer = feed(server(), client.opening);
    expect(feed(client, answer.send).outcome).toMatchObject({ kind: 'done', passesDescriptors: true });
  });
});
