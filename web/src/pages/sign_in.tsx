import { useCallback, useEffect, useId, useState, type FormEvent } from 'react';
import { ownSession, problemIn, signIn, signInMethods } from '../api/client';
import type { Session } from '../api/shapes';
import { ToneIcon } from '../ui/parts';

/** `token`: of a link; it is tried first. `farewell`: why somebody was signed out; null: nobody was, there may be a session. */
export function SignIn({ token, farewell, onSignedIn }: {
  token: string;
  farewell: string | null;
  onSignedIn: (session: Session) => void;
}) {
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(farewell === null);
  // A page that is loaded again has its session: the form would only flash by.
  const [isFirst, setFirst] = useState(farewell === null);
  const [issuer, setIssuer] = useState<string | null>(null);
  const id = useId();
  useEffect(() => {
    if (!isFirst) void signInMethods().then((methods) => setIssuer(methods?.openid ?? null));
  }, [isFirst]);

  const ask = useCallback(
    async (asks: () => Promise<Session | null>) => {
      setBusy(true);
      setProblem('');
      try {
        const session = await asks();
        if (session) return onSignedIn(session);
        setFirst(false);
      } catch (error) {
        const refused = problemIn(error);
        setFirst((was) => was && refused.isOffline);
        setProblem(refused.message);
      }
      setBusy(false);
    },
    [onSignedIn],
  );
  const begin = useCallback(() => void ask(() => (token ? signIn(token) : ownSession())), [ask, token]);
  useEffect(() => {
    if (farewell === null) begin();
  }, [farewell, begin]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void ask(() => signIn(typed.trim()));
  };
  if (isFirst) {
    return (
      <main className="sign-in">
        <h1>PhantomMesh</h1>
        <p className="lead" role="status">
          {isBusy ? 'Asking the node…' : problem}
        </p>
        {!isBusy && (
          <span className="row">
            <button type="button" className="primary" onClick={begin}>
              Try again
            </button>
            <button type="button" onClick={() => setFirst(false)}>
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
      {issuer !== null && (
        <a className="button" href="/sign-in/openid">
          Sign in with {issuer}
        </a>
      )}
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
        <p>It is kept nowhere: signed in you stay until you sign out, do nothing for half an hour, or twelve hours have passed.</p>
      </details>
    </main>
  );
}
