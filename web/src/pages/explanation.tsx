// Why a risk is what it is: three factors, and the evidence that the confidence is made of. The bars repeat numbers that
// are written beside them.

import { readAssessment, type Judgement } from '../lib/assessment';
import { sentence } from '../lib/format';

export function Explanation({ assessment }: { assessment: unknown }) {
  const judged = readAssessment(assessment);
  if (!judged) return <pre className="text">{typeof assessment === 'string' ? assessment : JSON.stringify(assessment, null, 2)}</pre>;
  return (
    <div className="explanation">
      <p>
        <b>{judged.risk.toFixed(1)}</b> of 10, because it is {percent(judged.confidence)} sure to be an attack, would be{' '}
        {judged.severity.toFixed(1)} of 10 severe, and {percent(judged.reach)} of what matters is within its reach.
      </p>
      <table className="bars">
        <caption className="sr-only">The three factors of the risk</caption>
        <Columns />
        <thead className="sr-only">
          <tr>
            <th scope="col">Factor</th>
            <th scope="col">Drawn</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          <Bar name="Confidence" share={judged.confidence} interval={judged.interval} value={judged.confidence.toFixed(2)} more={intervalText(judged)} />
          <Bar name="Severity" share={judged.severity / 10} value={`${judged.severity.toFixed(1)} of 10`} more={judged.technique && `technique ${judged.technique}`} />
          <Bar name="Blast radius" share={judged.reach} value={percent(judged.reach)} more={judged.within} />
        </tbody>
      </table>
      {judged.terms.length > 0 && <Evidence judged={judged} />}
      <details>
        <summary>As the node says it</summary>
        <pre className="text">{String(assessment)}</pre>
      </details>
    </div>
  );
}

function intervalText(judged: Judgement): string {
  if (!judged.interval) return '';
  return `90 % between ${judged.interval[0].toFixed(2)} and ${judged.interval[1].toFixed(2)}, calibration ${judged.calibration}`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function Bar({ name, share, interval, value, more }: { name: string; share: number; interval?: [number, number] | null; value: string; more?: string }) {
  const at = (part: number) => 200 * Math.min(1, Math.max(0, part));
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="drawn">
        <svg viewBox="0 0 200 12" preserveAspectRatio="none" aria-hidden="true">
          <rect className="track" x="0" y="3" width="200" height="6" rx="3" />
          <rect className="fill" x="0" y="3" width={at(share)} height="6" rx="3" />
          {interval && <path className="whisker" d={`M${at(interval[0])} 6H${at(interval[1])}M${at(interval[0])} 1v10M${at(interval[1])} 1v10`} />}
        </svg>
      </td>
      <td>
        <b>{value}</b> {more && <span className="faint">{more}</span>}
      </td>
    </tr>
  );
}

function Evidence({ judged }: { judged: Judgement }) {
  const widest = Math.max(...judged.terms.map((each) => Math.abs(each.value)), 1);
  return (
    <>
      <h3>What the confidence is made of</h3>
      <table className="bars">
        <caption className="sr-only">Evidence for and against, in log-odds</caption>
        <Columns />
        <thead className="sr-only">
          <tr>
            <th scope="col">Evidence</th>
            <th scope="col">Drawn</th>
            <th scope="col">Log-odds</th>
          </tr>
        </thead>
        <tbody>
          {judged.terms.map((each) => (
            <tr key={each.name}>
              <th scope="row">{sentence(each.name)}</th>
              <td className="drawn">
                <svg viewBox="-100 0 200 12" preserveAspectRatio="none" aria-hidden="true">
                  <path className="whisker" d="M0 0v12" />
                  <rect
                    className={each.value < 0 ? 'against' : 'fill'}
                    x={Math.min(0, (100 * each.value) / widest)}
                    y="3"
                    width={(100 * Math.abs(each.value)) / widest}
                    height="6"
                    rx="1"
                  />
                </svg>
              </td>
              <td>
                <b>
                  {each.value < 0 ? '−' : '+'}
                  {Math.abs(each.value).toFixed(2)}
                </b>{' '}
                <span className="faint">{each.name === 'prior' ? 'how rare attacks are' : each.value < 0 ? 'speaks against it' : 'speaks for it'}</span>
              </td>
            </tr>
          ))}
        </tbody>
        {judged.logOdds !== null && (
          <tfoot>
            <tr>
              <th scope="row">Together</th>
              <td />
              <td>
                <b>{judged.logOdds.toFixed(2)}</b> <span className="faint">which is {judged.confidence.toFixed(2)} once calibrated</span>
              </td>
            </tr>
          </tfoot>
        )}
      </table>
    </>
  );
}

function Columns() {
  return (
    <colgroup>
      <col className="factors" />
      <col className="drawings" />
      <col />
    </colgroup>
  );
}
