// The page's own colours, as a canvas needs them: the tokens are pairs of light and dark, which only an element resolves.

const kTokens = ['surface', 'raised', 'line', 'ink', 'faint', 'accent', 'on-accent', 'good', 'warning', 'serious', 'serious-ground', 'info'] as const;

export type Ink = Record<(typeof kTokens)[number], string> & { sans: string };

export function readInk(element: HTMLElement): Ink {
  const before = element.style.color;
  const style = getComputedStyle(element);
  const ink = { sans: style.getPropertyValue('--sans') } as Ink;
  for (const token of kTokens) {
    element.style.color = `var(--${token})`;
    ink[token] = style.color;
  }
  element.style.color = before;
  return ink;
}

/** Calls when light has become dark, by the system or by the choice of the page. */
export function watchInk(changed: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const choice = new MutationObserver(changed);
  system.addEventListener('change', changed);
  choice.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    system.removeEventListener('change', changed);
    choice.disconnect();
  };
}
