// What was decided and done, by whom; the newest first. Each entry has the hash of the one before it in its own.

import { useState } from 'react';
import type { AuditEntry } from '../api/shapes';
import * as sources from '../api/sources';
import { matches } from '../lib/search';
import { useData, useParam } from '../ui/context';
import { Empty, Loaded, Page, Search, Time } from '../ui/parts';
import { Table, type Column } from '../ui/table';

const kPiece = 100;

const kColumns: Column<AuditEntry>[] = [
  { key: 'number', title: 'Entry', cell: (each) => each.number, by: (each) => each.number, isNumber: true },
  { key: 'at', title: 'When', cell: (each) => <Time at={each.at} />, by: (each) => each.at },
  { key: 'who', title: 'Who', cell: (each) => each.who, by: (each) => each.who },
  { key: 'what', title: 'What', cell: (each) => <What of={each} />, by: (each) => each.what },
  { key: 'outcome', title: 'Outcome', cell: (each) => <Outcome of={each} />, by: (each) => each.outcome },
  { key: 'from', title: 'From', cell: (each) => each.from, by: (each) => each.from, isMinor: true },
  { key: 'hash', title: 'Hash', cell: (each) => <span className="mono" title={each.hash}>{each.hash.slice(0, 8)}</span>, isMinor: true },
];

function What({ of }: { of: AuditEntry }) {
  return (
    <>
      {of.what} <span className="mono wrap">{of.target}</span>
    </>
  );
}

function Outcome({ of }: { of: AuditEntry }) {
  return (
    <>
      {of.outcome}
      {of.why && <span className="faint under">{of.why}</span>}
    </>
  );
}

export default function Audit() {
  const [count, setCount] = useState(kPiece);
  const view = useData(sources.audit(count));
  const [query] = useParam('q');
  return (
    <Page title="Audit" actions={<Search label="Search the log" />}>
      <Loaded view={view} what="the audit log">
        {({ entries, next_cursor }) => (
          <>
            <Table
              caption="Audit log"
              rows={entries.filter((each) => matches(query, [each.who, each.what, each.target, each.outcome, each.why, each.from]))}
              columns={kColumns}
              rowKey={(each) => each.number}
              empty={<Empty title={entries.length === 0 ? 'It is empty.' : 'No entry is like that.'} />}
            />
            {next_cursor && (
              <p className="more">
                <button type="button" onClick={() => setCount(count + kPiece)}>
                  Older entries
                </button>
              </p>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}
