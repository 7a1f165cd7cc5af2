import { expect, it } from 'vitest';
import type { Alert } from '../api/shapes';
import { threatsOf } from './threats';

const alert = (more: Partial<Alert>) =>
  ({ state: 'firing', risk_tenths: 10, subject: 'a', subject_name: '', technique: '', feeds: [], action: 0, incident: 0, last: '2026', ...more }) as Alert;

it('gathers alerts by subject', () => {
  const threats = threatsOf([
    alert({ number: 1, risk_tenths: 73, technique: 'T1046', action: 4, incident: 2, last: '2026-01' }),
    alert({ number: 2, subject: 'b' }),
    alert({ number: 3, risk_tenths: 50, technique: 'T1046', subject_name: 'birch', feeds: ['x'], action: 4, last: '2026-02' }),
  ]);
  expect(threats).toHaveLength(2);
  expect(threats[0]).toMatchObject({
    subject: 'a', name: 'birch', risk: 73, open: 2, techniques: ['T1046'], feeds: ['x'], actions: [4], incidents: [2], last: '2026-02',
  });
  expect(threats[0]!.alerts.map((each) => each.number)).toEqual([3, 1]);
});

it('has no risk of what is resolved', () => {
  expect(threatsOf([alert({ number: 1, state: 'resolved', risk_tenths: 90 })])[0]).toMatchObject({ risk: 0, open: 0 });
});
