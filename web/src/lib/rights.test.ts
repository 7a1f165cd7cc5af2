import { expect, it } from 'vitest';
import { may } from './rights';

const all = (role: 'viewer' | 'responder' | 'administrator', scopes: string[] = []) => ({ role, scopes });

it('lets viewers read, but neither tokens nor the audit log', () => {
  expect(may(all('viewer'), 'alerts:read')).toBe(true);
  expect(may(all('viewer'), 'audit:read')).toBe(false);
  expect(may(all('viewer'), 'api-tokens:read')).toBe(false);
  expect(may(all('viewer'), 'alerts:write')).toBe(false);
});
it('lets responders act, but not change policies', () => {
  expect(may(all('responder'), 'audit:read')).toBe(true);
  expect(may(all('responder'), 'tokens:read')).toBe(false);
  expect(may(all('responder'), 'actions:write')).toBe(true);
  expect(may(all('responder'), 'policy:write')).toBe(false);
});
it('lets administrators do everything, within the scopes of the token', () => {
  expect(may(all('administrator'), 'policy:write')).toBe(true);
  expect(may(all('administrator', ['alerts:read']), 'policy:write')).toBe(false);
  expect(may(all('viewer', ['policy:write']), 'policy:write')).toBe(false);
});
it('lets nobody do nothing', () => expect(may(null, 'alerts:read')).toBe(false));
