// A secret that is shown this once, to be taken along.

import type { ReactNode } from 'react';
import { useSession } from './context';
import { Dialog } from './dialog';

export function ShownOnce({ title, secret, onClose, children }: { title: string; secret: string; onClose: () => void; children: ReactNode }) {
  const { say } = useSession();
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children}</p>
      <pre className="token">{secret}</pre>
      <div className="row end">
        <button type="button" onClick={() => void navigator.clipboard.writeText(secret).then(() => say('Copied.'))}>
          Copy
        </button>
        <button type="button" className="primary" onClick={onClose}>
          I have it
        </button>
      </div>
    </Dialog>
  );
}
