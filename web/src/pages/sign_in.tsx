import { useEffect, useId, useState, type FormEvent } from 'react';
import { Client, problemIn } from '../api/client';
import type { TokenSelf } from '../api/shapes';
import { ToneIcon } from '../ui/parts';

/** `token`: one that is kept; it is tried first. */
export function SignIn({ token, farewell, onSignedIn, onRefused, onForget }: {
  token: string;
  farewell: string;
  onSignedIn: (token: string, who: TokenSelf) => void;
  onRefused: () => void;
  onForget: () => void;
}) {
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(token !== '');
  const id = useId();

  const tryIt = async (wanted: string, isKept: boolean) => {
    setBusy(true);
    setProblem('');
    try {
      const answer = await new Client(wanted).get<TokenSelf>('/api-tokens/self');
      if (answer) return onSignedIn(wanted, answer.value);
    } catch (error) {
      const refused = problemIn(error);
      // A token that may not even ask who it is can still be good for something.
      if (refused.status === 403) return onSignedIn(wanted, { id: '', name: '', role: 'viewer', scopes: [], expires: '' });
      if (isKept && refused.isSignedOut) onRefused();
      setProblem(refused.message);
    }
    setBusy(false);
  };
  useEffect(() => {
    if (token) void tryIt(token, true);
  }, [token]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void tryIt(typed.trim(), false);
  };
  // A tab that is loaded again has its token: the form would only flash by.
  if (token && (isBusy || problem)) {
    return (
      <main className="sign-in">
        <h1>PhantomMesh</h1>
        <p className="lead" role="status">
          {isBusy ? 'Asking the node…' : problem}
        </p>
        {!isBusy && (
          <span className="row">
            <button type="button" className="primary" onClick={() => void tryIt(token, true)}>
              Try again
            </button>
            <button type="button" onClick={onForget}>
              Another token
            </button>
          </span>
        )}
      </main>
    );
  }
  return (
    <main className="sign-in">
      <h1>PhantomMesh</h1>
      <p className="lead">Sign in with a token of this node.</p>
      <form onSubmit={submit}>
        <input type="text" name="username" autoComplete="username" value="phantommesh" readOnly hidden />
        <label htmlFor={id}>Token</label>
        <input
          id={id}
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          autoFocus
          required
          placeholder="pm_…"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {(problem || farewell) && (
          <p className="note serious" role="alert">
            <ToneIcon tone="serious" />
            <span>{problem || farewell}</span>
          </p>
        )}
        <button type="submit" className="primary" disabled={isBusy}>
          {isBusy ? 'Asking the node…' : 'Sign in'}
        </button>
      </form>
      <details>
        <summary>Where do I get one?</summary>
        <p>
          <code>phantom init</code> printed the first. Another is made on the node's machine:
        </p>
        <pre>phantom api-token create NAME --role responder</pre>
        <p>It stays in this tab, and is forgotten when you close it.</p>
      </details>
    </main>
  );
}
