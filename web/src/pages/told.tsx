// Who is told: what is under way, whose turn it is, and whether each channel works.

import { useState } from 'react';
import type { Delivery, Escalation, EscalationPolicy, Receiver, Receivers, Rota } from '../api/shapes';
import * as sources from '../api/sources';
import { linkTo } from '../lib/route';
import { deadLettersOf, levelText, policyProblem, targetsText } from '../lib/telling';
import { lengthText } from '../lib/time';
import { useData, useMay } from '../ui/context';
import { Badge, Do, Empty, Loaded, Mono, Page, Section, Time } from '../ui/parts';
import { Table, type Column } from '../ui/table';
import { useChange } from './act';
import { ReceiverTable } from './receivers';
import { AlertTabs } from './shared';
import { StandInDialog } from './stand_in';

export default function Told() {
  const receivers = useData(sources.receivers);
  const change = useChange();
  return (
    <Page title="Who is told" actions={<AlertTabs />}>
      <Loaded view={receivers} what="who can be told">
        {(known) => (
          <>
            <Section title="Under way">
              <Escalations known={known} />
            </Section>
            <Section title="On call">
              <OnCall receivers={known.receivers} />
            </Section>
            <Section
              title="Receivers"
              aside={<Do label="Read alerts.yml again" scope="defence:write" done="It is in force." action={() => change('POST', '/alerts/reload', undefined, 'receiver', 'alert', 'defence')} />}
            >
              <ConfigProblem />
              <ReceiverTable known={known} />
            </Section>
            <Section title="Where nobody answers">
              <Policies policies={known.policies} />
            </Section>
            <DeadLetters />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Escalations({ known }: { known: Receivers }) {
  const view = useData(sources.escalations);
  const columns: Column<Escalation>[] = [
    {
      key: 'alerts',
      title: 'Alerts',
      cell: (each) => (
        <span className="row">
          {each.alerts.map((number) => (
            <a key={number} href={linkTo('alerts', number)}>
              Alert {number}
            </a>
          ))}
        </span>
      ),
    },
    { key: 'next', title: 'Next', cell: (each) => levelText(each, known.policies) },
    { key: 'when', title: 'When', cell: (each) => <Time at={each.next} />, by: (each) => each.next },
    { key: 'level', title: 'Step', cell: (each) => `${each.next_level} of ${each.levels}${each.round > 1 ? `, round ${each.round}` : ''}`, isMinor: true },
    { key: 'policy', title: 'By', cell: (each) => each.policy, isMinor: true },
    { key: 'began', title: 'Began', cell: (each) => <Time at={each.began} />, by: (each) => each.began, isMinor: true },
  ];
  return (
    <Loaded view={view} what="the escalations">
      {({ escalations }) => (
        <Table
          caption="Escalations"
          param="escalations"
          rows={escalations}
          columns={columns}
          rowKey={(each) => `${each.policy} ${each.began} ${each.alerts.join()}`}
          order="when"
          empty={<Empty title="Nobody waits for an answer." />}
        />
      )}
    </Loaded>
  );
}

function OnCall({ receivers }: { receivers: Receiver[] }) {
  const view = useData(sources.onCall);
  const [asked, setAsked] = useState<Rota | null>(null);
  const mayWrite = useMay('oncall:write');
  const columns: Column<Rota>[] = [
    { key: 'rota', title: 'Rota', cell: (each) => each.rota, by: (each) => each.rota },
    { key: 'now', title: 'Now', cell: (each) => <>{each.now.who || 'nobody'} {each.now.override && <Badge tone="info">stands in</Badge>}</> },
    { key: 'until', title: 'Until', cell: (each) => <Time at={each.now.until} /> },
    { key: 'then', title: 'Then', cell: (each) => <>{each.next.who || 'nobody'} {each.next.override && <Badge tone="info">stands in</Badge>}</>, isMinor: true },
    { key: 'zone', title: 'Time zone', cell: (each) => each.time_zone, isMinor: true },
    {
      key: 'do',
      title: '',
      cell: (each) => (
        <button type="button" disabled={!mayWrite} onClick={() => setAsked(each)}>
          Stand in…
        </button>
      ),
    },
  ];
  return (
    <Loaded view={view} what="who is on call">
      {({ rotas }) => (
        <>
          <Table
            caption="On call"
            param="rotas"
            rows={rotas}
            columns={columns}
            rowKey={(each) => each.rota}
            order="rota"
            empty={
              <Empty title="There is no rota.">
                The section <code>rotas</code> of <code>alerts.yml</code> makes one.
              </Empty>
            }
          />
          {asked && <StandInDialog rota={asked} receivers={receivers} onClose={() => setAsked(null)} />}
        </>
      )}
    </Loaded>
  );
}

function ConfigProblem() {
  const problem = policyProblem(useData(sources.defence).value?.telling);
  return problem ? <p className="note serious">{problem} The one before stays in force.</p> : null;
}

function Policies({ policies }: { policies: EscalationPolicy[] }) {
  if (policies.length === 0) {
    return (
      <p className="faint">
        Nothing is named: alerts of P1 are told again after 5 and 15 minutes. The section <code>escalations</code> of <code>alerts.yml</code> says otherwise.
      </p>
    );
  }
  return (
    <>
      {policies.map((policy) => (
        <div key={policy.name}>
          <h3>
            {policy.name} <span className="faint">for {policy.priority} and what matters more</span>
          </h3>
          <ol className="levels">
            {policy.levels.map((level, index) => (
              <li key={index}>
                <b>{level.after_s === 0 ? 'At once' : `After ${lengthText(level.after_s)}`}</b>
                <span>{targetsText(level.targets) || 'whom the route tells'}</span>
              </li>
            ))}
          </ol>
          {policy.repeats > 0 && <p className="faint more">And again, {policy.repeats} times.</p>}
        </div>
      ))}
    </>
  );
}

function DeadLetters() {
  const dead = deadLettersOf(useData(sources.defence).value?.telling);
  if (dead.length === 0) return null;
  const columns: Column<Delivery>[] = [
    { key: 'put', title: 'When', cell: (each) => <Time at={each.put} />, by: (each) => each.put },
    { key: 'receiver', title: 'Receiver', cell: (each) => `${each.receiver}, ${each.channel}` },
    { key: 'where', title: 'Where', cell: (each) => <Mono>{each.destination}</Mono>, isMinor: true },
    { key: 'answer', title: 'Last answer', cell: (each) => each.answer },
  ];
  return (
    <Section title="Given up">
      <Table caption="Messages that were given up" param="dead" rows={dead} columns={columns} rowKey={(each) => each.key} order="-put" empty={null} />
    </Section>
  );
}
