// Tables that sort. The order is kept in the place, so that a link restores it.

import { useMemo, type ReactNode } from 'react';
import { sorted, type SortKey } from '../lib/search';
import { countText } from '../lib/format';
import { useParam } from './context';
import { kRowPx, useWindow } from './window';

export interface Column<T> {
  key: string;
  title: string;
  cell: (item: T) => ReactNode;
  /** What it is sorted by; a column without it is not. */
  by?: (item: T) => SortKey;
  isNumber?: boolean;
  /** Left out where there is little room; it has to be on the page of the item. */
  isMinor?: boolean;
  /** In letters, where the table is windowed: its columns must not jump. */
  width?: number;
}

const kWidth = 12;

// With more rows than these only those in sight are in the document, all of one height.
const kWholeMax = 200;

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
  const all = useMemo(() => inOrderOf(rows, columns, sort), [rows, columns, sort]);
  const isWindowed = all.length > kWholeMax;
  const { room, from, to } = useWindow(all.length, isWindowed);
  if (rows.length === 0) return <>{empty}</>;
  const shown = isWindowed ? all.slice(from, to) : all;
  return (
    <>
      <div ref={room} className={`table-room ${isWindowed ? 'windowed' : ''}`} role="region" aria-label={`${caption}, table`} tabIndex={0}>
        <table aria-rowcount={isWindowed ? all.length + 1 : undefined}>
          <caption className="sr-only">{caption}</caption>
          {isWindowed && (
            <colgroup>
              {columns.map((column) => (
                <col key={column.key} className={classOf(column)} style={{ width: `${column.width ?? kWidth}ch` }} />
              ))}
            </colgroup>
          )}
          <thead>
            <tr aria-rowindex={isWindowed ? 1 : undefined}>
              {columns.map((column) => (
                <Head key={column.key} column={column} sort={sort} onSort={setSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {isWindowed && <Space rows={from} columns={columns.length} />}
            {shown.map((item, index) => (
              <Row key={rowKey(item)} item={item} columns={columns} at={isWindowed ? from + index + 2 : undefined} />
            ))}
            {isWindowed && <Space rows={all.length - to} columns={columns.length} />}
          </tbody>
        </table>
      </div>
      {isWindowed && <p className="more">{countText(all.length, 'row')}</p>}
    </>
  );
}

function inOrderOf<T>(rows: readonly T[], columns: Column<T>[], sort: string): readonly T[] {
  if (!sort) return rows;
  const by = new Map(columns.map((column) => [column.key, column.by]));
  return sorted(rows, sort, (item, column) => by.get(column)?.(item) ?? null);
}

function Row<T>({ item, columns, at }: { item: T; columns: Column<T>[]; at: number | undefined }) {
  return (
    <tr aria-rowindex={at}>
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
  );
}

// Where rows are that are not in the document.
function Space({ rows, columns }: { rows: number; columns: number }) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden="true" className="space">
      <td colSpan={columns} style={{ height: rows * kRowPx }} />
    </tr>
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
