// What is wrong now, what was done about it, what needs me.

import type { Action, Peer } from '../api/shapes';
import * as sources from '../api/sources';
import { countText, rttText } from '../lib/format';
import { linkTo } from '../lib/route';
import { actionText, isAway, isImported, isInForce, needsYou, verdict, wrongNow, type Fact as Said, type Known } from '../lib/state';
import { useData, useMay } from '../ui/context';
import { Empty, Loaded, Page, Section, Time, ToneIcon } from '../ui/parts';
import { AcknowledgeButton, ActionButtons } from './act';
import { Until } from './shared';
import { MeshTrends } from './trends';

const kShown = 6;
const kLately = 8;

export function Overview() {
  const alerts = useData(sources.alerts);
  const known: Known = {
    node: useData(sources.node).value,
    peers: useData(sources.peers).value?.peers,
    alerts: alerts.value?.alerts,
    actions: useData(sources.actions).value?.actions,
    defence: useData(sources.defence).value,
    feeds: useData(sources.feeds).value,
    runs: useData(sources.runs).value,
  };
  return (
    <Page title="Overview">
      <Loaded view={alerts} what="the overview">
        {() => (
          <>
            <Verdict known={known} />
            <div className="columns">
              <Section title="Needs you">
                <Sayings of={needsYou(known)} otherwise="Nothing waits for you." withActs />
              </Section>
              <Section title="Wrong now">
                <Sayings of={wrongNow(known)} otherwise="Nothing is wrong." />
              </Section>
              <Section title="Done about it">
                <Done actions={(known.actions ?? []).filter(isInForce)} peers={known.peers} />
              </Section>
            </div>
          </>
        )}
      </Loaded>
      <Mesh known={known} />
      <MeshTrends alerts={known.alerts ?? []} />
      <Lately />
    </Page>
  );
}

function Verdict({ known }: { known: Known }) {
  const { tone, text } = verdict(known);
  const { defence } = known;
  const kModes = { act: 'What attacks is blocked by itself.', watch: 'It is watched; nothing is blocked by itself.', off: 'The defence is off.' };
  return (
    <div className={`verdict ${tone}`}>
      <ToneIcon tone={tone} />
      <div>
        <p className="verdict-text">{text}</p>
        {defence && (
          <p className="faint">
            {kModes[defence.mode]} {countText(defence.packets, 'packet')} looked at since the start, {countText(defence.findings, 'finding')}.
          </p>
        )}
      </div>
    </div>
  );
}

function Sayings({ of, otherwise, withActs }: { of: Said[]; otherwise: string; withActs?: boolean }) {
  if (of.length === 0) {
    return (
      <p className="calm">
        <ToneIcon tone="good" /> {otherwise}
      </p>
    );
  }
  return (
    <ul className="sayings">
      {of.slice(0, kShown).map((each) => (
        <li key={each.key}>
          <ToneIcon tone={each.tone} />
          <div>
            <a href={each.link}>{each.text}</a>
            {each.more && <p className="faint">{each.more}</p>}
            {withActs && each.act && <Act of={each.act} />}
          </div>
        </li>
      ))}
      {of.length > kShown && <li className="faint">and {of.length - kShown} more</li>}
    </ul>
  );
}

function Act({ of }: { of: NonNullable<Said['act']> }) {
  const actions = useData(sources.actions).value?.actions;
  if (of.kind === 'acknowledge') return <AcknowledgeButton number={of.number} />;
  const action = actions?.find((each) => each.number === of.number);
  return action ? <ActionButtons action={action} /> : null;
}

function Done({ actions, peers }: { actions: Action[]; peers: Peer[] | undefined }) {
  if (actions.length === 0) return <p className="calm faint">Nothing is in force.</p>;
  return (
    <ul className="sayings">
      {actions.slice(0, kShown).map((each) => (
        <li key={each.number}>
          <ToneIcon tone="good" />
          <div>
            <a href={linkTo('actions')}>{actionText(each, peers)}</a>
            <p className="faint">
              {each.reason}; ends <Until action={each} />
            </p>
            <ActionButtons action={each} />
          </div>
        </li>
      ))}
      {actions.length > kShown && <li className="faint">and {actions.length - kShown} more</li>}
    </ul>
  );
}

function Mesh({ known }: { known: Known }) {
  const peers = known.peers;
  if (!peers) return null;
  const linked = peers.filter((each) => each.path !== 'none' && !isImported(each));
  const reached = peers.filter((each) => !isAway(each)).length;
  const direct = peers.filter((each) => each.path === 'direct').length;
  const safe = linked.filter((each) => each.post_quantum.established).length;
  const rtts = peers.map((each) => each.rtt_ms).filter((each) => each !== null).sort((a, b) => a - b);
  return (
    <Section title="The mesh" aside={<a href={linkTo('topology')}>Topology</a>}>
      <dl className="figures">
        <Figure value={`${reached.toLocaleString('en')} of ${peers.length.toLocaleString('en')}`} name="peers within reach" />
        <Figure value={`${safe.toLocaleString('en')} of ${linked.length.toLocaleString('en')}`} name="links with post-quantum keys" />
        <Figure value={direct.toLocaleString('en')} name="direct paths" />
        <Figure value={rttText(rtts[Math.floor(rtts.length / 2)] ?? null)} name="round trip, median" />
      </dl>
    </Section>
  );
}

function Figure({ value, name }: { value: string; name: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Lately() {
  const isAllowed = useMay('audit:read');
  if (!isAllowed) return null;
  return (
    <Section title="What was done" aside={<a href={linkTo('audit')}>Audit log</a>}>
      <LatelyList />
    </Section>
  );
}

function LatelyList() {
  const view = useData(sources.audit(kLately));
  return (
    <Loaded view={view} what="what happened lately">
      {({ entries }) =>
        entries.length === 0 ? (
          <Empty title="Nothing has happened." />
        ) : (
          <ol className="lately">
            {entries.slice(0, kLately).map((each) => (
              <li key={each.number}>
                <span className="faint">
                  <Time at={each.at} />
                </span>
                <span>
                  <b>{each.what}</b> {each.target} <span className="faint">by {each.who}</span>
                </span>
                <span className="faint">{each.outcome}</span>
              </li>
            ))}
          </ol>
        )
      }
    </Loaded>
  );
}
