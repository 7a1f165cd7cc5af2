import { expect, it } from 'vitest';
import { linkTo, parseRoute, signInProblemIn, tokenIn, writeRoute } from './route';

it('reads a place', () => {
  expect(parseRoute('#/alerts/7?state=firing&q=a%20b')).toEqual({ path: ['alerts', '7'], params: { state: 'firing', q: 'a b' } });
  expect(parseRoute('')).toEqual({ path: [], params: {} });
  expect(parseRoute('#/')).toEqual({ path: [], params: {} });
});

it('bears what is no encoding', () => expect(parseRoute('#/peers/%zz').path).toEqual(['peers', '%zz']));

it('writes what it reads', () => {
  const route = { path: ['threats', 'fd5e::1/64'], params: { q: 'a&b=c', sort: '-risk' } };
  expect(parseRoute(writeRoute(route))).toEqual(route);
});

it('gives one link to one view', () => {
  expect(writeRoute({ path: ['alerts'], params: { q: '', state: 'firing', a: '1' } })).toBe('#/alerts?a=1&state=firing');
  expect(linkTo('incidents', 3)).toBe('#/incidents/3');
});

it('takes a token only where nothing else is', () => {
  expect(tokenIn('#token=pm_abc-_9')).toBe('pm_abc-_9');
  expect(tokenIn('#/alerts?token=pm_abc')).toBeNull();
  expect(tokenIn('#token=<script>')).toBeNull();
});

it('says why somebody is not signed in, and nothing that a link says', () => {
  expect(signInProblemIn('#sign-in=denied')).toBe('The issuer did not let you in.');
  expect(signInProblemIn('#sign-in=something-new')).toBe('That did not work. Try again.');
  expect(signInProblemIn('#sign-in=Call%20this%20number')).toBe('');
  expect(signInProblemIn('#/alerts')).toBe('');
});
