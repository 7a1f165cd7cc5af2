// What feeds say of an address, a name, a URL or a hash.

import type { Lookup } from '../api/shapes';
import { countText } from '../lib/format';
import { lengthText } from '../lib/time';
import { Fact, Facts } from '../ui/parts';

export function LookupResult({ of }: { of: Lookup }) {
  if (of.guard) return <p>It is guarded ({of.guard}): nothing is ever done against it.</p>;
  if (of.hits.length === 0) return <p>No feed names {of.what}.{of.exploited && ' It is known to be exploited.'}</p>;
  return (
    <>
      <p>
        <b>Reputation {of.reputation.toFixed(2)}</b>: {countText(of.hits.length, 'feed')} name {of.what}.{of.exploited && ' It is known to be exploited.'}
      </p>
      <Facts>
        {of.hits.map((each) => (
          <Fact key={each.feed} name={each.feed}>
            confidence {each.confidence.toFixed(2)}, {lengthText(each.age_s)} old
          </Fact>
        ))}
      </Facts>
    </>
  );
}
