// Tables that sort. The order is kept in the place, so that a link restores it.

import { useState, type ReactNode } from 'react';
import { sorted, type SortKey } from '../lib/search';
import { countText } from '../lib/format';
import { useParam } from './context';

export interface Column<T> {
  key: string;
  title: string;
  cell: (item: T) => ReactNode;
  /** What it is sorted by; a column without it is not. */
  by?: (item: T) => SortKey;
  isNumber?: boolean;
  /** Left out where there is little room; it has to be on the page of the item. */
  isMinor?: boolean;
}

// Rows that are drawn at first: more are a button away.
const kRowsShown = 200;

export function Table<T>({ caption, rows, columns, rowKey, order = '', param = 'sort', empty }: {
  caption: string;
  rows: readonly T[];
  columns: Column<T>[];
  rowKey: (item: T) => string | number;
  order?: string;
  param?: string;
  empty: ReactNode;
}) {
  const [sort, setSort] = useParam(param, order);
  const [shown, setShown] = useState(kRowsShown);
  if (rows.length === 0) return <>{empty}</>;
  const by = new Map(columns.map((column) => [column.key, column.by]));
  const all = sort ? sorted(rows, sort, (item, column) => by.get(column)?.(item) ?? null) : rows;
  return (
    <>
      <div className="table-room" role="region" aria-label={`${caption}, table`} tabIndex={0}>
        <table>
          <caption className="sr-only">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <Head key={column.key} column={column} sort={sort} onSort={setSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {all.slice(0, shown).map((item) => (
              <tr key={rowKey(item)}>
                {columns.map((column, index) =>
                  index === 0 ? (
                    <th key={column.key} scope="row" className={classOf(column)}>
                      {column.cell(item)}
                    </th>
                  ) : (
                    <td key={column.key} className={classOf(column)}>
                      {column.cell(item)}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {all.length > shown && (
        <p className="more">
          {countText(shown, 'row')} of {all.length.toLocaleString('en')}.{' '}
          <button type="button" onClick={() => setShown(shown + kRowsShown)}>
            Show more
          </button>
        </p>
      )}
    </>
  );
}

function Head<T>({ column, sort, onSort }: { column: Column<T>; sort: string; onSort: (sort: string) => void }) {
  if (!column.by) {
    return (
      <th scope="col" className={classOf(column)}>
        {column.title || <span className="sr-only">What can be done</span>}
      </th>
    );
  }
  const isUp = sort === column.key;
  const isDown = sort === `-${column.key}`;
  return (
    <th scope="col" className={classOf(column)} aria-sort={isUp ? 'ascending' : isDown ? 'descending' : undefined}>
      <button type="button" className="sort" onClick={() => onSort(isDown ? column.key : isUp ? `-${column.key}` : column.isNumber ? `-${column.key}` : column.key)}>
        {column.title}
        <span aria-hidden="true">{isUp ? '▲' : isDown ? '▼' : ''}</span>
      </button>
    </th>
  );
}

function classOf<T>(column: Column<T>): string {
  return `${column.isNumber ? 'number ' : ''}${column.isMinor ? 'minor' : ''}`.trim();
}
