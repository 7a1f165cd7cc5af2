import { describe, expect, it } from 'vitest';
import { readAssessment } from './assessment';

// As docs/response.md has it.
const text = `risk 7.1 (P2) = 1 + 9 x 0.93 x 0.72: confidence 0.93; severity 6.5 of 10, to the power 0.75 as 50 % of what matters is within reach
confidence 0.93, 90 % between 0.91 and 0.95 (calibration 7): log-odds 2.61 = prior -4.60 + signature 4.11 + peer report 3.10
within reach: 12 peers, 3 prefixes, 40 flows, 8 sessions
technique T1110.003 (credential-access)
`;

describe('readAssessment', () => {
  it('reads every term', () => {
    expect(readAssessment(text)).toEqual({
      risk: 7.1, priority: 'P2', confidence: 0.93, interval: [0.91, 0.95], severity: 6.5, reach: 0.5, calibration: '7',
      logOdds: 2.61, within: '12 peers, 3 prefixes, 40 flows, 8 sessions', technique: 'T1110.003 (credential-access)',
      terms: [{ name: 'prior', value: -4.6 }, { name: 'signature', value: 4.11 }, { name: 'peer report', value: 3.1 }],
    });
  });
  it('reads evidence that speaks against it', () => {
    const judged = readAssessment(text.replace('+ signature', '- signature'));
    expect(judged?.terms[1]).toEqual({ name: 'signature', value: -4.11 });
  });
  it('does without what is not there', () => {
    const judged = readAssessment(text.split('\n')[0]);
    expect(judged).toMatchObject({ risk: 7.1, interval: null, terms: [], logOdds: null, technique: '' });
  });
  it('leaves alone what it does not understand', () => {
    expect(readAssessment('risk: high')).toBeNull();
    expect(readAssessment({ risk: 7 })).toBeNull();
    expect(readAssessment(null)).toBeNull();
  });
});
