// What is in force, or waits for a word. Everything here can be taken back.

import { useState } from 'react';
import type { Action } from '../api/shapes';
import * as sources from '../api/sources';
import { sentence } from '../lib/format';
import { linkTo } from '../lib/route';
import { matches } from '../lib/search';
import { actionText } from '../lib/state';
import { useData, useMay, useParam } from '../ui/context';
import { Badge, Choice, Empty, Loaded, Page, Search } from '../ui/parts';
import { Table, type Column } from '../ui/table';
import { ActDialog, ActionButtons } from './act';
import { Until } from './shared';

const kColumns: Column<Action>[] = [
  { key: 'what', title: 'What', cell: (each) => <What action={each} />, by: (each) => actionText(each) },
  { key: 'state', title: 'State', cell: (each) => <Badge tone={each.state === 'proposed' ? 'warning' : each.state === 'active' ? 'good' : 'quiet'}>{sentence(each.state ?? '')}</Badge>, by: (each) => each.state },
  { key: 'until', title: 'Ends', cell: (each) => <Until action={each} />, by: (each) => each.until },
  { key: 'reason', title: 'Why', cell: (each) => <Why action={each} />, by: (each) => each.reason },
  { key: 'number', title: 'Number', cell: (each) => each.number, by: (each) => each.number, isNumber: true, isMinor: true },
  { key: 'do', title: '', cell: (each) => <ActionButtons action={each} /> },
];

function What({ action }: { action: Action }) {
  return <>{actionText(action, useData(sources.peers).value?.peers)}</>;
}

// "alert 1: behaviour:port-scan" leads to the alert.
function Why({ action }: { action: Action }) {
  const found = /^alert (\d+)/.exec(action.reason);
  return found ? <a href={linkTo('alerts', found[1]!)}>{action.reason}</a> : <>{action.reason || '–'}</>;
}

export function Actions() {
  const view = useData(sources.actions);
  const [query] = useParam('q');
  const [state] = useParam('state');
  const [isAsked, setAsked] = useState(false);
  const isAllowed = useMay('actions:write');
  return (
    <Page
      title="Actions"
      actions={
        <>
          <Search label="Search actions" />
          <button type="button" className="primary" disabled={!isAllowed} onClick={() => setAsked(true)}>
            Act…
          </button>
        </>
      }
    >
      <Choice name="state" label="State" options={[['', 'All'], ['proposed', 'Proposed'], ['active', 'In force']]} />
      <Loaded view={view} what="the actions">
        {({ actions }) => (
          <Table
            caption="Actions"
            rows={actions.filter((each) => (state === '' || each.state === state) && matches(query, [actionText(each), each.reason, each.state, each.address]))}
            columns={kColumns}
            rowKey={(each) => each.number ?? 0}
            order="-number"
            empty={
              <Empty title={actions.length === 0 ? 'Nothing is in force.' : 'No action is like that.'}>
                {actions.length === 0 && <p>What the defence does by itself is listed here, and can be undone here.</p>}
              </Empty>
            }
          />
        )}
      </Loaded>
      {isAsked && <ActDialog target="" reason="by hand" onClose={() => setAsked(false)} />}
    </Page>
  );
}
