// What alerts say over time: how bad it was, and how many there were.

import type { Alert } from '../api/shapes';
import { parseTime } from './time';

export interface Trend {
  /** Of the last value, in ms. */
  until: number;
  stepMs: number;
  values: (number | null)[];
}

/** The worst risk of those that were open, 0 to 10; 0: nobody attacked. */
export function riskOverTime(alerts: Alert[], now: number, spanMs: number, count = 120): Trend {
  const stepMs = spanMs / count;
  const values = new Array<number>(count + 1).fill(0);
  for (const alert of alerts) {
    const first = parseTime(alert.first) ?? now;
    const last = alert.state === 'resolved' ? (parseTime(alert.last) ?? now) : now;
    const from = Math.max(0, Math.floor((first - now + spanMs) / stepMs));
    const to = Math.min(count, Math.ceil((last - now + spanMs) / stepMs));
    for (let at = from; at <= to; at += 1) values[at] = Math.max(values[at]!, alert.risk_tenths / 10);
  }
  return { until: now, stepMs, values };
}

const kHourMs = 3_600_000;

/** Those that began in each of the last hours; the last is the one that has begun. */
export function alertsPerHour(alerts: Alert[], now: number, hours = 24): Trend {
  const until = Math.floor(now / kHourMs) * kHourMs;
  const values = new Array<number>(hours).fill(0);
  for (const alert of alerts) {
    const first = parseTime(alert.first);
    if (first === null) continue;
    const at = hours - 1 - Math.round((until - Math.floor(first / kHourMs) * kHourMs) / kHourMs);
    if (at >= 0 && at < hours) values[at] = values[at]! + 1;
  }
  return { until, stepMs: kHourMs, values };
}
