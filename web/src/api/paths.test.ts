import { describe, expect, it } from 'vitest';
import { ancestors, bytesOf, escapePath, join, pathArgument, unescapePath } from './paths';

const base64 = (...bytes: number[]) => ({ base64: btoa(String.fromCharCode(...bytes)) });

describe('paths', () => {
  it('shows plain names as they are', () => expect(escapePath('/etc/ssh/sshd_config')).toBe('/etc/ssh/sshd_config'));
  it('keeps letters of every script', () => expect(escapePath('/srv/קבצים/日本')).toBe('/srv/קבצים/日本'));
  it('escapes line breaks, so that one name stays one line', () => expect(escapePath('a\nb\tc')).toBe('a\\nb\\tc'));
  it('escapes a backslash, so that shown paths are unambiguous', () => expect(escapePath('a\\xE9')).toBe('a\\\\xE9'));
  it('escapes bytes that are not UTF-8', () => expect(escapePath(base64(0x63, 0xe9, 0x2e))).toBe('c\\xE9.'));
  it('escapes marks that would turn the text around', () => expect(escapePath('a\u202Etxt.exe')).toBe('a\\u{202E}txt.exe'));
  it('never shows half a character', () => expect(escapePath(base64(0xe6, 0x97))).toBe('\\xE6\\x97'));

  it('comes back from the address bar unchanged', () => {
    for (const path of ['/a b', 'a\\nb', 'x\ny', '/שלום', '\u202E', base64(0xff, 0x5c, 0x6e), base64(0xc3, 0x28)]) {
      expect(bytesOf(unescapePath(escapePath(path)))).toEqual(bytesOf(path));
    }
  });

  it('joins names of bytes', () => {
    expect(join('/', 'etc')).toBe('/etc');
    expect(join('/etc', 'ssh')).toBe('/etc/ssh');
    expect(escapePath(join('/etc', base64(0xe9)))).toBe('/etc/\\xE9');
  });

  it('travel plain only where nothing could be mistaken', () => {
    expect(pathArgument('/etc/ssh')).toBe('/etc/ssh');
    expect(pathArgument('/a\\n')).toBe('base64:L2Fcbg==');
    expect(pathArgument(base64(0x2f, 0xe9))).toBe('base64:L+k=');
  });

  it('know the way to them', () => {
    expect(ancestors('/etc/ssh/')).toEqual([{ name: 'etc', path: '/etc' }, { name: 'ssh', path: '/etc/ssh' }]);
    expect(ancestors('/')).toEqual([]);
  });
});
