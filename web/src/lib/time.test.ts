import { describe, expect, it } from 'vitest';
import { agoText, clockText, exactText, lengthText, parseTime } from './time';

describe('lengthText', () => {
  it.each([
    [0, '0 s'], [59.9, '59 s'], [60, '1 min'], [3599, '59 min'], [3600, '1 h'], [12_000, '3 h 20 min'],
    [86_400, '1 d'], [93_600, '1 d 2 h'], [8 * 86_400 + 3600, '8 d'], [-4, '0 s'],
  ])('says %d s as %s', (seconds, text) => expect(lengthText(seconds)).toBe(text));
});

describe('agoText', () => {
  it('says the past, the future and the moment', () => {
    expect(agoText(0, 4_000)).toBe('just now');
    expect(agoText(0, 240_000)).toBe('4 min ago');
    expect(agoText(7_200_000, 0)).toBe('in 2 h');
  });
});

describe('exact values', () => {
  const at = '2026-11-29T16:20:17.512Z';
  it('names the instant in the viewer\'s zone and in UTC', () => {
    expect(exactText(at, 'Europe/Berlin')).toBe(`29 Nov 2026, 17:20:17 CET (${at})`);
  });
  it('has milliseconds in timelines', () => expect(clockText(at, 'UTC')).toBe('16:20:17.512'));
  it('knows that "" is never', () => {
    expect(parseTime('')).toBeNull();
    expect(parseTime(null)).toBeNull();
    expect(parseTime('no time')).toBeNull();
    expect(parseTime(at)).toBe(1795969217512);
  });
});
