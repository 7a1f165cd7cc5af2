import { describe, expect, it } from 'vitest';
import type { Alert } from '../api/shapes';
import { alertsPerHour, riskOverTime } from './trend';

const now = Date.parse('2026-11-29T12:30:00Z');
const alert = (first: string, last: string, risk_tenths: number, state: Alert['state'] = 'resolved') =>
  ({ first: `2026-11-29T${first}:00Z`, last: `2026-11-29T${last}:00Z`, risk_tenths, state }) as Alert;

describe('riskOverTime', () => {
  it('is the worst of what was open', () => {
    const { values, stepMs, until } = riskOverTime([alert('11:30', '12:00', 30), alert('11:45', '11:50', 73), alert('12:20', '12:21', 50, 'firing')], now, 3_600_000, 12);
    expect(until).toBe(now);
    expect(stepMs).toBe(300_000);
    expect(values).toEqual([3, 3, 3, 7.3, 7.3, 3, 3, 0, 0, 0, 5, 5, 5]);
  });
  it('has what began before, and nothing of what was over', () => {
    expect(riskOverTime([alert('01:00', '12:30', 90, 'acknowledged'), alert('01:00', '02:00', 95)], now, 3_600_000, 2).values).toEqual([9, 9, 9]);
  });
});

describe('alertsPerHour', () => {
  it('counts each where it began', () => {
    const trend = alertsPerHour([alert('12:29', '12:30', 1), alert('12:00', '12:30', 1), alert('11:59', '12:30', 1), alert('09:00', '12:30', 1), alert('01:00', '12:30', 1)], now, 4);
    expect(trend.values).toEqual([1, 0, 1, 2]);
    expect(new Date(trend.until).toISOString()).toBe('2026-11-29T12:00:00.000Z');
  });
  it('leaves out what has no time', () => expect(alertsPerHour([{ first: '' } as Alert], now, 2).values).toEqual([0, 0]));
});
