import { expect, it } from 'vitest';
import type { Escalation, EscalationPolicy } from '../api/shapes';
import { deadLettersOf, levelText, policyProblem } from './telling';

const policy = { name: 'night', levels: [{ after_s: 0, targets: ['ann'] }, { after_s: 300, targets: ['rota:ops', 'bob'] }, { after_s: 900, targets: [] }] } as unknown as EscalationPolicy;
const at = (next_level: number) => ({ policy: 'night', receiver: 'team', next_level }) as Escalation;

it('says whom the next step tells', () => {
  expect([1, 2, 3, 4].map((level) => levelText(at(level), [policy]))).toEqual(['ann', 'on call in ops, bob', 'team', 'team']);
  expect(levelText({ ...at(1), policy: 'gone', receiver: '' }, [policy])).toBe('whom the route tells');
});

it('bears answers that have nothing of it', () => {
  expect(policyProblem(undefined)).toBe('');
  expect(policyProblem({ config_problem: 'line 3' })).toBe('line 3');
  expect(deadLettersOf({ kept: false })).toEqual([]);
  expect(deadLettersOf({ dead_letters_last: [{ key: 'a' }] })).toHaveLength(1);
});
