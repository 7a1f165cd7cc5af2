// What a token may (docs/api.md): so that the page does not offer what the node would refuse. The node decides.

import type { TokenSelf } from '../api/shapes';

const kAdministratorsReading = ['tokens', 'api-tokens', 'audit'];
const kRespondersWriting = ['alerts', 'silences', 'oncall', 'incidents', 'evidence', 'playbooks', 'actions'];

export function may(who: Pick<TokenSelf, 'role' | 'scopes'> | null, scope: string): boolean {
  if (!who) return false;
  if (who.scopes.length > 0 && !who.scopes.includes(scope)) return false;
  const [topic = '', how = ''] = scope.split(':');
  switch (who.role) {
    case 'administrator':
      return true;
    case 'responder':
      return how === 'read' ? topic === 'audit' || !kAdministratorsReading.includes(topic) : kRespondersWriting.includes(topic);
    case 'viewer':
      return how === 'read' && !kAdministratorsReading.includes(topic);
  }
}
