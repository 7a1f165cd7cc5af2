import { describe, expect, it } from 'vitest';
import { bytesText, countText, riskText, riskTone, riskWord, rttText, ruleText, sentence, subjectText } from './format';

describe('bytesText', () => {
  it.each([
    [0, '0 B'], [999, '999 B'], [1000, '1.0 kB'], [99_449, '99.4 kB'], [999_600, '1.0 MB'], [123_456_789, '123 MB'],
    [2.5e15, '2.5 PB'], [5e18, '5000 PB'],
  ])('says %d as %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));
});

describe('rttText', () => {
  it.each([[null, '–'], [0.314, '0.31 ms'], [11.42, '11.4 ms'], [153.6, '154 ms']])('says %s as %s', (ms, text) =>
    expect(rttText(ms)).toBe(text));
});

it('counts in singular and plural', () => {
  expect(countText(1, 'alert')).toBe('1 alert');
  expect(countText(0, 'alert')).toBe('0 alerts');
  expect(countText(2, 'policy', 'policies')).toBe('2 policies');
  expect(countText(5000, 'peer')).toBe('5,000 peers');
});

describe('risk', () => {
  it('has the borders of the priorities', () => {
    expect([100, 90, 89, 70, 69, 50, 49, 30, 29, 10].map(riskWord)).toEqual([
      'critical', 'critical', 'high', 'high', 'medium', 'medium', 'low', 'low', 'slight', 'slight',
    ]);
    expect([90, 70, 50, 30, 10].map(riskTone)).toEqual(['critical', 'serious', 'warning', 'info', 'quiet']);
  });
  it('is shown with one digit', () => expect(riskText(71)).toBe('7.1'));
});

describe('names', () => {
  it('are read where they can be', () => {
    expect(ruleText('behaviour:port-scan')).toBe('Port scan');
    expect(ruleText('api:token-guessing')).toBe('Token guessing');
    expect(ruleText('suricata:9000002')).toBe('suricata:9000002');
    expect(sentence('false_positive')).toBe('False positive');
  });
  it('fall back to the address', () => {
    expect(subjectText({ subject: '100.64.0.1', subject_name: '' })).toBe('100.64.0.1');
    expect(subjectText({ subject: '100.64.0.1', subject_name: 'birch' })).toBe('birch');
  });
});
