import { expect, it } from 'vitest';
import { exactTime } from './entryTime';

it('the time of a file is told to the nanosecond', () => {
  expect(exactTime({ modified: '2026-11-21T09:12:10.1234567+00:00', nanoseconds: 123_456_789 })).toBe('2026-11-21 09:12:10.123456789 UTC');
  expect(exactTime({ modified: '2026-11-21T09:12:10Z', nanoseconds: 5 })).toBe('2026-11-21 09:12:10.000000005 UTC');
});
