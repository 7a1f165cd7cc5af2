// A question that has to be answered first. The browser's own dialog: focus stays inside, Escape closes it.

import { useEffect, useId, useRef, type ReactNode } from 'react';

export function Dialog({ title, onClose, isWide, children }: { title: string; onClose: () => void; isWide?: boolean; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} className={isWide ? 'wide' : ''} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
