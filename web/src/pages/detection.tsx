// One detection, and why it was judged as it was.

import type { Detection } from '../api/shapes';
import { ruleText, subjectText } from '../lib/format';
import { linkTo } from '../lib/route';
import { Dialog } from '../ui/dialog';
import { Fact, Facts, Mono, Risk, Time } from '../ui/parts';
import { Explanation } from './explanation';
import { Techniques } from './shared';

export function DetectionDialog({ of, onClose }: { of: Detection; onClose: () => void }) {
  return (
    <Dialog title={`${ruleText(of.rule)} by ${subjectText(of)}`} onClose={onClose} isWide>
      <p className="lead">{of.text}</p>
      <Facts>
        <Fact name="Risk then">
          <Risk tenths={of.risk_tenths} />
        </Fact>
        <Fact name="Seen">
          <Time at={of.at} />, by {of.kind}
        </Fact>
        <Fact name="Severity">{of.severity.toFixed(1)} of 10</Fact>
        <Fact name="Confidence">
          {of.confidence.toFixed(2)}; this alone: log-odds {of.evidence < 0 ? '−' : '+'}
          {Math.abs(of.evidence).toFixed(2)}
        </Fact>
        <Fact name="Against">
          <Mono>{of.object || 'many'}</Mono>
        </Fact>
        <Fact name="Technique">
          <Techniques of={of.technique ? [of.technique] : []} />
        </Fact>
        {of.feeds.length > 0 && <Fact name="Named by">{of.feeds.join(', ')}</Fact>}
        <Fact name="Joined">
          <a href={linkTo('alerts', of.alert)}>Alert {of.alert}</a>
          {of.incident !== 0 && (
            <>
              , <a href={linkTo('incidents', of.incident)}>Incident {of.incident}</a>
            </>
          )}
        </Fact>
      </Facts>
      <h3>Why this risk</h3>
      {of.explanation ? (
        <Explanation assessment={of.explanation} />
      ) : (
        <p>
          Nothing was new in it: <a href={linkTo('alerts', of.alert)}>the alert</a> has the explanation.
        </p>
      )}
      <div className="row end">
        <button type="button" className="primary" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
