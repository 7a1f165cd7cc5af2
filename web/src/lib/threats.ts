// Alerts by whom they are about.

import type { Alert } from '../api/shapes';

export interface Threat {
  subject: string;
  name: string;
  risk: number;
  open: number;
  alerts: Alert[];
  techniques: string[];
  feeds: string[];
  actions: number[];
  incidents: number[];
  last: string;
}

export function threatsOf(alerts: Alert[]): Threat[] {
  const bySubject = new Map<string, Alert[]>();
  for (const alert of alerts) {
    const known = bySubject.get(alert.subject);
    if (known) known.push(alert);
    else bySubject.set(alert.subject, [alert]);
  }
  return [...bySubject].map(([subject, of]) => threatOf(subject, of));
}

function threatOf(subject: string, alerts: Alert[]): Threat {
  const open = alerts.filter((each) => each.state !== 'resolved');
  return {
    subject,
    name: alerts.find((each) => each.subject_name)?.subject_name ?? '',
    risk: Math.max(0, ...open.map((each) => each.risk_tenths)),
    open: open.length,
    alerts: [...alerts].sort((a, b) => b.number - a.number),
    techniques: distinct(alerts.map((each) => each.technique).filter(Boolean)),
    feeds: distinct(alerts.flatMap((each) => each.feeds)),
    actions: distinct(alerts.map((each) => each.action).filter((each) => each !== 0)),
    incidents: distinct(alerts.map((each) => each.incident).filter((each) => each !== 0)),
    last: alerts.reduce((last, each) => (each.last > last ? each.last : last), ''),
  };
}

function distinct<T>(values: T[]): T[] {
  return [...new Set(values)];
}
